"""What every importer writes: the sequence stores and the three sheets of a workflow."""

import hashlib
import logging
import re
import statistics
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from microgesture.provenance.errors import BadInput
from microgesture.provenance.files import written_whole
from microgesture.tables.problems import raise_for
from microgesture.tables.reading import read_table
from microgesture.tables.rows import integers
from microgesture.tables.sheets import read_sheets

LOGGER = logging.getLogger(__name__)

VIDEO_COLUMNS = (
    "video", "path", "subject", "fps", "region", "annotated", "keypoints", "keypoints_2d",
)  # fmt: skip
LEFT_OUT = ("region", "annotated", "keypoints", "keypoints_2d")  # where no row has one
CLIP_COLUMNS = ("clip", "video", "start", "end", "label", "split")
LABEL_COLUMNS = ("label", "name", "description", "group")
VALIDATION_SHARE = 0.15
FEW = 3  # frames: no gesture is shorter


@dataclass(frozen=True)
class SheetRows:
    """videos, clips, labels: one dictionary per row; a column that is left out is empty."""

    videos: list[dict]
    clips: list[dict]
    labels: list[dict]


def identifiers(names: Iterable[str], origin: str) -> dict[str, str]:
    """Name -> id that the sheets allow.

    Accents are left out and other characters become "_"; a name that has letters of another
    script gets a piece of a hash of the whole name, the same on every machine. Raises BadInput that
    lists the names that fall together and those that have no letter or digit. origin: the file, for
    the message.
    """
    taken: dict[str, str] = {}
    problems = []
    for name in names:
        identifier = _identifier(str(name))
        if not identifier or identifier in taken:
            other = f"{taken[identifier]!r} too" if identifier else "no letter or digit is left"
            problems.append(
                f"{origin}: {name!r} becomes the id {identifier!r} ({other}); rename it"
            )
        else:
            taken[identifier] = name
    if problems:
        raise BadInput("\n".join(problems))
    return {name: identifier for identifier, name in taken.items()}


def _identifier(name: str) -> str:
    """Latin letters, digits, "_", "." and "-" of a name, beginning with a letter or a digit."""
    plain = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", name)
        if not unicodedata.combining(letter)
    )
    identifier = re.sub(r"[^A-Za-z0-9_.-]+", "_", plain).strip("_").lstrip("_.-")
    if any(letter.isalnum() and not letter.isascii() for letter in plain):
        # Composed and decomposed accents are one name: file systems store either.
        whole = unicodedata.normalize("NFC", name).encode()
        piece = hashlib.blake2b(whole, digest_size=4).hexdigest()
        identifier = f"{identifier}_{piece}" if identifier else f"v{piece}"
    return identifier


