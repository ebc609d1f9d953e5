import re

import cv2
import numpy as np
import pandas as pd
import pytest

from microgesture.configuration.checked import load_schema
from microgesture.inspection.limits import Limits
from microgesture.pose.layouts import get_layout
from microgesture.stores.sequences import Sequence, Track, write_sequences
from microgesture.videos.encoding import write_video
from scripts import inspect_data

SETTINGS = {"videos_shown": 10, "examples": 4}


@pytest.fixture
def folder(tmp_path):
    """A good video, a dark one without hands where the track jumps, one that cannot be read."""
    generator = np.random.default_rng(0)
    picture = cv2.resize(generator.integers(40, 220, (6, 8, 3), dtype=np.uint8), (64, 48))
    frames = [np.roll(picture, 3 * number, axis=1) for number in range(30)]
    write_video(tmp_path / "good.mp4", frames, 10)
    write_video(tmp_path / "dark.mp4", [frame // 10 for frame in frames], 10)
    joints = get_layout("h68").num_joints
    points = generator.uniform(5, 40, (1, 30, joints, 3)).astype(np.float32)
    points[..., 2] = 0.9
    present = np.ones(30, bool)
    bare = points.copy()
    for side in ("left", "right"):
        bare[:, :, list(get_layout("h68").parts[f"{side}_hand"])] = 0
    tracks = (
        Track(0, 14, 1, "alone", 0.9, 0.9, False),
        Track(15, 29, 2, "largest", 0.9, 0.9, True),
    )
    write_sequences(
        tmp_path / "s.h5",
        [
            ("good", Sequence(points, present, "h68", 64, 48, 10.0)),
            ("dark", Sequence(bare, present, "h68", 64, 48, 10.0, tracks)),
        ],
    )
    facts = pd.DataFrame(
        {
            "video": ["good", "dark", "bad"],
            "path": [str(tmp_path / "good.mp4"), str(tmp_path / "dark.mp4"), "bad.mp4"],
            "batch": "b0",
            "fps": [10.0, 10.0, 0.0],
            "frames": [30, 30, 0],
            "width": [64, 64, 0],
            "height": [48, 48, 0],
            "status": ["ok", "ok", "quarantined"],
            "problem": ["", "", "bad.mp4: <cut> short"],
        }
    )
    facts.to_parquet(tmp_path / "facts.parquet")
    clips = pd.DataFrame(
        {
            "clip": ["a", "b", "c", "d"],
            "video": ["good", "good", "dark", "dark"],
            "batch": "b0",
            "subject": ["ann", "ann", "ben", "ben"],
            "start": [0, 10, 0, 12],
            "end": [9, 19, 9, 12],
            "split": ["train", "train", "test", "test"],
            "label": [0, 1, -1, -1],
        }
    )
    clips.to_parquet(tmp_path / "clips.parquet")
    lost = "clip\tvideo\tsubject\tsplit\tproblem\ne\tbad\tcay\ttrain\tbad.mp4: <cut> short\n"
    (tmp_path / "lost.tsv").write_text(lost)
    truth = {"clip": ["c", "d"], "video": "dark", "subject": "ben", "label": [0, 0]}
    pd.DataFrame(truth).to_parquet(tmp_path / "truth.parquet")
    crops = pd.DataFrame({"clip": ["a", "b", "c", "d"]})
    crops[["x0", "y0", "x1", "y1"]] = [5.0, 5.0, 45.0, 45.0]
    crops["person_frames"] = [10, 10, 10, 1]
    crops["motion"] = [[0.5] * 10, [0.2] * 10, [0.3] * 10, [0.0]]
    crops.to_parquet(tmp_path / "saliency.parquet")
    return tmp_path


def run(folder, sheet=None, **settings):
    inputs = {
        "facts": [str(folder / "facts.parquet")],
        "frame_indexes": [],
        "keypoints": [str(folder / "s.h5")],
        "skeletons": [str(folder / "s.h5")],
        "saliency": [str(folder / "saliency.parquet")],
        "clips": [str(folder / "clips.parquet")],
        "lost": [str(folder / "lost.tsv")],
        "truth": [str(folder / "truth.parquet")],
    }
    outputs = {"page": str(folder / "page.html"), "findings": str(folder / "findings.tsv")}
    sheet = {"names": ["neck & nape", "lips"], "rates": {}, "regions": {}} | (sheet or {})
    inspect_data.inspect_data(inputs, outputs, sheet, "h68", SETTINGS | settings)
    page = (folder / "page.html").read_text(encoding="utf-8")
    return page, pd.read_csv(folder / "findings.tsv", sep="\t", keep_default_na=False)


def test_what_is_wrong_stands_in_page_and_table(folder):
    page, found = run(folder, {"rates": {"good": 25.0}})
    told = set(zip(found["severity"], found["where"], found["seen"]))
    assert ("serious", "video bad", "1 clip lost: bad.mp4: <cut> short") in told
    assert ("serious", "clip d", "1 frame") in told
    assert ("warning", "video dark", "1 time: frame 15") in told
    assert ("warning", "video dark", "up to 2 people") in told
    assert ("warning", "video dark", "in 0 %") in told
    assert ("warning", "video good", "sheet 25, file 10 frames per second") in told
    assert ("warning", "lips", "0 test clips") in told  # the truth of test clips is counted
    assert not any(where == "video good" and "level" in seen for _, where, seen in told)
    assert any(where == "video dark" and "level" in seen for _, where, seen in told)
    for text in ("bad.mp4: &lt;cut&gt; short", "neck &amp; nape", "up to 2 people"):
        assert text in page
    assert page.index("Videos that cannot be read") < page.index("up to 2 people")
    assert page.index("up to 2 people") < page.index("Classes, people, splits")


def test_the_page_holds_everything_itself(folder):
    page, _ = run(folder)
    addresses = re.findall(r'(?:src|href)="([^"]{0,30})', page)
    assert len(addresses) >= 8 and all(address.startswith("data:image/") for address in addresses)
    assert "<script" not in page and "http://" not in page and "https://" not in page
    assert "Content-Security-Policy" in page


def test_classes_of_test_clips_stand_below_no_example(folder):
    page, _ = run(folder)
    captions = re.findall(r"<figcaption>(.*?)</figcaption>", page)
    assert "neck &amp; nape, a, video good, train" in captions
    assert [text for text in captions if text.endswith("test")] == ["c, video dark, test"]


def test_numbers_of_videos_and_examples(folder):
    page, _ = run(folder, videos_shown=1, examples=1)
    assert page.count('class="strip"') == 1 and page.count("<figcaption>") == 1
    assert "1 of 2, those with something to look at first" in page
    page, _ = run(folder, examples=0)
    assert "<figcaption>" not in page and "Examples" not in page


def test_recordings_without_pictures(folder):
    facts = pd.read_parquet(folder / "facts.parquet")
    facts.assign(path="").to_parquet(folder / "facts.parquet")
    points = np.random.default_rng(0).uniform(-1, 1, (1, 30, 68, 4)).astype(np.float32)
    points[..., 3] = 0.9
    metres = Sequence(points, np.ones(30, bool), "h68", 0, 0, 10.0)
    write_sequences(folder / "s.h5", [("good", metres), ("dark", metres)])
    page, found = run(folder)
    assert not found["what"].str.contains("dark|bright|contrast|camera").any()
    assert page.count("<figcaption>") > 0


def test_nothing_labelled(folder):
    clips = pd.read_parquet(folder / "clips.parquet")
    clips.assign(label=-1, split="unlabelled", subject="").to_parquet(folder / "clips.parquet")
    pd.DataFrame(columns=["clip", "video", "subject", "label"]).to_parquet(folder / "truth.parquet")
    page, found = run(folder, {"names": []})
    assert found["what"].str.startswith("No clip has a label").any()
    assert "Clips per class" not in page


def test_settings_are_those_of_the_schema():
    known = load_schema()["properties"]["inspect_data"]["properties"]
    values = {name: entry["default"] for name, entry in known.items()}
    assert {"videos_shown", "examples"} <= set(values)
    del values["videos_shown"], values["examples"]
    assert Limits(**values) == Limits()
