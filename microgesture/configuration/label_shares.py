"""Fewer labels: which training clips keep theirs, for label-efficiency curves.

Of every class so many training clips keep their label as the share says, one at least. They are
drawn by person: the class's clips are dealt out person by person, one each, again and again, so
that a small share is spread over as many people as it can be. The order is drawn once for a seed,
so that what a share keeps is part of what a larger one keeps. The others stay where they are, in
training, and lose their labels: no network learns a class from them, and no pseudo-label may fall
on them (their people have labelled clips).
"""

import numpy as np
import pandas as pd

from microgesture.metrics.groups import groups_of

WHOLE = 100


def labels_kept(clips: pd.DataFrame, share: int, seed: int) -> pd.Series:
    """bool, by row of `clips` (clip, video, subject, split, label): labelled training clips that
    keep their label. share: per cent of a class's clips, rounded to the nearest, one at least."""
    kept = pd.Series(False, index=clips.index)
    learned = clips[(clips["split"] == "train") & (clips["label"] >= 0)].sort_values("clip")
    people = groups_of(learned["subject"].to_numpy(), learned["video"].to_numpy())
    for label in sorted(learned["label"].unique()):
        chosen = learned["label"].to_numpy() == label
        order = _dealt_out(people[chosen], np.random.default_rng([seed, int(label)]))
        number = max(1, int(len(order) * share / WHOLE + 0.5))
        kept[learned.index[chosen][order[:number]]] = True
    return kept


def with_fewer_labels(clips: pd.DataFrame, share: int, seed: int) -> pd.DataFrame:
    """The clips with label -1 for those training clips that lose theirs."""
    lost = (clips["split"] == "train") & ~labels_kept(clips, share, seed)
    return clips.assign(label=clips["label"].where(~lost, -1))


def _dealt_out(people: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """The places of clips in the order in which they are drawn; people (N,): of every clip."""
    names, places = np.unique(people, return_inverse=True)
    turn_of = generator.permutation(len(names))
    shuffled = generator.permutation(len(people))
    rounds = np.empty(len(people), dtype=np.int64)
    for person in range(len(names)):
        own = shuffled[places[shuffled] == person]
        rounds[own] = np.arange(len(own))
    return np.lexsort((turn_of[places], rounds))
