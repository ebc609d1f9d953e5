"""What intervals are made over and what halves a test set: people, or videos where nobody is known.

The kind of a group is kept to the end, so that no table calls a video a person. (How it is said:
`microgesture.metrics.standing`; training rests on this file, so words stay out of it.)
"""

import numpy as np

SUBJECT, VIDEO, MIXED = "subject", "video", "subject and video"


def groups_of(subjects: np.ndarray, videos: np.ndarray) -> np.ndarray:
    """The group of each clip: its subject, or its video where the subject is empty or missing."""
    return np.array(
        [
            f"{SUBJECT} {subject}" if isinstance(subject, str) and subject else f"{VIDEO} {video}"
            for subject, video in zip(subjects, videos)
        ],
        dtype=object,
    ).astype(str)


def kind_of(group: str) -> str:
    """The kind of one group as `groups_of` names it: "subject" or "video"."""
    return group.split(" ", 1)[0]


def kind_of_groups(groups: np.ndarray) -> str:
    """The kind of all: "subject", "video", or "subject and video" where some are unknown."""
    kinds = {kind_of(str(group)) for group in groups}
    return MIXED if len(kinds) > 1 else kinds.pop() if kinds else VIDEO
