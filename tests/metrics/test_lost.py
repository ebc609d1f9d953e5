import pandas as pd

from microgesture.metrics.lost import quarantine_table

CLIPS = pd.DataFrame(
    {
        "clip": ["a1", "a2", "b1", "b2", "b3", "c1", "c2"],
        "video": ["a", "a", "b", "b", "b", "c", "c"],
        "split": ["train", "test", "train", "test", "test", "unlabelled", "val"],
        "problem": ["", "", *["no picture"] * 3, "", ""],
    }
)


def test_every_lost_clip_has_a_place():
    table = quarantine_table(CLIPS, {"a2", "c2"})
    assert table.columns.tolist() == ["video", "problem", "train", "val", "test", "unlabelled"]
    assert table.values.tolist() == [
        ["b", "no picture", 1, 0, 2, 0],
        ["c", "clips without a prediction", 0, 0, 0, 1],
    ]


def test_nothing_lost_is_a_table_without_rows():
    table = quarantine_table(CLIPS.assign(problem=""), set(CLIPS["clip"]))
    assert len(table) == 0
    assert table.columns.tolist() == ["video", "problem", "train", "val", "test", "unlabelled"]
