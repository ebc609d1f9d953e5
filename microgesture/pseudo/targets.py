"""What may be a target of pseudo-labelling: the one place that decides.

A target is a clip of the splits `test` and `unlabelled` whose person (whose video, where nobody is
known) has no clip in `train` or `val`: an unlabelled window laid over a validation video would
carry that person, and its very frames, into training. Asked where pseudo-labels are chosen, and
once more where the clips are added to a training set.
"""

import numpy as np

TARGET_SPLITS = ("test", "unlabelled")
LEARNED_SPLITS = ("train", "val")


def may_be_target(splits: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """bool (N,): the clip is test or unlabelled, and its group has no train or val clip.

    splits (N,), groups (N,) as of `groups_of`, of all train and val clips at least.
    """
    splits, groups = np.asarray(splits), np.asarray(groups)
    learned = set(groups[np.isin(splits, LEARNED_SPLITS)].tolist())
    elsewhere = np.array([group not in learned for group in groups.tolist()], dtype=bool)
    return np.isin(splits, TARGET_SPLITS) & elsewhere
