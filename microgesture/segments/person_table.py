"""How often, how long, how much of the time: one row per person and class."""

import numpy as np
import pandas as pd

COLUMNS = (
    "subject", "label", "name", "count", "per_minute", "total_seconds", "median_seconds", "share",
    "observed_seconds",
)  # fmt: skip


def person_table(
    segments: pd.DataFrame,
    videos: pd.DataFrame,
    present: dict[str, np.ndarray],
    names: list[str],
) -> pd.DataFrame:
    """subject, label, name, count, per_minute, total_seconds, median_seconds, share,
    observed_seconds; ordered by subject and label, every class of every person, 0 included.

    segments: video, start, end, label; videos: video, subject, fps, one subject a video (an empty
    subject: the video stands for itself); present: video -> bool (T,), somebody is visible.
    Observed are the frames with a visible person, and they alone stand in the denominators of
    per_minute and share. A segment lasts as many seconds as it has such frames; one without any is
    not counted. per_minute and share are NaN for a person who is never seen, median_seconds for a
    class that does not occur.
    """
    rows, durations = [], []
    info = videos.set_index("video")
    for row in segments.itertuples():
        seen = int(np.asarray(present[row.video])[row.start : row.end + 1].sum())
        if seen:
            durations.append(
                (_person(info, row.video), row.label, seen / info.at[row.video, "fps"])
            )
    table = pd.DataFrame(durations, columns=["subject", "label", "seconds"])
    observed: dict[str, float] = {}
    for video in info.index:
        person = _person(info, video)
        seconds = float(np.asarray(present[video]).sum() / info.at[video, "fps"])
        observed[person] = observed.get(person, 0.0) + seconds
    for subject in sorted(observed):
        whole = observed[subject]
        for label, name in enumerate(names):
            own = table[(table["subject"] == subject) & (table["label"] == label)]["seconds"]
            total = float(own.sum())
            rows.append(
                {
                    "subject": subject,
                    "label": label,
                    "name": name,
                    "count": len(own),
                    "per_minute": len(own) / whole * 60 if whole else np.nan,
                    "total_seconds": total,
                    "median_seconds": float(own.median()) if len(own) else np.nan,
                    "share": total / whole if whole else np.nan,
                    "observed_seconds": whole,
                }
            )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _person(info: pd.DataFrame, video: str) -> str:
    subject = info.at[video, "subject"]
    return subject if isinstance(subject, str) and subject else f"video {video}"
