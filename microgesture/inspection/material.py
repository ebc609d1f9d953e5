"""What the checks look at."""

from dataclasses import dataclass, field

import pandas as pd

from microgesture.inspection.limits import Limits
from microgesture.inspection.pictures import Look
from microgesture.inspection.traces import Trace


@dataclass(frozen=True)
class Material:
    """Everything known of the data before anything is trained.

    clips: clip, video, subject ("" = nobody knows), start, end (inclusive), split, label (-1 =
    none; test labels in place). videos: by id, path ("" = no pixels), fps (of the file), given (of
    the sheet, NaN = none), frames, width, height. lost: clip, video, split, problem. unread: video
    -> what is wrong with it. names: of the classes. traces: video -> what the keypoints show.
    looks: video -> what some of its pictures show (videos with pixels).
    """

    clips: pd.DataFrame
    videos: pd.DataFrame
    lost: pd.DataFrame
    unread: dict[str, str]
    names: list[str]
    traces: dict[str, Trace]
    looks: dict[str, Look] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)

    @property
    def labelled(self) -> pd.DataFrame:
        """The clips with a class."""
        return self.clips[self.clips["label"] >= 0]

    def rate(self, video: str) -> float:
        """Frames per second that count: the sheet's where it gives any."""
        row = self.videos.loc[video]
        return float(row["fps"] if pd.isna(row["given"]) else row["given"])
