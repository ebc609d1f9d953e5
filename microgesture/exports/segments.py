"""What is exported: who did what from which frame to which, and when that was.

Segments come from a recogniser, or from sheets whose labels shall go (back) into an annotation
tool. The writers beside this file turn them into the tools' formats.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from microgesture.provenance.errors import BadInput
from microgesture.videos.time_stamps import end_of, frames_to_seconds


@dataclass(frozen=True)
class Segment:
    """One segment. start, end: frames, 0-based, inclusive. confidence: None where it is a person's
    own label. second: the second choice, or "". modifiers: BORIS' "a|b", or "". seconds: the
    (start, end) that an annotation tool gave, where nobody has changed the frames since, or None.
    """

    video: str
    subject: str
    start: int
    end: int
    name: str
    confidence: float | None = None
    second: str = ""
    comment: str = ""
    modifiers: str = ""
    seconds: tuple[float, float] | None = None
    point: bool = False

    def span(self, times: np.ndarray) -> tuple[float, float]:
        """Start and end in seconds; the end is the first moment after."""
        if self.seconds is not None:
            return self.seconds
        start, end = frames_to_seconds(times, self.start, self.end)
        return float(start), float(start if self.point else end)


@dataclass(frozen=True)
class Video:
    """A video file; its rows in the sheets (`names`) and the person of each (`people`); when its
    frames are shown: seconds, float64 (T,)."""

    path: Path
    names: tuple[str, ...]
    people: tuple[str, ...]
    times: np.ndarray

    @cached_property
    def length(self) -> float:
        """When the last frame goes, in seconds."""
        return end_of(self.times)

    @cached_property
    def fps(self) -> float:
        """Mean frames per second."""
        return len(self.times) / (self.length - float(self.times[0]))


@dataclass(frozen=True)
class Export:
    """Everything that the writers need. classes: name -> {"description", "group"}, in the order of
    the labels; a segment's name may be missing there."""

    segments: list[Segment]
    videos: list[Video]
    classes: dict[str, dict[str, str]] = field(default_factory=dict)

    def names(self) -> list[str]:
        """All classes: those of the labels, then others in the order in which they appear."""
        return list(dict.fromkeys([*self.classes, *(segment.name for segment in self.segments)]))

    def of(self, video: Video) -> list[Segment]:
        """The segments of one video in order of time, each with its seconds."""
        own = [segment for segment in self.segments if segment.video in video.names]
        own = [
            s for person in {s.subject: 0 for s in own} for s in _timed(own, person, video.times)
        ]
        return sorted(own, key=lambda s: (*s.span(video.times), s.subject, s.name))

    def people(self, video: Video) -> list[str]:
        """Who does something in the video, and who sits in it and does nothing."""
        found: dict[str, None] = {}
        for name, person in zip(video.names, video.people):
            own = [segment.subject for segment in self.segments if segment.video == name]
            found |= dict.fromkeys(own or [person])
        return list(found)

    def stems(self) -> list[tuple[Video, str]]:
        """Each video with the name of its files: the video's own, its folder in front where two
        videos are called the same."""
        stems = [video.path.stem for video in self.videos]
        return [
            (video, stem if stems.count(stem) == 1 else f"{video.path.parent.name}_{stem}")
            for video, stem in zip(self.videos, stems)
        ]


def _timed(segments: list[Segment], person: str, times: np.ndarray) -> list[Segment]:
    """One person's segments with seconds.

    Two neighbours that share one frame, as annotations do that met within it, meet in its middle:
    a tool that holds one thing at a time can hold both, and they come back with that frame. Times
    that a tool gave are not touched.
    """
    own = sorted((s for s in segments if s.subject == person), key=lambda s: (s.start, s.end))
    spans = [list(segment.span(times)) for segment in own]
    ending: dict[int, int] = {}  # frame -> the last segment that ends in it
    for number, segment in enumerate(own):
        before = ending.get(segment.start)
        if before is not None and spans[before][1] > spans[number][0] and not segment.point:
            given = own[before].seconds is not None, segment.seconds is not None
            end = min(spans[before][1], spans[number][1])
            meet = (max(spans[before][0], spans[number][0]) + end) / 2
            if given == (True, False):
                meet = spans[before][1]
            if given == (False, True):
                meet = spans[number][0]
            if given != (True, True) and not own[before].point:
                spans[before][1] = spans[number][0] = meet
        ending[segment.end] = number
    return [replace(s, seconds=(span[0], span[1])) for s, span in zip(own, spans)]


def from_table(
    table: pd.DataFrame, labels: pd.DataFrame, subjects: Mapping[str, str], origin: str
) -> list[Segment]:
    """Segments from a table: video, start, end, and name (text) or label (number); optional are
    subject, confidence, second (a name, or a number; one past the last class is no class).

    labels: label, name. subjects: video -> subject, where the table has none. origin: the file,
    for messages. Raises BadInput for missing columns, unknown videos and labels, and ends before
    starts.
    """
    names = dict(zip(labels["label"].astype(int), labels["name"]))
    for columns in (["video"], ["start"], ["end"], ["name", "class", "label"]):
        if not set(columns) & set(table.columns):
            raise BadInput(f"{origin}: has no column {' or '.join(columns)!r}; add it")
    column = next(c for c in ("name", "class", "label") if c in table.columns)
    segments = []
    for line, row in enumerate(table.to_dict("records"), start=2):
        place = f"{origin}: line {line}"
        if row["video"] not in subjects:
            raise BadInput(
                f"{place}: {row['video']!r} is no video of the sheets; add it to videos.tsv"
            )
        start, end = _whole(place, row, "start"), _whole(place, row, "end")
        if not 0 <= start <= end:
            raise BadInput(f"{place}: frames {start} to {end}; write 0 <= start <= end")
        second = row.get("second", "")
        confidence = row.get("confidence")
        segments.append(
            Segment(
                row["video"],
                str(subjects[row["video"]] if _empty(row.get("subject")) else row["subject"]),
                start,
                end,
                _label(place, row[column], names) if column == "label" else str(row[column]),
                None if _empty(confidence) else float(confidence),
                "" if _empty(second) else names.get(_number(second), _word(second)),
            )
        )
    return segments


def _number(value) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


def _word(value) -> str:
    return "" if _number(value) is not None else str(value)


def _whole(place: str, row: dict, column: str) -> int:
    number = _number(row[column])
    if number is None or number != float(row[column]):
        raise BadInput(f"{place}: {column} {row[column]!r} is no frame number; write 0, 1, 2 ...")
    return number


def _label(place: str, value, names: dict[int, str]) -> str:
    if _number(value) not in names:
        raise BadInput(f"{place}: {value!r} is no label; there are 0 to {len(names) - 1}")
    return names[_number(value)]


def _empty(value) -> bool:
    return value is None or value == "" or bool(pd.isna(value))
