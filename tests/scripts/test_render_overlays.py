import ast
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from microgesture.figures.panel import TRACK
from microgesture.figures.skeletons import rgb_of
from microgesture.pose.layouts import get_layout
from microgesture.stores.sequences import Sequence, write_sequences
from microgesture.videos.decoding import measure
from microgesture.videos.encoding import write_video
from scripts import render_overlays

LABELS = [["turtle neck", "head"], ["biting nails", "head"], ["crossing fingers", "hands"]]


@pytest.fixture
def folder(tmp_path):
    """One video of 30 frames with four clips; the second batch is quarantined and empty."""
    generator = np.random.default_rng(0)
    frames = [generator.integers(0, 255, (48, 64, 3), dtype=np.uint8) for _ in range(30)]
    write_video(tmp_path / "v.mp4", frames, 10)
    joints = get_layout("h68").num_joints
    points = generator.uniform(10, 40, (1, 30, joints, 3)).astype(np.float32)
    points[..., 2] = 0.9
    points[:, 20:] = 0  # nobody there any more
    present = np.arange(30) < 20
    write_sequences(tmp_path / "s.h5", [("v", Sequence(points, present, "h68", 64, 48, 10.0))])
    write_sequences(tmp_path / "s2.h5", [])
    videos = pd.DataFrame(
        {
            "video": ["v", "bad"],
            "path": [str(tmp_path / "v.mp4"), "missing.mp4"],
            "fps": [10.0, 0.0],
            "status": ["ok", "quarantined"],
        }
    )
    videos.to_parquet(tmp_path / "videos.parquet")
    clips = pd.DataFrame(
        {
            "clip": ["a", "b", "c", "d"],
            "video": "v",
            "subject": "p",
            "start": [0, 8, 14, 22],
            "end": [7, 13, 19, 29],
            "split": ["train", "test", "test", "unlabelled"],
            "label": [0, -1, -1, -1],
        }
    )
    clips.to_parquet(tmp_path / "clips.parquet")
    saliency = pd.DataFrame({"clip": ["a", "b", "c", "d"]})
    saliency[["x0", "y0", "x1", "y1"]] = [5.0, 5.0, 45.0, 45.0]
    saliency["person_frames"] = [8, 6, 6, 0]
    saliency["motion"] = [[0.5] * 8, [0.2] * 6, [0.3] * 6, [0.0] * 8]
    saliency.to_parquet(tmp_path / "saliency.parquet")
    probabilities = pd.DataFrame({"clip": ["b", "c", "d"], "split": ["test", "test", "unlabelled"]})
    probabilities[["probability_0", "probability_1", "probability_2"]] = [
        [0.2, 0.7, 0.1],
        [0.1, 0.8, 0.1],
        [0.1, 0.1, 0.8],
    ]
    probabilities.to_parquet(tmp_path / "probabilities.parquet")
    return tmp_path


def run(folder, probabilities=True, **settings):
    render_overlays.render(
        [str(folder / "videos.parquet")],
        [str(folder / "clips.parquet")],
        [str(folder / "s.h5"), str(folder / "s2.h5")],
        [str(folder / "saliency.parquet")],
        [str(folder / "probabilities.parquet")] if probabilities else [],
        str(folder / "overlays"),
        "h68",
        LABELS,
        {"seconds": 1} | settings,
    )
    return sorted(path.name for path in (folder / "overlays").iterdir())


def test_one_clip_per_predicted_class(folder):
    assert run(folder) == ["01_biting-nails.mp4", "02_crossing-fingers.mp4", "streams.png"]
    frames, rate, width, height, _ = measure(folder / "overlays/01_biting-nails.mp4")
    assert frames == 12  # clip c has 6 frames: shown twice to last a second
    assert rate == pytest.approx(10)
    assert height > 96
    assert width > 128 + 300 - 2


def test_without_a_recogniser_one_clip_per_video(folder):
    assert run(folder, probabilities=False) == ["a.mp4", "streams.png"]


