"""Which classes the annotations make, and their numbers."""

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from microgesture.importers.annotations import AnnotationTable
from microgesture.importers.sheet_writer import read_label_names
from microgesture.tables.problems import nearest


class ClassOptions(Protocol):
    """The part of `SheetOptions` that is used here."""

    labels: str
    leave_out: Sequence[str]
    ignore_case: bool


def choose_classes(
    table: AnnotationTable, options: ClassOptions
) -> tuple[list[dict], dict[str, int]]:
    """Rows of the labels sheet, and the number of every name in the annotations.

    The classes are those of `options.labels`, or else those that occur, in the order of the
    tool's own vocabulary and then of their first appearance. A name that is left out has no
    number. Unknown names, and names that differ in case or spaces only, become problems of
    `table`.
    """
    counts = Counter(annotation.name for annotation in table.annotations)
    for name in options.leave_out:
        if name not in counts:
            near = nearest(name, counts)
            hint = f"did you mean {near!r}?" if near else f"there are {', '.join(counts)}"
            table.problem("--leave-out", None, name, "is no class here", hint)
    names = [name for name in counts if name not in options.leave_out]
    order = {name: number for number, name in enumerate(table.facts)}
    names.sort(key=lambda name: order.get(name, len(order)))  # stable: first appearance
    if options.labels:
        return _given(table, options, names)
    same: dict[str, list[str]] = {}
    for name in names:
        same.setdefault(_plain(name), []).append(name)
    if not options.ignore_case:
        for alike in (alike for alike in same.values() if len(alike) > 1):
            told = " and ".join(f"{name!r} ({counts[name]})" for name in alike)
            table.problem(
                "the classes", None, None, f"{told} differ in case or spaces only",
                "write them the same way in the tool, or take them as one: --ignore-case",
            )  # fmt: skip
    rows, label_of = [], {}
    for alike in same.values() if options.ignore_case else [[name] for name in names]:
        best = max(alike, key=lambda name: counts[name])
        facts = table.facts.get(best, {})
        rows.append({"label": len(rows), "name": best, **facts})
        label_of |= dict.fromkeys(alike, rows[-1]["label"])
    return rows, label_of


def _plain(name: str) -> str:
    return " ".join(name.casefold().replace("_", " ").replace("-", " ").split())


def _given(
    table: AnnotationTable, options: ClassOptions, names: list[str]
) -> tuple[list[dict], dict[str, int]]:
    rows = read_label_names(options.labels)
    known = {row["name"]: row["label"] for row in rows}
    plain = {_plain(name): label for name, label in known.items()}
    label_of = {}
    for name in names:
        if name in known:
            label_of[name] = known[name]
        elif options.ignore_case and _plain(name) in plain:
            label_of[name] = plain[_plain(name)]
        else:
            near = nearest(name, known)
            hint = f"did you mean {near!r}? " if near else ""
            place = next(a.place for a in table.annotations if a.name == name)
            table.problem(
                place, None, name, f"is no class of {options.labels}",
                f"{hint}Add it there, or leave it out: --leave-out {name!r}",
            )  # fmt: skip
    for row in rows:
        facts = table.facts.get(row["name"], {})
        row |= {key: row.get(key) or value for key, value in facts.items()}
    return rows, label_of
