import logging

import numpy as np
import pandas as pd
import pytest

from microgesture.provenance.errors import BadInput
from microgesture.stores.frames import write_frames
from microgesture.videos.decoding import index_frames
from microgesture.videos.index_store import write_frame_indexes
from scripts.summarise_segments import summarise
from tests.videos.made_videos import write_video

LABELS = [["rub", "hands"], ["nod", "head"]]
COLUMNS = ["video", "start", "end", "label", "confidence", "second", "second_confidence", "margin"]
SEGMENTS = [
    ("v", 0, 24, 0, 0.9, 2, 0.05, 0.85, "no"),
    ("v", 40, 49, 1, 0.6, 0, 0.3, 0.3, "yes"),
]
OUTPUTS = ("segments", "persons", "label_next")


@pytest.fixture
def folder(tmp_path):
    """v: 100 frames at 25 a second, a person in the first 75; w: 50 frames, no segment. The second
    batch holds nothing that can be read."""
    table = pd.DataFrame(SEGMENTS, columns=[*COLUMNS, "uncertain"])
    table.to_parquet(tmp_path / "segments_0.parquet")
    table.iloc[:0].to_parquet(tmp_path / "segments_1.parquet")
    unsure = np.tile([0.4, 0.3, 0.3], (100, 1))
    sure = np.tile([0.02, 0.02, 0.96], (50, 1))
    write_frames(
        tmp_path / "frames_0.h5",
        [("v", unsure, np.arange(100) < 75, 25.0), ("w", sure, np.ones(50, bool), 25.0)],
    )
    write_frames(tmp_path / "frames_1.h5", [])
    times = [40 * number + (1000 if number >= 40 else 0) for number in range(100)]
    index = index_frames(write_video(tmp_path / "v.mp4", 100, times=times))
    write_frame_indexes(tmp_path / "indexes_0.h5", [("v", index)])  # w has keypoints alone
    write_frame_indexes(tmp_path / "indexes_1.h5", [])
    return tmp_path


def run(folder, clips=(), on_bad_video="stop", **settings):
    files = [
        [str(folder / f"{kind}_{batch}.{ending}") for batch in range(2)]
        for kind, ending in (("segments", "parquet"), ("frames", "h5"), ("indexes", "h5"))
    ]
    outputs = {name: str(folder / f"{name}.tsv") for name in OUTPUTS}
    given = {"stretches": 50, "stretch_seconds": 1.0, **settings}
    facts = [str(path) for path in folder.glob("facts.parquet")]
    people = {"v": "ann", "w": ""}
    summarise(*files, list(clips), outputs, people, LABELS, given, facts, on_bad_video)
    return (pd.read_csv(outputs[name], sep="\t", keep_default_na=False) for name in OUTPUTS)


def test_segments_have_names_persons_and_the_times_of_their_frames(folder):
    segments, _, _ = run(folder)
    assert segments["subject"].tolist() == ["ann", "ann"]
    assert segments["name"].tolist() == ["rub", "nod"]
    assert segments["second"].tolist() == ["background", "rub"]
    assert segments["uncertain"].tolist() == ["no", "yes"]
    # The camera stood still for a second before frame 40.
    np.testing.assert_allclose(segments["start_seconds"], [0, 2.6], atol=1e-3)
    np.testing.assert_allclose(segments["end_seconds"], [1, 3.0], atol=1e-3)


def test_persons_are_counted_over_the_time_in_which_they_are_seen(folder):
    _, persons, _ = run(folder)
    assert persons["subject"].tolist() == ["ann", "ann", "video w", "video w"]
    rub, nod, *others = persons.to_dict("records")
    # 75 frames with a person are 3 s: one rub a third of it, 20 a minute.
    assert (rub["count"], float(rub["per_minute"]), float(rub["share"])) == (1, 20.0, 0.3333)
    assert float(rub["total_seconds"]) == 1.0 and float(rub["observed_seconds"]) == 3.0
    assert float(nod["total_seconds"]) == 0.4 and nod["name"] == "nod"
    assert [row["count"] for row in others] == [0, 0]


def test_what_to_annotate_next(folder):
    _, _, stretches = run(folder, stretches=3)
    # Of the four seconds of v nobody is there in the last one; w is sure and comes last.
    assert stretches["rank"].tolist() == [1, 2, 3]
    assert set(stretches["video"]) <= {"v", "w"} and stretches["video"].iloc[0] == "v"
    assert (stretches["end"] < 75).all() and stretches["name"].iloc[0] == "rub"
    _, _, none = run(folder, stretches=0)
    assert none.empty


def test_what_is_annotated_already_is_left_out(folder):
    clips = pd.DataFrame(
        {
            "clip": ["a", "b"], "video": ["v", "v"], "start": [0, 30], "end": [29, 49],
            "split": ["train", "unlabelled"], "label": [0, -1],
        }
    )  # fmt: skip
    clips.to_parquet(folder / "clips.parquet")
    _, _, stretches = run(folder, [str(folder / "clips.parquet")])
    of_v = stretches[stretches["video"] == "v"]
    assert of_v["start"].tolist() == [50]  # 0 to 24 and 25 to 49 touch the labelled clip


def test_a_video_that_cannot_be_read_is_never_left_out_silently(folder, caplog):
    rows = [("v", "ok", ""), ("x", "quarantined", "x.mp4: is empty")]
    facts = pd.DataFrame(rows, columns=["video", "status", "problem"])
    facts.to_parquet(folder / "facts.parquet")
    with pytest.raises(BadInput, match="1 unreadable video") as error:
        run(folder)
    assert "x.mp4: is empty" in str(error.value) and "on_bad_video: quarantine" in str(error.value)
    assert not (folder / "segments.tsv").exists()
    with caplog.at_level(logging.WARNING):
        segments, *_ = run(folder, on_bad_video="quarantine")
    assert len(segments) == 2 and "quarantined: x.mp4: is empty" in caplog.text
