"""BORIS' project files: .boris and .boris.gz (JSON, project format up to 7.0)."""

import gzip
import json
import zlib
from fnmatch import fnmatchcase
from pathlib import Path

from microgesture.importers.annotations import AnnotationTable
from microgesture.importers.boris_events import Event, Observation, pair_events
from microgesture.provenance.errors import BadInput
from microgesture.tables.problems import nearest

NEWEST = (7, 0)
LARGEST = 512 * 2**20  # bytes of a project when unpacked
_PLAYER = "1"


def read_project(
    path: str | Path, unpaired: str, observations: list[str], table: AnnotationTable
) -> list[Observation]:
    """The observations of video files in one project; what is wrong in it goes to `table`.

    observations: names or patterns of those to take ([] = all). Live observations and those of
    pictures have no video and are told in the notes. Raises BadInput for a file that is no project.
    """
    project = _load(Path(path))
    kinds = _behaviours(project, str(path), table)
    found = []
    for name, entry in project["observations"].items():
        if observations and not any(fnmatchcase(name, pattern) for pattern in observations):
            continue
        place = f"{path}, observation {name!r}"
        if entry.get("type") != "MEDIA":
            told = {"LIVE": "a live observation", "IMAGES": "made of pictures"}
            what = told.get(entry.get("type"), f"of the type {entry.get('type')!r}")
            table.notes.append(f"{place}: is {what}, without a video; left out")
            continue
        observation = _observation(name, entry, place, table)
        if observation is None:
            continue
        events = _events(entry, kinds, place, table)
        known = observation.lengths and None not in observation.lengths
        end = sum(observation.lengths) + observation.offset if known else None
        observation.spans = pair_events(events, place, unpaired, end, table)
        found.append(observation)
    for pattern in observations:
        if not any(fnmatchcase(name, pattern) for name in project["observations"]):
            hint = nearest(pattern, project["observations"])
            near = f"did you mean {hint!r}?" if hint else f"there are {_list(project)}"
            table.problem(str(path), None, pattern, "is no observation of the project", near)
    return found


def _list(project: dict) -> str:
    return ", ".join(repr(name) for name in project["observations"])


def _load(path: Path) -> dict:
    try:
        if path.suffix.lower() == ".gz":
            with gzip.open(path) as file:
                content = file.read(LARGEST + 1)
        else:
            content = path.read_bytes()
    except (OSError, EOFError, zlib.error) as error:
        raise BadInput(f"{path}: cannot be read ({error}); copy it again") from error
    if len(content) > LARGEST:
        raise BadInput(f"{path}: unpacks to more than {LARGEST >> 20} MiB; is it a BORIS project?")
    try:
        project = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise BadInput(
            f"{path}: is no whole JSON file ({error}); open it in BORIS and save it again"
        ) from error
    parts = {"observations", "behaviors_conf"}
    if not isinstance(project, dict) or not all(isinstance(project.get(p), dict) for p in parts):
        raise BadInput(
            f"{path}: is JSON but no BORIS project (observations and behaviors_conf are missing); "
            f"name the .boris file that BORIS saves"
        )
    version = str(project.get("project_format_version", "7.0"))
    try:
        newer = tuple(int(part) for part in version.split(".")[:2]) > NEWEST
    except ValueError:
        newer = True
    if newer:
        raise BadInput(
            f"{path}: has project format {version!r}, known are those up to "
            f"{'.'.join(map(str, NEWEST))}; export tabular events from BORIS instead"
        )
    return project


def _behaviours(project: dict, path: str, table: AnnotationTable) -> dict[str, str]:
    """code -> STATE or POINT; categories and descriptions go to the facts."""
    kinds = {}
    for entry in project["behaviors_conf"].values():
        code, kind = str(entry.get("code", "")), str(entry.get("type", ""))
        if not kind.lower().startswith(("state event", "point event")):
            wrong = f"is no type of event (behavior {code!r})"
            table.problem(path, None, kind, wrong, "make it a state or a point event in BORIS")
        kinds[code] = "STATE" if kind.lower().startswith("state") else "POINT"
        table.facts[code] = {
            "description": " ".join(str(entry.get("description") or "").split()),
            "group": str(entry.get("category") or ""),
        }
    return kinds


def _observation(name: str, entry: dict, place: str, table) -> Observation | None:
    """Videos of player 1, their lengths, and what was added to the times."""
    files = entry.get("file") if isinstance(entry.get("file"), dict) else {}
    media = [str(medium) for medium in files.get(_PLAYER) or []]
    if not media:
        table.notes.append(f"{place}: has no video in player 1; left out")
        return None
    others = [medium for player, found in files.items() if player != _PLAYER for medium in found]
    if others:
        table.notes.append(
            f"{place}: its events are on the clock of player 1; left out: {', '.join(others)}"
        )
    facts = entry.get("media_info") or {}
    lengths = [(facts.get("length") or {}).get(medium) for medium in media]
    try:
        lengths = [None if length is None else float(length) for length in lengths]
        offset = float(entry.get("time offset") or 0.0)
        if entry.get("media_creation_date_as_offset"):
            if len(media) > 1:
                wrong = "times are dates of creation of several videos"
                table.problem(place, None, None, wrong, "export tabular events from BORIS instead")
                return None
            offset += float((facts.get("media_creation_time") or {})[media[0]])
    except (TypeError, ValueError, KeyError) as error:
        table.problem(place, None, None, f"a length or an offset is no number ({error})", _SAVE)
        return None
    return Observation(name, media, lengths, offset=offset)


_SAVE = "open it in BORIS and save it again"


def _events(entry: dict, kinds: dict[str, str], place: str, table) -> list[Event]:
    events = []
    for number, row in enumerate(entry.get("events") or [], start=1):
        where = f"{place}, event {number}"
        try:
            time, subject, code, modifiers, comment = row[:5]
            time = float(time)
            if not abs(time) < 2**31:
                raise ValueError(time)
        except (TypeError, ValueError):
            wrong = "is no event [time, subject, code, modifier, comment]"
            table.problem(where, None, row, wrong, _SAVE)
            continue
        if code not in kinds:
            hint = nearest(code, kinds)
            near = f"did you mean {hint!r}? " if hint else ""
            wrong = "is no behavior of the project"
            table.problem(where, None, code, wrong, f"{near}Add it to the ethogram in BORIS")
            continue
        words = [str(word or "") for word in (subject, code, modifiers, comment)]
        events.append(Event(time, *words, kinds[code], "", None))
    return events
