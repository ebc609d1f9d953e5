import numpy as np
import pandas as pd
import pytest

from microgesture.videos.decoding import index_frames
from microgesture.videos.index_store import write_frame_indexes
from scripts.export_segments import export
from tests.videos.made_videos import write_video

LABELS = [[0, "rub", "Rubs the hands.", "hands"], [1, "nod", "Nods.", "head"]]
FORMATS = ["elan", "boris", "csv", "webvtt"]
COLUMNS = ["video", "subject", "start", "end", "label", "name", "confidence", "second"]
ROWS = [
    ("v", "ann", 0, 9, 0, "rub", 0.91, "nod"),
    ("v", "ann", 20, 29, 1, "nod", 0.42, "background"),
]


@pytest.fixture
def folder(tmp_path):
    index = index_frames(write_video(tmp_path / "v.mp4", 40))
    write_frame_indexes(tmp_path / "indexes.h5", [("v", index), ("w", index)])
    pd.DataFrame(ROWS, columns=COLUMNS).to_csv(tmp_path / "segments.tsv", sep="\t", index=False)
    return tmp_path


def run(folder, formats=FORMATS, name="out", extra=()):
    videos = [["v", str(folder / "v.mp4"), "ann"], ["w", str(folder / "w.mp4"), ""], *extra]
    files = str(folder / "segments.tsv"), [str(folder / "indexes.h5")], str(folder / name)
    export(*files, videos, LABELS, {"formats": formats})
    return folder / name


def test_every_format_is_written(folder):
    out = run(folder)
    found = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert {"segments_frames.csv", "segments_seconds.csv", "boris/project.boris"} <= found
    assert {"elan/v.eaf", "webvtt/v.vtt"} <= found
    text = (out / "elan" / "v.eaf").read_text(encoding="utf-8")
    assert "rub" in text and "ann" in text and "Rubs the hands." in text
    assert (out / "webvtt" / "v.vtt").read_text(encoding="utf-8").startswith("WEBVTT")


def test_frames_and_seconds(folder):
    out = run(folder, ["csv"])
    frames, seconds = (
        pd.read_csv(out / f"segments_{unit}.csv", keep_default_na=False)
        for unit in ("frames", "seconds")
    )
    assert frames[["video", "subject", "start", "end", "class"]].values.tolist() == [
        ["v", "ann", 0, 9, "rub"], ["v", "ann", 20, 29, "nod"],
    ]  # fmt: skip
    assert frames["confidence"].tolist() == [0.91, 0.42]
    np.testing.assert_allclose(seconds[["start", "end"]], [[0, 0.4], [0.8, 1.2]], atol=1e-6)
    assert {path.name for path in out.iterdir()} == {"segments_frames.csv", "segments_seconds.csv"}


def test_a_video_that_cannot_be_read_is_left_out(folder):
    out = run(folder, ["csv"], extra=[["lost", "lost.mp4", "bob"]])
    assert set(pd.read_csv(out / "segments_frames.csv")["video"]) == {"v"}


def test_no_segment_at_all(folder):
    table = pd.DataFrame(columns=COLUMNS)
    table.to_csv(folder / "segments.tsv", sep="\t", index=False)
    out = run(folder)
    assert pd.read_csv(out / "segments_frames.csv").empty


def test_names_of_videos_and_classes_that_look_like_numbers(folder):
    table = pd.DataFrame(ROWS, columns=COLUMNS).assign(video="007", name="1")
    table.to_csv(folder / "segments.tsv", sep="\t", index=False)
    index = index_frames(folder / "v.mp4")
    write_frame_indexes(folder / "indexes.h5", [("007", index)])
    export(
        str(folder / "segments.tsv"), [str(folder / "indexes.h5")], str(folder / "out"),
        [["007", str(folder / "v.mp4"), "12"]], [[0, "1", "", ""]], {"formats": ["csv"]},
    )  # fmt: skip
    found = pd.read_csv(folder / "out" / "segments_frames.csv", dtype=str)
    assert found[["video", "subject", "class"]].values.tolist() == [["007", "12", "1"]] * 2
