"""Splits by person: named, or drawn by shares."""

import random
from collections.abc import Iterable, Sequence

from microgesture.provenance.errors import BadInput
from microgesture.tables.problems import nearest

NAMES = ("train", "val", "test")
OTHERS = "*"


def choose_splits(
    subjects: Iterable[str], words: Sequence[str] | None, seed: int = 0
) -> dict[str, str]:
    """subject -> train | val | test | unlabelled.

    words: None or [] = everybody is unlabelled. ["train=ann,bob", "val=cleo", "test=*"] names
    people, "*" being all who are not named; who is named nowhere is unlabelled. ["0.7,0.15,0.15"]
    draws: shares of the people for train, val and test, at least one person wherever the share is
    not zero; `seed` says which draw. Raises BadInput.
    """
    people = sorted(set(subjects))
    if not words:
        return dict.fromkeys(people, "unlabelled")
    if len(words) == 1 and "=" not in words[0]:
        return _drawn(people, words[0], seed)
    chosen: dict[str, str] = {}
    others = None
    for word in words:
        split, equals, names = word.partition("=")
        if not equals or split not in NAMES:
            raise BadInput(
                f"--split {word!r}: write train=NAME,NAME val=NAME test=NAME, or shares such as "
                f"0.7,0.15,0.15"
            )
        for name in (name.strip() for name in names.split(",")):
            if name == OTHERS:
                if others not in (None, split):
                    raise BadInput(f"--split: {OTHERS!r} stands in {others} and in {split}")
                others = split
            elif name not in people:
                hint = nearest(name, people)
                near = f"did you mean {hint!r}?" if hint else f"there are {', '.join(people)}"
                raise BadInput(f"--split {word!r}: nobody is called {name!r}; {near}")
            elif chosen.setdefault(name, split) != split:
                raise BadInput(f"--split: {name!r} stands in {chosen[name]} and in {split}")
    return {name: chosen.get(name, others or "unlabelled") for name in people}


def _drawn(people: list[str], word: str, seed: int) -> dict[str, str]:
    try:
        shares = [float(part) for part in word.split(",")]
    except ValueError:
        shares = []
    if len(shares) != 3 or min(shares) < 0 or abs(sum(shares) - 1) > 0.011:
        raise BadInput(
            f"--split {word!r}: write three shares that sum to 1, such as 0.7,0.15,0.15, or names: "
            f"train=NAME,NAME val=NAME test=NAME"
        )
    needed = sum(share > 0 for share in shares)
    if len(people) < needed:
        raise BadInput(
            f"--split {word!r}: there are only {len(people)} people ({', '.join(people)}) for "
            f"{needed} splits; a person may stand in one only"
        )
    counts = [max(round(share * len(people)), 1) if share else 0 for share in shares]
    while sum(counts) != len(people):  # rounding: give to or take from the largest
        largest = counts.index(max(counts))
        counts[largest] += 1 if sum(counts) < len(people) else -1
    shuffled = list(people)
    random.Random(seed).shuffle(shuffled)
    splits = [split for split, count in zip(NAMES, counts) for _ in range(count)]
    return dict(zip(shuffled, splits))
