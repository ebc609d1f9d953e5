"""Which videos share a job: short videos share one, and a new video touches one batch only."""

import hashlib

import pandas as pd

SHARED = 64  # batches of the light stages where every video is a part of its own


def stable_hash(text: str) -> int:
    """The same whole number for the same text, on every machine and in every process."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def assign_batches(videos: pd.DataFrame, batches: int) -> pd.DataFrame:
    """The batch and the part of every video: str columns `batch` and `part`, aligned with `videos`.

    A batch is what the light stages share a job for: the column `batch` of a video where it has
    one, else its hash modulo `batches`. A part is what the heavy ones (pose, pixels) share a job
    for: the whole batch. With `batches` = 0 (long videos) every video without a batch of its own is
    a part, and the parts are shared out to batches _b00 to _b63, since thousands of jobs of seconds
    would take longer to plan than to do. No video and no batch of a sheet begins with "_".
    """
    given = videos["batch"]
    if batches:
        names = _shared(videos["video"], batches, "b").where(given == "", given)
        return pd.DataFrame({"batch": names, "part": names})
    parts = videos["video"].where(given == "", given)
    # A video named as another's batch is a part of it.
    shared = _shared(parts, SHARED, "_b").where(~parts.isin(set(given)), parts)
    return pd.DataFrame({"batch": shared, "part": parts})


def _shared(names: pd.Series, batches: int, prefix: str) -> pd.Series:
    width = len(str(batches - 1))
    return names.map(lambda name: f"{prefix}{stable_hash(name) % batches:0{width}d}")
