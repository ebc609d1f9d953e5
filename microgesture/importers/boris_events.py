"""BORIS' events: starts and stops become states, observation time becomes video time.

A state event is written twice, at its start and its stop. Several videos queued in one player make
one observation time: BORIS adds the lengths of the videos before, and the observation's time
offset (which is not on the videos' clock and is taken off again).
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from pathlib import Path

import av

from microgesture.importers.annotations import Annotation, AnnotationTable, Recording, read_remark
from microgesture.provenance.errors import BadInput

NOBODY = ("", "no focal subject", "na", "nan")


@dataclass(frozen=True)
class Event:
    """time: seconds of observation time. kind: START, STOP, POINT, or STATE where the file does
    not say which of the two it is. medium: the video that the file names for it, or ""."""

    time: float
    subject: str
    name: str
    modifiers: str
    comment: str
    kind: str
    medium: str
    row: int | None


@dataclass
class Observation:
    """media: the videos of player 1 in the order they are played; lengths: seconds, None where the
    file does not say; total: length of all of them or None; offset: seconds added to every time;
    spans: (start, stop or None for a point event)."""

    name: str
    media: list[str]
    lengths: list[float | None]
    total: float | None = None
    offset: float = 0.0
    spans: list[tuple[Event, Event | None]] = field(default_factory=list)


def pair_events(
    events: list[Event], place: str, unpaired: str, end: float | None, table: AnnotationTable
) -> list[tuple[Event, Event | None]]:
    """(start, stop) of every state and (event, None) of every point event, in order of time.

    Starts and stops belong together by subject, behaviour and modifiers, as in BORIS. unpaired:
    what happens to a state that never stops or never started: "stop" (a problem), "leave_out", or
    "to_end" (it lasts to `end`, the end of the observation; a stop alone is left out).
    """
    spans: list[tuple[Event, Event | None]] = []
    states: dict[tuple[str, str, str], list[Event]] = defaultdict(list)
    for event in events:
        if event.kind == "POINT":
            spans.append((event, None))
        else:
            states[event.subject, event.name, event.modifiers].append(event)
    for row in states.values():
        open_ = None
        for event in _in_order(row):
            stops = event.kind == "STOP" or (event.kind == "STATE" and open_ is not None)
            if stops and open_ is not None:
                spans.append((open_, event))
                open_ = None
            elif stops:
                _tell(table, place, event, "stops without having started", unpaired)
            elif open_ is not None:
                _tell(table, place, open_, f"starts again at {event.time:.3f} s", unpaired)
                open_ = event
            else:
                open_ = event
        if open_ is not None:
            if unpaired == "to_end" and end is not None:
                table.notes.append(
                    f"{place}: {_words(open_)} never stops; taken to last to the end"
                )
                spans.append((open_, Event(**{**open_.__dict__, "time": max(end, open_.time)})))
            else:
                _tell(table, place, open_, "starts and never stops", unpaired)
    return sorted(spans, key=lambda span: (span[0].time, span[0].name))


def _in_order(row: list[Event]) -> list[Event]:
    """By time; of a stop and a start at one time, first whichever can come first."""
    ordered: list[Event] = []
    open_ = False
    by_time = attrgetter("time")
    for _, group in groupby(sorted(row, key=by_time), key=by_time):
        now = list(group)
        while now:
            wanted = "STOP" if open_ else "START"
            event = next((e for e in now if e.kind == wanted), now[0])
            now.remove(event)
            ordered.append(event)
            open_ = event.kind == "START" or (event.kind == "STATE" and not open_)
    return ordered


def _words(event: Event) -> str:
    who = f" of {event.subject}" if event.subject else ""
    how = f" ({event.modifiers})" if event.modifiers else ""
    return f"state {event.name!r}{how}{who} at {event.time:.3f} s"


def _tell(table: AnnotationTable, place: str, event: Event, wrong: str, unpaired: str) -> None:
    if unpaired != "stop":
        table.notes.append(f"{place}: {_words(event)} {wrong}; left out")
        return
    table.problem(
        place, event.row, None, f"{_words(event)} {wrong}",
        "mend it in BORIS (Observations > Fix unpaired events), or say what to do: --unpaired "
        "leave_out (or to_end)",
    )  # fmt: skip


def place_spans(
    observation: Observation,
    place: str,
    folder: Path,
    find: Callable[[Recording], Path],
    table: AnnotationTable,
) -> None:
    """Put the observation's videos and its spans, on the videos' own clocks, into `table`.

    A state that runs from one video into the next is cut in two. find: the file of a recording,
    asked for the length of queued videos where the observation does not say it.
    """
    recordings = [Recording((medium,), folder, place) for medium in observation.media]
    table.recordings += [r for r in recordings if r not in table.recordings]
    try:
        begins = _begins(observation, recordings, place, find)
    except BadInput as error:
        where, _, rest = str(error).partition(": ")
        wrong, _, remedy = rest.rpartition("; ")
        table.problem(where, None, None, wrong, remedy)
        return
    for start, stop in observation.spans:
        first, last = start.time - observation.offset, (stop or start).time - observation.offset
        pieces = _pieces(first, last, begins)
        if len(pieces) > 1:
            table.notes.append(
                f"{place}: {_words(start)} runs on into the next video; it is cut in {len(pieces)}"
            )
        confidence, second, comment = read_remark(start.comment.strip())
        stopped = read_remark(stop.comment.strip())[2] if stop else ""
        said = [comment, stopped if stopped != comment else ""]
        row = f", line {start.row}" if start.row else ""
        for number, begin, end in pieces:
            table.annotations.append(
                Annotation(
                    recordings[number],
                    "" if start.subject.strip().casefold() in NOBODY else start.subject.strip(),
                    start.name,
                    round(begin, 6),
                    round(end, 6),
                    point=stop is None or begin == end,
                    comment="; ".join(word for word in said if word),
                    confidence=confidence,
                    second=second,
                    modifiers=start.modifiers.strip("|"),
                    place=f"{place}{row}",
                )
            )


def _pieces(first: float, last: float, begins: list[float]) -> list[tuple[int, float, float]]:
    """(number of the video, start, end on its clock) of a span of observation time."""
    ends = [*begins[1:], float("inf")]
    pieces = []
    for number, (begin, end) in enumerate(zip(begins, ends)):
        lone = len(begins) == 1
        if lone or (begin <= first < end) or (first < begin < last):
            pieces.append((number, max(first, begin) - begin if not lone else first, 0.0))
            pieces[-1] = (number, pieces[-1][1], (last if lone else min(last, end)) - begin)
    return pieces or [(0, first, last)]


def _begins(observation: Observation, recordings: list[Recording], place: str, find) -> list[float]:
    """Observation time, without the offset, at which each video begins."""
    if len(recordings) < 2 and observation.total is None:
        return [0.0]
    lengths = list(observation.lengths)
    for number, recording in enumerate(recordings):
        if lengths[number] is None:
            try:
                lengths[number] = _length(find(recording))
            except BadInput:
                if len(recordings) > 1:
                    raise
                return [0.0]  # nothing to add up; who needs the video will miss it
    if observation.total is not None and observation.total > sum(lengths) + 1.0:
        raise BadInput(
            f"{place}: the observation lasts {observation.total:.3f} s, the videos that it names "
            f"({', '.join(observation.media)}) only {sum(lengths):.3f} s, so their times cannot be "
            f"told; import the project file (.boris), which names all videos"
        )
    begins = [0.0]
    for length in lengths[:-1]:
        begins.append(begins[-1] + length)
    return begins


def _length(path: Path) -> float:
    """Length of a file in seconds as its header says it, which is what BORIS adds up."""
    try:
        with av.open(str(path)) as container:
            length = container.duration
    except (av.FFmpegError, OSError) as error:
        raise BadInput(f"{path}: not a readable video ({error}); copy it again") from error
    if not length:
        raise BadInput(f"{path}: says no length; re-encode it: ffmpeg -i INPUT OUTPUT.mp4")
    return length / av.time_base
