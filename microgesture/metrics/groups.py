"""What the bootstrap draws and what halves a test set: people, or videos where nobody is known."""

import numpy as np


def groups_of(subjects: np.ndarray, videos: np.ndarray) -> np.ndarray:
    """The group of each clip: its subject, or its video where the subject is empty or missing."""
    return np.array(
        [
            f"subject {subject}" if isinstance(subject, str) and subject else f"video {video}"
            for subject, video in zip(subjects, videos)
        ],
        dtype=object,
    ).astype(str)
