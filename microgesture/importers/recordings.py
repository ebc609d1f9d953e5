"""What the importers of keypoints of other tools share: a recording becomes a video and clips.

Such files know neither classes nor clips. Without --clips every recording is cut into unlabelled
clips of --seconds; with --clips and --labels the user's own two sheets are taken.
"""

import argparse
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from microgesture.importers.examination import examined, find_videos, fitted
from microgesture.importers.sheet_writer import SheetRows, identifiers, write_sheets
from microgesture.pose.layout_files import identified
from microgesture.provenance.errors import BadInput
from microgesture.stores.sequences import Sequence, write_sequences
from microgesture.videos.probing import probe

LOGGER = logging.getLogger(__name__)

FPS = 30.0


@dataclass(frozen=True)
class Picture:
    """What is known of a recording's pictures. width, height: pixels, 0 = unknown; fps: frames a
    second, None = unknown; frames: None = unknown."""

    width: int = 0
    height: int = 0
    fps: float | None = None
    frames: int | None = None


@dataclass(frozen=True)
class Options:
    """The command line that all of these importers have; see `add_options`."""

    out: str
    videos: str | None = None
    size: tuple[int, int] = (0, 0)
    fps: float | None = None
    subjects: str | None = None
    seconds: float = 4.0
    clips: str | None = None
    labels: str | None = None
    layout: str | None = None
    persons: int = 4
    keep_order: bool = False


def add_options(parser: argparse.ArgumentParser) -> None:
    """The arguments that `Options` holds."""
    add = parser.add_argument
    add("--out", required=True, help="folder for the keypoints and the three sheets")
    add("--videos", help="folder with the videos that the keypoints were made from")
    add("--size", type=_size, default=(0, 0), help="WIDTHxHEIGHT of the pictures, without --videos")
    add("--fps", type=float, help=f"frames per second, without --videos ({FPS:g})")
    add("--subjects", help="table: first column recording, last column subject")
    add("--seconds", type=float, default=4.0, help="length of an unlabelled clip (4)")
    add("--clips", help="clips.tsv of your own instead of unlabelled clips")
    add("--labels", help="labels.tsv of your own")
    add("--layout", help="keypoint layout: a name, or a file such as layouts/mine.yaml")
    add("--persons", type=int, default=4, help="people to keep where more are seen (4)")
    add("--keep-order", action="store_true", help="do not refuse an unlikely order of joints")


