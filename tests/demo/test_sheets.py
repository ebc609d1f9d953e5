from pathlib import Path

import pandas as pd

from microgesture.demo.sheets import demo_tables, write_sheets

DEMO = Path(__file__).parents[2] / "demo"


def test_the_committed_sheets_are_what_the_command_writes(tmp_path):
    written = write_sheets(tmp_path)
    names = ["videos.tsv", "new_videos.tsv", "clips.tsv", "labels.tsv"]
    assert [path.name for path in written] == names
    for path in written:
        assert (DEMO / path.name).read_bytes() == path.read_bytes()


def test_columns_and_subjects_of_splits():
    tables = demo_tables()
    videos, clips, labels = tables["videos"], tables["clips"], tables["labels"]
    assert list(videos) == ["video", "path", "subject", "annotated"]
    assert set(videos["annotated"]) == {"yes"}
    new = tables["new_videos"]
    assert not set(new["video"]) & set(videos["video"])
    assert not set(new["subject"]) & set(videos["subject"])
    assert not set(new["video"]) & set(clips["video"])
    assert list(clips) == ["clip", "video", "start", "end", "label", "split"]
    assert list(labels) == ["label", "name", "description", "group"]
    assert videos["path"][0] == "results/demo_videos/s01.mp4"
    assert clips["clip"].is_unique
    assert labels["label"].tolist() == list(range(10))
    assert labels["name"].is_unique
    merged = clips.merge(videos, on="video")
    assert (merged.groupby("subject")["split"].nunique() == 1).all()


def test_other_frame_rates_scale_the_sheet(tmp_path):
    at_15 = demo_tables()["clips"]
    at_30 = demo_tables(fps=30.0)["clips"]
    length = lambda table: table["end"] - table["start"] + 1  # noqa: E731
    assert (abs(length(at_30) - 2 * length(at_15)) <= 2).all()
    assert pd.Series.equals(at_15["label"], at_30["label"])
