"""The rule's function: labels of test clips, and of no others."""

import pandas as pd

from scripts.index_truth import index_truth


def test_labels_of_test_clips_alone(tmp_path):
    clips = {
        "clip": ["b", "a", "c"],
        "video": ["v", "v", "w"],
        "subject": ["ann", "ann", "bob"],
        "split": ["test", "test", "train"],
        "label": [1, -1, 0],
    }
    index_truth(clips, tmp_path / "labels.parquet")
    table = pd.read_parquet(tmp_path / "labels.parquet")
    assert table.values.tolist() == [["b", "v", "ann", 1]]
