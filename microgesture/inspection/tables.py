"""The page's tables of counts: classes, people, videos."""

import numpy as np
import pandas as pd

from microgesture.inspection.material import Material

SPLITS = ("train", "val", "test")


def class_table(material: Material) -> pd.DataFrame:
    """class, train, val, test, people (who show it; videos where nobody is known), seconds (median
    length, NaN without a clip); a row a class."""
    clips = material.labelled
    who = clips["subject"].where(clips["subject"] != "", clips["video"])
    seconds = clip_seconds(material, clips)
    rows = []
    for label, name in enumerate(material.names):
        mine = (clips["label"] == label).to_numpy()
        counts = {split: int((clips["split"][mine] == split).sum()) for split in SPLITS}
        length = float(np.median(seconds[mine])) if mine.any() else float("nan")
        rows.append({"class": name, **counts, "people": who[mine].nunique(), "seconds": length})
    return pd.DataFrame(rows, columns=["class", *SPLITS, "people", "seconds"])


def people_table(material: Material) -> pd.DataFrame:
    """person, split, videos, clips, classes; a row a person, or a video of somebody unknown. split:
    train, val, test or both of two; "unlabelled" where no clip has any of them."""
    clips = material.clips
    who = clips["subject"].where(clips["subject"] != "", clips["video"])
    rows = []
    for person, mine in clips.groupby(who):
        splits = [split for split in SPLITS if (mine["split"] == split).any()]
        rows.append(
            {
                "person": person,
                "split": " and ".join(splits) or "unlabelled",
                "videos": mine["video"].nunique(),
                "clips": len(mine),
                "classes": mine.loc[mine["label"] >= 0, "label"].nunique(),
            }
        )
    return pd.DataFrame(rows, columns=["person", "split", "videos", "clips", "classes"])


def video_table(material: Material) -> pd.DataFrame:
    """A row a video, those with fewest hands first: video, subject, size, rate (frames per second),
    seconds, clips, somebody and hands (shares), people, jumps, light (NaN without pixels)."""
    clips = material.clips
    number = clips["video"].value_counts()
    subject_of = dict(zip(clips["video"], clips["subject"]))
    rows = []
    for video, facts in material.videos.iterrows():
        trace, look = material.traces.get(video), material.looks.get(video)
        rate = material.rate(video)
        rows.append(
            {
                "video": video,
                "subject": subject_of.get(video, ""),
                "size": f"{facts['width']} x {facts['height']}" if facts["width"] else "",
                "rate": rate,
                "seconds": facts["frames"] / rate if rate > 0 else float("nan"),
                "clips": int(number.get(video, 0)),
                "somebody": trace.somebody if trace else float("nan"),
                "hands": trace.with_hand() if trace else float("nan"),
                "people": trace.people if trace else 0,
                "jumps": len(trace.jumps) if trace else 0,
                "light": look.light if look else float("nan"),
            }
        )
    table = pd.DataFrame(rows)
    return table.sort_values(["hands", "somebody", "video"], na_position="first", ignore_index=True)


def clip_seconds(material: Material, clips: pd.DataFrame) -> np.ndarray:
    """float (N,) the clips' lengths in seconds."""
    rates = np.array([material.rate(video) for video in clips["video"]], float)
    return (clips["end"] - clips["start"] + 1).to_numpy() / rates


def finding_table(findings) -> pd.DataFrame:
    """severity, what, where, seen, remedy: a row a place, as a table for other programs."""
    rows = [
        {"severity": f.severity, "what": f.what, "where": where, "seen": seen, "remedy": f.remedy}
        for f in findings
        for where, seen in f.places or (("", ""),)
    ]
    return pd.DataFrame(rows, columns=["severity", "what", "where", "seen", "remedy"])