def _size(text: str) -> tuple[int, int]:
    try:
        width, height = (int(part) for part in text.lower().split("x"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no size; write 1280x720") from None
    return width, height


def run(
    description: str,
    find: Callable[[list[str]], Mapping[str, Any]],
    read: Callable[[Any, Picture, Options], Sequence],
    arguments: list[str] | None,
    extra: Callable[[argparse.ArgumentParser], None] | None = None,
) -> None:
    """The command line of an importer: `find` the recordings in the paths given, `read` each."""
    words = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=description, formatter_class=words)
    parser.add_argument("paths", nargs="+", help="files, or folders that hold them")
    add_options(parser)
    if extra:
        extra(parser)
    given = vars(parser.parse_args(arguments))
    logging.basicConfig(level=logging.INFO, format="%(levelname)s: %(message)s")
    paths = given.pop("paths")
    known = {key: given.pop(key) for key in list(given) if key in Options.__dataclass_fields__}
    try:
        import_recordings(
            find(paths),
            lambda source, picture, options: read(source, picture, options, **given),
            Options(**known),
        )
    except BadInput as error:
        parser.exit(1, f"error: {error}\n")


def import_recordings(
    found: Mapping[str, Any], read: Callable[[Any, Picture, Options], Sequence], options: Options
) -> dict[str, str]:
    """Write keypoints.h5 and the three sheets to `options.out`.

    found: recording -> what `read` reads. Keypoints are held against the video's size and number
    of frames where `options.videos` is given. Returns the sheets' paths. Raises BadInput.
    """
    if options.layout is not None:
        identified(options.layout)  # a wrong layout is told before anything is read
    origin = str(options.out)
    ids = identifiers(found, origin)
    paths = find_videos(options.videos, found) if options.videos else {}
    subjects = _subjects(options.subjects, found)
    store = Path(options.out) / "keypoints.h5"
    rows = SheetRows([], [], [])

    def sequences():
        for name, source in found.items():
            picture = _picture(paths.get(name), options)
            sequence = read(source, picture, options)
            if picture.frames is not None:
                sequence = fitted(sequence, picture.frames, f"{name} ({paths[name]})")
            rows.videos.append(
                {
                    "video": ids[name],
                    "path": str(paths.get(name, "")),
                    "subject": subjects.get(name, ids[name]),
                    "fps": f"{sequence.fps:g}" if name not in paths else "",
                    "keypoints": str(store),
                }
            )
            rows.clips.extend(cut(ids[name], len(sequence.present), sequence.fps, options.seconds))
            yield ids[name], sequence

    write_sequences(store, examined(sequences(), origin, keep_order=options.keep_order))
    if not paths and options.size == (0, 0):
        LOGGER.warning(
            "neither --videos nor --size: nobody knows how large the pictures were, so points "
            "outside of them cannot be told"
        )
    if options.clips:
        rows = SheetRows(rows.videos, _sheet(options.clips), rows.labels)
    if options.labels:
        rows = SheetRows(rows.videos, rows.clips, _sheet(options.labels))
    return write_sheets(options.out, rows)


def _picture(path: Path | None, options: Options) -> Picture:
    if path is None:
        return Picture(*options.size, options.fps)
    facts = probe(path)
    size = (facts.width, facts.height)
    if options.size not in ((0, 0), size):
        raise BadInput(
            f"{path}: has pictures of {size[0]}x{size[1]}, --size says "
            f"{options.size[0]}x{options.size[1]}; leave --size out"
        )
    return Picture(*size, facts.fps, facts.frames)


def _subjects(path: str | None, found: Mapping[str, Any]) -> dict[str, str]:
    if path is None:
        return {}
    try:
        table = pd.read_csv(path, sep=None, engine="python", dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise BadInput(f"{path}: --subjects cannot be read ({error})") from error
    subjects = dict(zip(table.iloc[:, 0], table.iloc[:, -1]))
    if not set(subjects) & set(found):
        raise BadInput(
            f"{path}: --subjects names none of the recordings; its first column holds "
            f"{next(iter(subjects), 'nothing')!r}, the recordings are called {next(iter(found))!r}"
        )
    return subjects


def _sheet(path: str) -> list[dict]:
    try:
        table = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise BadInput(f"{path}: is no tab-separated table ({error})") from error
    return table.to_dict("records")


def cut(video: str, frames: int, fps: float, seconds: float) -> list[dict]:
    """Unlabelled clips of `seconds`; a rest shorter than half of that goes to the last one."""
    length = max(1, round(seconds * fps))
    starts = list(range(0, max(frames - length // 2, 1), length))
    return [
        {
            "clip": f"{video}_{number:03d}",
            "video": video,
            "start": start,
            "end": frames - 1 if start == starts[-1] else start + length - 1,
            "label": "",
            "split": "unlabelled",
        }
        for number, start in enumerate(starts)
    ]


def files_of(paths: list[str], endings: tuple[str, ...], noun: str) -> list[Path]:
    """The files with these endings among `paths` and in the folders among them (not below).
    Raises BadInput where a path is not there or nothing is found."""
    files: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir():
            inside = (f for f in sorted(path.iterdir()) if f.suffix.lower() in endings)
            files += [f for f in inside if not f.name.startswith(".")]
        elif path.is_file():
            files.append(path)
        else:
            raise BadInput(f"{path}: no such file or folder")
    if not files:
        raise BadInput(
            f"{', '.join(paths)}: holds no {noun} (a file that ends with {' or '.join(endings)})"
        )
    return files
