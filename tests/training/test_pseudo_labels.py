"""The last door: what is no target cannot be added to a training set."""

import pandas as pd
import pytest

from microgesture.datasets.clips import load_clips
from microgesture.provenance.errors import BadInput
from microgesture.training.modality import add_pseudo_labels
from tests.datasets.synthetic import write_stores


def load(folder, extra, change=None):
    """Clips of train (a, b, c) and val (d), and those of test (e) and unlabelled (f) in `extra`."""
    stores = write_stores(folder)
    for path in stores["clips"] if change else []:
        change(pd.read_parquet(path)).to_parquet(path)
    return load_clips(
        *(stores[kind] for kind in ("clips", "skeletons", "saliency", "rgb")),
        layout="coco17",
        splits=("train", "val"),
        use_skeletons=True,
        use_rgb=False,
        extra=extra,
    )


def test_targets_get_label_and_weight(tmp_path):
    clips = load(tmp_path, {"e_1", "f_2"})
    added = add_pseudo_labels(clips, {"f_2": 2, "e_1": 1}, 0.5)
    assert [clips.clips[number] for number in added] == ["e_1", "f_2"]
    assert clips.labels[added].tolist() == [1, 2]
    assert clips.weights[added].tolist() == [0.5, 0.5]
    assert set(clips.groups) == {f"subject {name}" for name in "abcdef"}


@pytest.mark.parametrize("person", ["a", "d"])
def test_a_window_of_a_training_or_validation_person_is_refused(tmp_path, person):
    def change(table):
        return table.assign(subject=table["subject"].replace("f", person))

    clips = load(tmp_path, {"f_2"}, change)
    match = rf"'f_2' \(unlabelled, subject {person}\) is no target clip"
    with pytest.raises(BadInput, match=match):
        add_pseudo_labels(clips, {"f_2": 2}, 0.5)


def test_where_nobody_is_known_the_video_counts(tmp_path):
    clips = load(tmp_path, {"e_1"}, lambda table: table.assign(subject=""))
    assert len(add_pseudo_labels(clips, {"e_1": 2}, 0.5)) == 1
    with pytest.raises(BadInput, match=r"'d_1' \(val, video d\) is no target clip"):
        add_pseudo_labels(clips, {"d_1": 2}, 0.5)
