import pandas as pd
import pytest

from microgesture.configuration.folds import fold_splits, number_of_folds, parts_of_people
from microgesture.provenance.errors import BadInput

# eight people of six clips in three classes, and a clip nobody labelled
CLIPS = pd.DataFrame(
    [(f"{person}{k}", f"v{person}", person, k % 3) for person in "abcdefgh" for k in range(6)]
    + [("x", "va", "a", -1)],
    columns=["clip", "video", "subject", "label"],
)


@pytest.mark.parametrize("folds", [4, 8, "leave_one_out"])
def test_every_person_is_tested_once_and_never_taught_to_its_tester(folds):
    count = number_of_folds(CLIPS, folds)
    tested = []
    for fold in range(count):
        splits = fold_splits(CLIPS, folds, seed=0, fold=fold)
        people = {s: set(CLIPS["subject"][splits == s]) for s in ("train", "val", "test")}
        assert people["train"] and people["val"] and people["test"]
        labelled = CLIPS["label"] >= 0
        for one, other in (("train", "val"), ("train", "test"), ("val", "test")):
            a = set(CLIPS["subject"][(splits == one) & labelled])
            assert not a & set(CLIPS["subject"][(splits == other) & labelled])
        assert splits[CLIPS["clip"] == "x"].item() == "unlabelled"
        tested += sorted(set(CLIPS["subject"][splits == "test"]))
    assert sorted(tested) == list("abcdefgh")


def test_the_order_of_the_rows_does_not_matter():
    parts = parts_of_people(CLIPS, 4, seed=1)
    mixed = CLIPS.sample(frac=1, random_state=3)
    assert parts_of_people(mixed, 4, seed=1).loc[CLIPS.index].equals(parts)


def test_too_few_people_are_told():
    with pytest.raises(BadInput, match=r"folds: 9: .* 8 people .* from 3 to 8"):
        number_of_folds(CLIPS, 9)
    two = CLIPS[CLIPS["subject"].isin(["a", "b"])]
    with pytest.raises(BadInput, match="leave_one_out with at least three"):
        number_of_folds(two, "leave_one_out")
