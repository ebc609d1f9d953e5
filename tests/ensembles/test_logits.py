import numpy as np
import pandas as pd
import pytest

from microgesture.ensembles.logits import (
    read_logits,
    read_same_clips,
    read_tables,
    training_counts,
    validation_rows,
)
from microgesture.provenance.errors import BadInput


def write(path, clips, values, splits="test"):
    table = pd.DataFrame({"clip": clips, "split": splits})
    for label, column in enumerate(np.asarray(values, dtype=np.float32).T):
        table[f"logit_{label}"] = column
    table.to_parquet(path, index=False)
    return path


def test_reads_in_the_order_of_clips(tmp_path):
    path = write(tmp_path / "a.parquet", ["b", "a"], [[1, 2], [3, 4]], ["val", "test"])
    logits = read_logits(path)
    assert logits.clips.tolist() == ["a", "b"]
    assert logits.splits.tolist() == ["test", "val"]
    np.testing.assert_array_equal(logits.values, [[3, 4], [1, 2]])
    assert logits.values.dtype == np.float64


def test_more_than_ten_classes_stay_in_numeric_order(tmp_path):
    path = write(tmp_path / "a.parquet", ["a"], [np.arange(12)])
    np.testing.assert_array_equal(read_logits(path).values[0], np.arange(12))


def test_bad_tables_are_refused(tmp_path):
    with pytest.raises(BadInput, match=r"a\.parquet: clip 'a' stands in more than one row"):
        read_logits(write(tmp_path / "a.parquet", ["a", "a"], [[1, 2], [3, 4]]))
    with pytest.raises(BadInput, match="logits of clip 'b' and 0 other"):
        read_logits(write(tmp_path / "b.parquet", ["a", "b"], [[1, 2], [np.nan, 4]]))
    pd.DataFrame({"clip": ["a"], "logit_0": [1.0]}).to_parquet(tmp_path / "c.parquet")
    with pytest.raises(BadInput, match="needs clip, split and logit_0"):
        read_logits(tmp_path / "c.parquet")


def test_members_must_hold_the_same_clips_and_classes(tmp_path):
    first = write(tmp_path / "first.parquet", ["a", "b"], [[1, 2], [3, 4]])
    other = write(tmp_path / "other.parquet", ["a", "c"], [[1, 2], [3, 4]])
    wide = write(tmp_path / "wide.parquet", ["a", "b"], [[1, 2, 3], [3, 4, 5]])
    with pytest.raises(BadInput, match=r"hold different clips \(2, first: 'b'"):
        read_same_clips([first, other])
    with pytest.raises(BadInput, match=r"3 classes, but .*first\.parquet has 2"):
        read_same_clips([first, wide])
    assert len(read_same_clips([first, first])) == 2


def test_only_labelled_validation_clips_calibrate(tmp_path):
    logits = read_logits(write(tmp_path / "a.parquet", list("abcd"), np.zeros((4, 2))))
    clips = pd.DataFrame(
        {
            "clip": list("abcde"),
            "split": ["test", "val", "val", "train", "val"],
            "label": [1, 1, -1, 0, 0],
        }
    )
    rows, labels = validation_rows(logits, clips)
    assert rows.tolist() == [1]
    assert labels.tolist() == [1]
    with pytest.raises(BadInput, match="no labelled validation clip"):
        validation_rows(logits, clips[clips["split"] != "val"])


def test_empty_batches_keep_the_types(tmp_path):
    full = pd.DataFrame({"clip": ["a"], "label": [3]})
    full.to_parquet(tmp_path / "full.parquet")
    pd.DataFrame({"clip": [], "label": []}).to_parquet(tmp_path / "empty.parquet")
    table = read_tables([tmp_path / "empty.parquet", tmp_path / "full.parquet"])
    pd.testing.assert_frame_equal(table, full)
    assert len(read_tables([tmp_path / "empty.parquet"])) == 0


def test_training_counts_are_of_labelled_training_clips():
    splits = ["train", "train", "train", "val", "test", "unlabelled"]
    clips = pd.DataFrame({"split": splits, "label": [2, 2, 0, 1, -1, -1]})
    assert training_counts(clips, 4).tolist() == [1, 0, 2, 0]