def test_imported_skeletons_are_drawn_without_a_video(folder):
    videos = pd.read_parquet(folder / "videos.parquet")
    videos.assign(path="").to_parquet(folder / "videos.parquet")
    # Three dimensions, in metres, no frame size.
    points = np.random.default_rng(0).uniform(-1, 1, (1, 30, 68, 4)).astype(np.float32)
    points[..., 3] = 0.9
    sequence = Sequence(points, np.ones(30, dtype=bool), "h68", 0, 0, 10.0)
    write_sequences(folder / "s.h5", [("v", sequence)])
    saliency = pd.read_parquet(folder / "saliency.parquet")
    saliency[["x0", "y0", "x1", "y1"]] = [-1.2, -1.2, 1.2, 1.2]
    saliency.to_parquet(folder / "saliency.parquet")
    assert run(folder) == ["01_biting-nails.mp4", "02_crossing-fingers.mp4", "streams.png"]
    *_, width, height, _ = measure(folder / "overlays/01_biting-nails.mp4")
    assert height >= 640
    assert width >= 940


def test_true_labels_of_labelled_clips_only(folder, monkeypatch):
    told = []
    draw = render_overlays.draw_overlay

    def remember(frames, points, layout, box, motion, text, *rest):
        told.append((text.truth, box is None, [name for name, _ in text.guesses]))
        return draw(frames, points, layout, box, motion, text, *rest)

    monkeypatch.setattr(render_overlays, "draw_overlay", remember)
    run(folder)
    run(folder, probabilities=False)
    assert told == [
        ("", False, ["biting nails", "turtle neck", "crossing fingers"]),
        ("", True, ["crossing fingers", "turtle neck", "biting nails"]),  # nobody: no crop
        ("turtle neck", False, []),
    ]


def test_the_same_input_gives_the_same_pictures(folder, monkeypatch):
    written = []
    monkeypatch.setattr(
        render_overlays,
        "write_video",
        lambda path, frames, fps, **_: written.append(b"".join(f.tobytes() for f in frames)),
    )
    run(folder)
    streams = (folder / "overlays/streams.png").read_bytes()
    run(folder)
    assert written[:2] == written[2:]
    assert (folder / "overlays/streams.png").read_bytes() == streams


def test_faces_are_hidden_in_clips_and_streams(folder, monkeypatch):
    """What is drawn on, and what the streams are made of, has no face any more."""
    seen = []
    draw, draw_streams = render_overlays.draw_overlay, render_overlays.draw_streams

    def remember(frames, points, layout, *rest):
        frames = list(frames)
        seen.append((np.stack(frames), points))
        return draw(frames, points, layout, *rest)

    def remember_streams(pictures, points, *rest, **options):
        chosen = points[:, sorted(pictures)]
        seen.append((np.stack([pictures[n] for n in sorted(pictures)]), chosen))
        return draw_streams(pictures, points, *rest, **options)

    monkeypatch.setattr(render_overlays, "draw_overlay", remember)
    monkeypatch.setattr(render_overlays, "draw_streams", remember_streams)
    run(folder, anonymise="mask", anonymise_hold_seconds=0)
    assert len(seen) == 3  # a clip with a person, one without, the streams
    nose = get_layout("h68").joints.index("nose")
    for frames, points in (seen[0], seen[2]):
        for frame, (x, y, _) in zip(frames, points[0, :, nose]):
            assert (frame[round(y), round(x)] == rgb_of(TRACK)).all()
    assert (seen[1][0] == rgb_of(TRACK)).all()  # nobody was found: the whole frame
    run(folder, anonymise="mask", anonymise_unknown="keep", anonymise_hold_seconds=0)
    assert seen[4][0].std() > 50  # as it was filmed
    run(folder)
    assert not any((frames == rgb_of(TRACK)).all(axis=-1).any() for frames, _ in seen[6:])


def test_the_truth_is_no_input():
    tree = ast.parse(Path(render_overlays.__file__).read_text())
    read = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert "truth" not in read
