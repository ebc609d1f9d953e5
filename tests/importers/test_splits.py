"""Splits by person."""

import pytest

from microgesture.importers.splits import choose_splits
from microgesture.provenance.errors import BadInput

PEOPLE = ["anna", "ben", "cleo", "dan"]


def test_named():
    found = choose_splits(PEOPLE, ["train=anna,ben", "test=cleo"])
    assert found == {"anna": "train", "ben": "train", "cleo": "test", "dan": "unlabelled"}
    assert choose_splits(PEOPLE, ["val=cleo", "train=*"])["dan"] == "train"
    assert set(choose_splits(PEOPLE, None).values()) == {"unlabelled"}


@pytest.mark.parametrize("number", [3, 7, 20, 41])
def test_drawn(number):
    people = [f"p{n}" for n in range(number)]
    found = choose_splits(people, ["0.7,0.15,0.15"], seed=1)
    counts = [list(found.values()).count(split) for split in ("train", "val", "test")]
    assert sum(counts) == number and min(counts) >= 1
    assert abs(counts[0] - 0.7 * number) <= 1.5
    assert found == choose_splits(reversed(people), ["0.7,0.15,0.15"], seed=1)
    if number > 7:
        assert found != choose_splits(people, ["0.7,0.15,0.15"], seed=2)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["train=ana"], "nobody is called 'ana'; did you mean 'anna'"),
        (["train=anna", "test=anna"], "'anna' stands in train and in test"),
        (["train=*", "test=*"], r"'\*' stands in train and in test"),
        (["learn=anna"], "write train=NAME"),
        (["0.7,0.2"], "three shares"),
        (["0.7,0.2,0.3"], "three shares"),
        (["a,b,c"], "three shares"),
    ],
)
def test_refusals(words, message):
    with pytest.raises(BadInput, match=message):
        choose_splits(PEOPLE, words)


def test_too_few_people():
    with pytest.raises(BadInput, match="only 2 people"):
        choose_splits(["anna", "ben"], ["0.6,0.2,0.2"])
