"""Writes BORIS' files: tabular events (csv, as BORIS 8 exports them) and a project (.boris).

Every video is an observation. A class is a state event, or a point event where all its segments
are points. Confidence and second choice stand in the comment.
"""

import csv
import datetime
import json
import string
from pathlib import Path

from microgesture.exports.segments import Export, Segment, Video
from microgesture.importers.annotations import write_remark
from microgesture.provenance.errors import BadInput
from microgesture.provenance.files import written_whole

HEADER = (
    "Observation id", "Observation date", "Description", "Observation duration",
    "Observation type", "Source", "Time offset (s)", "Media duration (s)", "FPS", "Subject",
    "Behavior", "Behavioral category",
)  # fmt: skip
AFTER_MODIFIERS = (
    "Behavior type", "Time", "Media file name", "Image index", "Image file path", "Comment",
)  # fmt: skip
_KEYS = string.ascii_lowercase + string.digits


def write_boris_tables(export: Export, folder: str | Path) -> list[Path]:
    """One csv of tabular events for each video; returns their paths. Raises BadInput where one
    person does the same thing twice at a time, which BORIS cannot hold."""
    points, paths = _points(export), []
    for video, stem in export.stems():
        segments = export.of(video)
        _check_overlaps(segments, video, points)
        count = max((s.modifiers.count("|") + 1 for s in segments if s.modifiers), default=0)
        modifiers = [f"Modifier #{number + 1}" for number in range(count)]
        path = Path(folder) / f"{stem}.csv"
        with (
            written_whole(path) as temporary,
            temporary.open("w", newline="", encoding="utf-8") as file,
        ):
            writer = csv.writer(file)  # lines end in CR LF, as in BORIS' own
            writer.writerow([*HEADER, *modifiers, *AFTER_MODIFIERS])
            for time, kind, segment, remark in _events(segments, video, points):
                words = segment.modifiers.split("|") if segment.modifiers else []
                writer.writerow(
                    [
                        stem, _date(), "", f"{video.length:.3f}", "Media file(s)",
                        f"player #1:{video.path.absolute()}", "0.0", f"{video.length:.3f}",
                        f"{video.fps:.3f}", segment.subject, segment.name,
                        export.classes.get(segment.name, {}).get("group", ""),
                        *words, *[""] * (count - len(words)), kind, f"{time:.3f}",
                        str(video.path.absolute()), "NA", "NA", remark,
                    ]
                )  # fmt: skip
        paths.append(path)
    return paths


def write_boris_project(export: Export, path: str | Path) -> Path:
    """All videos in one project file. Raises BadInput as `write_boris_tables`."""
    points, path = _points(export), Path(path)
    people = dict.fromkeys(who for video in export.videos for who in export.people(video))
    groups = {facts.get("group", "") for facts in export.classes.values()} - {""}
    project = {
        "time_format": "hh:mm:ss",
        "project_date": _date().replace(" ", "T"),
        "project_name": path.stem,
        "project_description": "",
        "project_format_version": "7.0",
        "subjects_conf": {
            str(n): {"key": "", "name": name, "description": ""} for n, name in enumerate(people)
        },
        "behaviors_conf": {
            str(n): _behaviour(export, name, n, name in points)
            for n, name in enumerate(export.names())
        },
        "behavioral_categories": sorted(groups),
        "independent_variables": {},
        "coding_map": {},
        "behaviors_coding_map": [],
        "converters": {},
        "observations": {
            stem: _observation(export.of(video), video, points) for video, stem in export.stems()
        },
    }
    with written_whole(path) as temporary:
        temporary.write_text(json.dumps(project, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


def _behaviour(export: Export, name: str, number: int, point: bool) -> dict:
    facts = export.classes.get(name, {})
    return {
        "type": "Point event" if point else "State event",
        "key": _KEYS[number] if number < len(_KEYS) else "",
        "code": name,
        "description": facts.get("description", ""),
        "color": "",
        "category": facts.get("group", ""),
        "modifiers": {},
        "excluded": "",
        "coding map": "",
    }


def _observation(segments: list[Segment], video: Video, points: set[str]) -> dict:
    _check_overlaps(segments, video, points)
    medium = str(video.path.absolute())
    return {
        "file": {"1": [medium], **{str(player): [] for player in range(2, 9)}},
        "type": "MEDIA",
        "date": _date().replace(" ", "T"),
        "description": "",
        "time offset": 0.0,
        "events": [
            [round(time, 3), segment.subject, segment.name, segment.modifiers, remark, "NA"]
            for time, _, segment, remark in _events(segments, video, points)
        ],
        "observation time interval": [0, 0],
        "independent_variables": {},
        "visualize_spectrogram": False,
        "visualize_waveform": False,
        "media_creation_date_as_offset": False,
        "media_scan_sampling_duration": 0,
        "image_display_duration": 1,
        "close_behaviors_between_videos": False,
        "media_info": {
            "length": {medium: round(video.length, 3)},
            "fps": {medium: round(video.fps, 3)},
            "hasVideo": {medium: True},
            "hasAudio": {medium: False},
            "offset": {"1": 0.0},
        },
    }


def _points(export: Export) -> set[str]:
    """The classes that are point events: all their segments are."""
    names = {segment.name for segment in export.segments}
    return names - {segment.name for segment in export.segments if not segment.point}


def _events(segments: list[Segment], video: Video, points: set[str]):
    """(time, START | STOP | POINT, segment, comment) in order of time; of two at one time of the
    same behavior, first the stop of the one that ends."""
    events = []
    for number, segment in enumerate(segments):
        start, end = segment.span(video.times)
        remark = write_remark(segment.confidence, segment.second, segment.comment)
        if segment.name in points:
            events.append((start, number, 0, "POINT", segment, remark))
        else:
            events.append((start, number, 0, "START", segment, remark))
            events.append((end, number, 1, "STOP", segment, ""))
    events.sort(key=lambda event: event[:3])
    return [(time, kind, segment, remark) for time, _, _, kind, segment, remark in events]


def _check_overlaps(segments: list[Segment], video: Video, points: set[str]) -> None:
    last: dict[tuple, tuple[Segment, float]] = {}
    for segment in segments:
        if segment.name in points:
            continue
        key = (segment.subject, segment.name, segment.modifiers)
        start, end = segment.span(video.times)
        before = last.get(key)
        if before and start < before[1] - 0.0005:
            raise BadInput(
                f"{video.path}: {segment.subject!r} does {segment.name!r} twice at a time (frames "
                f"{before[0].start} to {before[0].end} and {segment.start} to {segment.end}), and "
                f"BORIS cannot hold that; join the two clips or cut one of them"
            )
        last[key] = (segment, end)


def _date() -> str:
    return datetime.datetime.now().replace(microsecond=0).isoformat(" ")
