"""What the annotation tools have in common: somebody did something from here to there.

Every reader (ELAN, BORIS) fills one `AnnotationTable`; microgesture/importers/annotation_sheets.py
makes sheets of it.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from microgesture.tables.problems import Problem

_NOTED = re.compile(
    r"^confidence (?P<confidence>[01]?\.?\d+)"
    r"(?:; second choice: (?P<second>[^;]*))?(?:; |$)"
)


@dataclass(frozen=True)
class Recording:
    """One video that was annotated, maybe without anything found in it.

    names: how the annotation file calls it, best first: file URLs, paths of this or another
    computer. folder: where the annotation file lies. place: for messages.
    """

    names: tuple[str, ...]
    folder: Path
    place: str


@dataclass(frozen=True)
class Annotation:
    """One annotation.

    start, end: seconds on the video's own clock; the end is the first moment after, and equal to
    the start for a point event. subject: "" where the file names nobody. confidence: None where
    none is given. second: the second choice of a recogniser, or "". place: file, tier or row.
    """

    recording: Recording
    subject: str
    name: str
    start: float
    end: float
    point: bool = False
    comment: str = ""
    confidence: float | None = None
    second: str = ""
    modifiers: str = ""
    place: str = ""


@dataclass
class AnnotationTable:
    """All that was read. facts: class -> {"description", "group"} in the order of the vocabulary.
    notes: what a person should know; problems: what stops the import."""

    recordings: list[Recording] = field(default_factory=list)
    annotations: list[Annotation] = field(default_factory=list)
    facts: dict[str, dict[str, str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, place: str, row, value, wrong: str, remedy: str) -> None:
        """Remember one more thing that stops the import."""
        self.problems.append(Problem(place, row, None, value, wrong, remedy))

    def add(self, other: "AnnotationTable") -> None:
        """Take over what another file holds."""
        self.recordings += other.recordings
        self.annotations += other.annotations
        for name, facts in other.facts.items():
            known = self.facts.setdefault(name, facts)
            self.facts[name] = {key: known.get(key) or value for key, value in facts.items()}
        self.notes += other.notes
        self.problems += other.problems


def write_remark(confidence: float | None, second: str, comment: str) -> str:
    """One line for tools that know comments only: confidence, second choice, the comment."""
    words = [] if confidence is None else [f"confidence {confidence:.4f}".rstrip("0").rstrip(".")]
    if words and second:
        words.append(f"second choice: {second.replace(';', ',')}")
    return "; ".join([*words, comment] if comment else words)


def read_remark(remark: str) -> tuple[float | None, str, str]:
    """confidence, second choice and comment of a line that `write_remark` made; any other line is
    all comment."""
    found = _NOTED.match(remark)
    if not found:
        return None, "", remark
    return float(found["confidence"]), found["second"] or "", remark[found.end() :]
