"""The organisers' arrays: padding is cut, validation clips within training are noticed."""

import logging
import pickle

import numpy as np
import pandas as pd
import pytest

from microgesture.importers.imigue import import_imigue
from microgesture.importers.imigue_arrays import read_array_clips, to_sequence
from microgesture.provenance.errors import BadInput
from microgesture.stores.sequences import read_sequence


def write(folder, split, names, labels, lengths=None):
    generator = np.random.default_rng(len(names))
    values = generator.uniform(0.1, 0.9, (len(names), 3, 90, 22, 1)).astype(np.float32)
    for clip, length in enumerate(lengths or [40] * len(names)):
        values[clip, :, length:] = 0
    data, pickled = folder / f"{split}_data.npy", folder / f"{split}_label.pkl"
    np.save(data, values)
    pickled.write_bytes(pickle.dumps((names, labels) if labels is not None else names))
    return [str(data), str(pickled)], values


def test_padding_is_cut():
    values = np.full((3, 90, 22, 1), 0.5, np.float32)
    values[:, 40:] = 0
    values[:, 10] = 0  # nobody in the middle: not padding
    sequence = to_sequence(values)
    assert sequence.points.shape == (1, 40, 22, 3)
    assert np.flatnonzero(~sequence.present).tolist() == [10]
    assert to_sequence(values * 0).points.shape == (1, 1, 22, 3)
    assert not to_sequence(values * 0).present.any()


def test_validation_clips_in_the_training_array(tmp_path, caplog):
    train, values = write(tmp_path, "train", ["0001_0", "0005_0", "0005_1"], [3, 4, 31])
    validation, _ = write(tmp_path, "validate", ["0001_0"], [3])
    with caplog.at_level(logging.WARNING):
        sequences, clips = read_array_clips(train + validation)
    assert "1 clips of the validation array stand in the training array" in caplog.text
    splits = {clip["clip"]: clip["split"] for clip in clips}
    assert splits == {"0001_0": "val", "0005_0": "train", "0005_1": "train"}
    assert len(sequences) == len(clips) == 3
    expected = values[1, :, :40].transpose(3, 1, 2, 0)
    assert np.array_equal(sequences["0005_0"].points, expected)


def test_validation_videos_without_a_validation_array(tmp_path, caplog):
    train, _ = write(tmp_path, "train", ["0004_0", "0005_0", "0011_7"], [3, 4, 31])
    with caplog.at_level(logging.WARNING):
        _, clips = read_array_clips(train)
    assert "2 clips of the training array belong to the validation videos" in caplog.text
    assert [clip["split"] for clip in clips] == ["val", "train", "val"]


def test_import_of_arrays(tmp_path):
    names = [f"0005_{number}" for number in range(32)]
    train, _ = write(tmp_path, "train", names, list(range(32)), lengths=range(10, 42))
    validation, _ = write(tmp_path, "validate", ["0001_0"], [3])
    test, _ = write(tmp_path, "test", ["0300_0", "0300_1"], None)
    out = tmp_path / "out"
    import_imigue(tmp_path, out, arrays=train + validation + test)
    clips = pd.read_csv(out / "clips.tsv", sep="\t", dtype=str, keep_default_na=False)
    clips = clips.set_index("clip")
    assert clips["split"].value_counts().to_dict() == {"train": 32, "val": 1, "test": 2}
    assert clips.loc["0005_5", ["end", "label"]].tolist() == ["14", "5"]
    assert clips.loc["0300_1", "label"] == ""
    videos = pd.read_csv(out / "videos.tsv", sep="\t", dtype=str).set_index("video")
    assert videos.loc["0300_1", "subject"] == "video_0300"
    assert read_sequence(out / "keypoints.h5", "0005_5").layout == "imigue22"


def test_faults(tmp_path):
    train, values = write(tmp_path, "train", ["0005_0", "0005_1"], [0, 1])
    with pytest.raises(BadInput, match="takes pairs"):
        read_array_clips(train[:1])
    test, _ = write(tmp_path, "test", ["0005_1"], None)
    with pytest.raises(BadInput, match="'0005_1' is in val too"):
        read_array_clips([*train, *train, *test])
    (tmp_path / "train_label.pkl").write_bytes(pickle.dumps((["0005_0"], [0])))
    with pytest.raises(BadInput, match="1 names and 1 labels for the 2 clips"):
        read_array_clips(train)
    (tmp_path / "train_label.pkl").write_bytes(pickle.dumps((["a", "b"], [0, 32])))
    with pytest.raises(BadInput, match="label 32"):
        read_array_clips(train)
    np.save(train[0], values[:, :, :, :20])
    with pytest.raises(BadInput, match="expected \\(clips, 3, frames, 22, persons\\)"):
        read_array_clips(train)
    np.save(train[0], np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(BadInput, match=r"no readable \.npy"):
        read_array_clips(train)
