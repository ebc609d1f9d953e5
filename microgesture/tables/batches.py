"""Which videos share a job: short videos share one, and a new video touches one batch only."""

import hashlib

import pandas as pd


def stable_hash(text: str) -> int:
    """The same whole number for the same text, on every machine and in every process."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def assign_batches(videos: pd.DataFrame, batches: int) -> pd.Series:
    """The batch of every video: its column `batch` where it has one, else hash modulo `batches`.

    Returns a Series of str, aligned with `videos`. With `batches` = 0 every video is its own batch
    (long videos).
    """
    if batches == 0:
        names = videos["video"]
    else:
        width = len(str(batches - 1))
        names = videos["video"].map(lambda video: f"b{stable_hash(video) % batches:0{width}d}")
    return names.where(videos["batch"] == "", videos["batch"])
