"""What a number stands on, in words: the protocol, the clips, the people and the seed."""

import numpy as np
import pandas as pd

from microgesture.metrics.groups import MIXED, SUBJECT, VIDEO, kind_of_groups

MODES_IN_WORDS = {
    "transductive": "pseudo-labels were chosen on the scored clips, never with their labels",
    "inductive": "no clip of a scored person was used in training, with or without labels",
    "transductive (pre-training)": "networks were pre-trained on clips of scored people, never "
    "with their labels",
    "transductive (pre-training, pseudo-labels)": "networks were pre-trained on clips of scored "
    "people, and pseudo-labels were chosen on the scored clips, never with their labels",
}


def count_in_words(number: int, kind: str) -> str:
    """Such as "8 subjects", "12 videos (subjects unknown)"; kind as of `kind_of_groups`."""
    if kind == SUBJECT:
        return f"{number} subject{'' if number == 1 else 's'}"
    if kind == VIDEO:
        return f"{number} video{'' if number == 1 else 's'} (subjects unknown)"
    return f"{number} subjects and videos (some subjects unknown)"


def apart_in_words(groups: np.ndarray, splits: np.ndarray) -> str:
    """What is known of the people on both sides: a sentence for reports.

    groups (N,), splits (N,) of all clips. "No subject stands in both ..." only where every subject
    of the train, val and test clips is known.
    """
    parts = [
        {str(g) for g, s in zip(groups, splits) if s in wanted}
        for wanted in (("train", "val"), ("test",))
    ]
    kind = kind_of_groups([*parts[0], *parts[1]])
    both = parts[0] & parts[1]
    if both:
        return f"{len(both)} {kind}(s) stand on both sides of training and test."
    if kind == SUBJECT:
        return "No subject stands in both training and test."
    return (
        "No video stands in both training and test; whether a subject does is not known: the "
        "video table names no subject for " + ("some videos." if kind == MIXED else "any video.")
    )


def protocol_of(mode: str, rounds: int, pretrained_on_scored: bool = False) -> str:
    """The mode of a run: that of its pseudo-labels, and without any it is inductive; whatever they
    are, a pre-training on clips of people who are scored makes it transductive."""
    own = mode if rounds else "inductive"
    if not pretrained_on_scored:
        return own
    both = "transductive (pre-training, pseudo-labels)"
    return both if own == "transductive" else "transductive (pre-training)"


def standing(row: pd.Series) -> str:
    """Such as "154 test clips of 8 subjects (transductive, seed 0; 22 clips lost)".

    row: of the score table with clips, missing, groups, group_kind, mode and seed.
    """
    lost = f"; {row['missing']} clips lost" if row["missing"] else ""
    people = count_in_words(int(row["groups"]), row["group_kind"])
    return f"{row['clips']} test clips of {people} ({row['mode']}, seed {row['seed']}{lost})"


def facts(row: pd.Series, apart: str, lost_videos: int) -> dict[str, str | int]:
    """What stands on the first page of a report, by heading.

    row: as for `standing`, with remark; apart: what is known of the people of training and test
    (`apart_in_words`); lost_videos: rows of the quarantine table.
    """
    lost = "none"
    if row["missing"] or lost_videos:
        lost = (
            f"{row['missing']} scored clips, of {lost_videos} videos in all "
            f"(results/scores/quarantine.tsv); columns that end in _all count them wrong"
        )
    return {
        "Protocol": f"{row['mode']}: {MODES_IN_WORDS[row['mode']]}",
        "Scored": f"{row['clips']} test clips of "
        + count_in_words(int(row["groups"]), row["group_kind"]),
        "Lost": lost,
        "Training and test": apart,
        "Seed": int(row["seed"]),
        **({"Remark": row["remark"]} if row["remark"] else {}),
    }