def read_label_names(path: str | Path) -> list[dict]:
    """Rows of a labels sheet (label, name, description, group).

    path: a table with tabs and the columns label and name (description and group optional), or a
    text file with one name per line, class 0 first. Raises BadInput.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: cannot be read as UTF-8 text ({error})") from error
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise BadInput(f"{path}: is empty; write one class name per line, class 0 first")
    if "\t" not in lines[0]:
        return [{"label": number, "name": line.strip()} for number, line in enumerate(lines)]
    table, problems = read_table(path)
    raise_for(problems, "the class names")
    for column in ("label", "name"):
        if column not in table.columns:
            header = ", ".join(table.columns)
            raise BadInput(f"{path}: line 1: has no column {column!r}, only {header}")
    numbers, rows = integers(table["label"]), []
    for number, label, row in zip(table.index, numbers, table.to_dict("records")):
        if not label >= 0:
            raise BadInput(f"{path}: line {number}: label {row['label']!r} is no whole number")
        row = {column: row.get(column, "") for column in LABEL_COLUMNS}
        rows.append(row | {"label": int(label)})
    rows.sort(key=lambda row: row["label"])
    if [row["label"] for row in rows] != list(range(len(rows))):
        raise BadInput(f"{path}: number the {len(rows)} classes 0 to {len(rows) - 1} without a gap")
    return rows


def name_classes(path: str | Path | None, count: int, stand_in: str) -> list[dict]:
    """Rows of a labels sheet for a data set with `count` classes: those of `read_label_names`, or
    stand_in.format(label) where nobody names them. BadInput unless there are `count`."""
    if path is None:
        return [{"label": label, "name": stand_in.format(label)} for label in range(count)]
    names = read_label_names(path)
    if len(names) != count:
        raise BadInput(f"{path}: names {len(names)} classes, the data set has {count}")
    return names


def choose_validation_subjects(subjects: Mapping[str, str], labels: Mapping[str, int]) -> list[str]:
    """Training subjects to hold out for validation, when nobody names them.

    subjects: training clip -> subject; labels: clip -> label. The last subjects by name are taken
    until they hold 15 % of the clips, as long as two subjects and every class remain in training;
    [] where that cannot be.
    """
    chosen: list[str] = []
    names = sorted(set(subjects.values()))
    classes = {labels[clip] for clip in subjects}
    for name in reversed(names):
        if len(names) - len(chosen) <= 2:
            break
        held = {clip for clip, subject in subjects.items() if subject in [*chosen, name]}
        if {labels[clip] for clip in subjects if clip not in held} == classes:
            chosen.append(name)
            if len(held) >= VALIDATION_SHARE * len(subjects):
                return sorted(chosen)
    return []


def find_subject(name: str, pattern: str | None, origin: str) -> str:
    """The subject in a name: what the first group of the regular expression `pattern` catches, or
    the whole match; the name itself without a pattern. Raises BadInput where nothing matches."""
    if pattern is None:
        return name
    try:
        found = re.search(pattern, name)
    except re.error as error:
        raise BadInput(
            f"--subject-pattern {pattern!r} is no regular expression ({error})"
        ) from error
    if found is None:
        raise BadInput(
            f"{origin}: --subject-pattern {pattern!r} finds no subject in {name!r}; for names like "
            r"a01_s02_e03 write 's(\d+)'"
        )
    return found.group(1) if found.groups() else found.group(0)


def seconds_for_frames(clips: list[dict], frames: int, fps: float) -> bool:
    """Whether start and end of a video's clips are seconds where frames belong: all of them end
    before the number of seconds that the video lasts, and half of them have three frames or fewer.

    clips: start and end of five clips at least, else nothing is said.
    """
    if len(clips) < 5 or fps <= 2:
        return False
    last = max(clip["end"] for clip in clips)
    return last <= frames / fps and _half_are_short(clips)


def short_clips(clips: list[dict]) -> str | None:
    """A doubt about clips of a few frames everywhere, None where there is none."""
    if len(clips) < 5 or not _half_are_short(clips):
        return None
    return (
        f"half of the {len(clips)} clips have {FEW} frames or fewer: are start and end seconds? "
        "Frames are expected: multiply seconds by the frames per second"
    )


def _half_are_short(clips: list[dict]) -> bool:
    return statistics.median(int(c["end"]) - int(c["start"]) + 1 for c in clips) <= FEW


def write_sheets(folder: str | Path, rows: SheetRows) -> dict[str, str]:
    """Write videos.tsv, clips.tsv and labels.tsv, then read them back through the workflow's own
    checks. Returns their paths. Raises BadInput as `read_sheets` does.
    """
    paths = {}
    for kind, columns in (
        ("videos", VIDEO_COLUMNS),
        ("clips", CLIP_COLUMNS),
        ("labels", LABEL_COLUMNS),
    ):
        table = pd.DataFrame(getattr(rows, kind), dtype=object).reindex(columns=columns)
        used = [c for c in columns if c not in LEFT_OUT or table[c].notna().any()]
        paths[kind] = str(Path(folder) / f"{kind}.tsv")
        with written_whole(paths[kind]) as temporary:
            table[used].to_csv(temporary, sep="\t", index=False, na_rep="")
    read_sheets(**paths)
    if doubtful := short_clips(rows.clips):
        LOGGER.warning("%s: %s", paths["clips"], doubtful)
    counts = pd.Series([row["split"] for row in rows.clips]).value_counts()
    LOGGER.info(
        "%d videos, %d clips (%s), %d classes -> %s",
        len(rows.videos),
        len(rows.clips),
        ", ".join(f"{split} {count}" for split, count in counts.items()),
        len(rows.labels),
        folder,
    )
    return paths
