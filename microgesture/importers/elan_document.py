"""The parts of an ELAN file (.eaf, versions 2.x and 3.0), checked for what they refer to.

The format: EAF Annotation Format 3.0 and its schema EAFv3.0.xsd of the Max Planck Institute for
Psycholinguistics. Times are resolved in microgesture/importers/elan_times.py.
"""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from microgesture.importers.safe_xml import read_xml
from microgesture.provenance.errors import BadInput
from microgesture.tables.problems import Problem, nearest


@dataclass(frozen=True)
class Medium:
    """url, relative: where the file was; mime: its kind; origin: the place in the medium, in
    seconds, that stands at 0 of the annotations' clock."""

    url: str
    relative: str
    mime: str
    origin: float


@dataclass(frozen=True)
class RawAnnotation:
    """value as written; slots: begin and end, or None for a reference annotation; parent: the
    annotation it refers to; previous: the one before it; entry: id in the vocabulary, or ""."""

    id: str
    value: str
    slots: tuple[str, str] | None
    parent: str
    previous: str
    entry: str
    line: int


@dataclass(frozen=True)
class Vocabulary:
    """entries: id -> {language: (value, description)}, in order. known: False where it lies in
    another file (`source`) that is not there."""

    name: str
    entries: dict[str, dict[str, tuple[str, str]]]
    known: bool = True
    source: str = ""


@dataclass
class Tier:
    """One tier. constraint: "" (top level), Time_Subdivision, Included_In, Symbolic_Subdivision,
    Symbolic_Association. base: the name before "@" of a template tier, or the whole name."""

    name: str
    participant: str
    parent: str
    language: str
    constraint: str
    vocabulary: Vocabulary | None
    line: int
    annotations: list[RawAnnotation] = field(default_factory=list)

    @property
    def base(self) -> str:
        return self.name.split("@", 1)[0] or self.name

    @property
    def alignable(self) -> bool:
        return any(annotation.slots for annotation in self.annotations)


@dataclass
class Document:
    """One .eaf file. slots: id -> seconds or None, in the file's order. broken: names of tiers and
    annotations that are told as problems already and cannot be used."""

    path: Path
    media: list[Medium]
    slots: dict[str, float | None]
    tiers: dict[str, Tier]
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)

    def problem(self, where: str, line: int | None, value, wrong: str, remedy: str) -> None:
        """Remember what is wrong at `where` (a tier, or "" for the file)."""
        place = f"{self.path}, {where}" if where else str(self.path)
        self.problems.append(Problem(place, line, None, value, wrong, remedy))


_SAVE = "open it in ELAN and save it again"


def read_document(path: str | Path) -> Document:
    """Read and check one file. Raises BadInput where it is no ELAN file at all; everything else
    that is wrong is in `problems`."""
    root, lines = read_xml(path)
    if root.tag != "ANNOTATION_DOCUMENT":
        kinds = {"CV_RESOURCE": "an external vocabulary (.ecv)", "preferences": "settings (.pfsx)"}
        found = kinds.get(root.tag, f"a file of another kind (<{root.tag}>)")
        raise BadInput(f"{path}: is {found}, no ELAN annotation file; name the .eaf beside it")
    document = Document(Path(path), [], {}, {})
    header = root.find("HEADER")
    units = "milliseconds" if header is None else header.get("TIME_UNITS", "milliseconds")
    if units != "milliseconds":
        document.problem("HEADER", None, units, "is no unit that is read", f"only ms: {_SAVE}")
    for element in root.iterfind("HEADER/MEDIA_DESCRIPTOR"):
        _read_medium(document, element, lines)
    _read_slots(document, root, lines)
    vocabularies = _read_vocabularies(document, root)
    types = {e.get("LINGUISTIC_TYPE_ID", ""): e for e in root.iterfind("LINGUISTIC_TYPE")}
    for element in root.iterfind("TIER"):
        _read_tier(document, element, lines, types, vocabularies)
    _check_references(document)
    return document


def _read_medium(document: Document, element: Element, lines: dict) -> None:
    origin = element.get("TIME_ORIGIN") or "0"
    try:
        seconds = int(origin) / 1000
    except ValueError:
        seconds = 0.0
        document.problem(
            "MEDIA_DESCRIPTOR", lines[element], origin, "is no TIME_ORIGIN in ms", _SAVE
        )
    document.media.append(
        Medium(
            element.get("MEDIA_URL", ""),
            element.get("RELATIVE_MEDIA_URL", ""),
            element.get("MIME_TYPE", ""),
            seconds,
        )
    )


def _read_slots(document: Document, root: Element, lines: dict) -> None:
    for element in root.iterfind("TIME_ORDER/TIME_SLOT"):
        name, value = element.get("TIME_SLOT_ID", ""), element.get("TIME_VALUE")
        if not name or name in document.slots:
            wrong = "stands twice as a TIME_SLOT_ID" if name else "a TIME_SLOT without an id"
            document.problem("TIME_ORDER", lines[element], name or None, wrong, _SAVE)
            continue
        document.slots[name] = None
        if value is None or not value.strip():
            continue
        if value.strip().isdecimal():
            document.slots[name] = int(value) / 1000
        else:
            wrong = f"is no time of slot {name} (whole milliseconds, 0 or more)"
            document.problem("TIME_ORDER", lines[element], value, wrong, _SAVE)


def _read_vocabularies(document: Document, root: Element) -> dict[str, Vocabulary]:
    references = {e.get("EXT_REF_ID"): e for e in root.iterfind("EXTERNAL_REF")}
    found = {}
    for element in root.iterfind("CONTROLLED_VOCABULARY"):
        name = element.get("CV_ID", "")
        entries = _entries(element)
        reference = references.get(element.get("EXT_REF"))
        external = reference is not None and reference.get("TYPE") == "ecv"
        source = reference.get("VALUE", "") if external else ""
        if external and not entries:
            entries = _external_entries(document, source, name)
        found[name] = Vocabulary(name, entries or {}, entries is not None, source)
    return found


def _entries(element: Element) -> dict[str, dict[str, tuple[str, str]]]:
    entries = {}
    for number, entry in enumerate(element):
        if entry.tag == "CV_ENTRY":  # up to version 2.7: one language, maybe no id
            name = entry.get("CVE_ID") or f"#{number}"
            values = {"": (_text(entry), entry.get("DESCRIPTION", ""))}
        elif entry.tag == "CV_ENTRY_ML":
            name = entry.get("CVE_ID") or f"#{number}"
            values = {
                value.get("LANG_REF", ""): (_text(value), value.get("DESCRIPTION", ""))
                for value in entry.iterfind("CVE_VALUE")
            }
        else:
            continue
        entries[name] = {language: pair for language, pair in values.items() if pair[0]}
    return entries


def _external_entries(document: Document, url: str, name: str) -> dict | None:
    """Entries of a vocabulary in an .ecv file, looked for beside the annotation file only."""
    path = document.path.parent / unquote(url).replace("\\", "/").rsplit("/", 1)[-1]
    if not path.is_file():
        return None
    root, _ = read_xml(path)
    for element in root.iterfind("CONTROLLED_VOCABULARY"):
        if element.get("CV_ID") == name:
            return _entries(element)
    document.problem("", None, name, f"is no vocabulary of {path}", "put the right .ecv there")
    return None


def _read_tier(document: Document, element: Element, lines: dict, types, vocabularies) -> None:
    name, line = element.get("TIER_ID", ""), lines[element]
    where = f"tier {name!r}"
    if not name or name in document.tiers:
        wrong = "is the name of two tiers" if name else "a tier without a name"
        document.problem(where, line, None, wrong, "rename one in ELAN")
        return
    kind = element.get("LINGUISTIC_TYPE_REF", "")
    if kind not in types:
        hint = nearest(kind, types)
        near = f"did you mean {hint!r}? " if hint else ""
        wrong = "is a tier type that the file does not define"
        document.problem(where, line, kind, wrong, f"{near}Give the tier a type in ELAN")
        inside = element.iterfind("ANNOTATION/*")
        document.broken |= {name, *(inner.get("ANNOTATION_ID", "") for inner in inside)}
        return
    reference = types[kind].get("CONTROLLED_VOCABULARY_REF")
    if reference and reference not in vocabularies:
        wrong = f"is a vocabulary that the file does not define (tier type {kind!r})"
        document.problem(
            where, line, reference, wrong, "define it in ELAN, or take it off the type"
        )
    tier = Tier(
        name,
        (element.get("PARTICIPANT") or "").strip(),
        element.get("PARENT_REF", ""),
        element.get("LANG_REF", ""),
        types[kind].get("CONSTRAINTS", ""),
        vocabularies.get(reference),
        line,
    )
    document.tiers[name] = tier
    for inner in element.iterfind("ANNOTATION/*"):
        value = inner.find("ANNOTATION_VALUE")
        slots = (inner.get("TIME_SLOT_REF1", ""), inner.get("TIME_SLOT_REF2", ""))
        annotation = RawAnnotation(
            inner.get("ANNOTATION_ID", ""),
            "" if value is None else _text(value),
            slots if inner.tag == "ALIGNABLE_ANNOTATION" else None,
            inner.get("ANNOTATION_REF", ""),
            inner.get("PREVIOUS_ANNOTATION", ""),
            inner.get("CVE_REF", ""),
            lines[inner],
        )
        missing = [slot for slot in annotation.slots or () if slot not in document.slots]
        for slot in missing:
            wrong = f"is a time slot that the file does not hold (annotation {annotation.id})"
            document.problem(where, annotation.line, slot, wrong, f"the file was cut: {_SAVE}")
        if missing:
            document.broken.add(annotation.id)
        else:
            tier.annotations.append(annotation)


def _check_references(document: Document) -> None:
    seen = dict.fromkeys(document.broken, "")
    for tier in document.tiers.values():
        if tier.parent and tier.parent not in {*document.tiers, *document.broken}:
            wrong = "is the name of a parent tier that the file does not hold"
            document.problem(f"tier {tier.name!r}", tier.line, tier.parent, wrong, _SAVE)
        for annotation in tier.annotations:
            if not annotation.id or annotation.id in seen:
                other = f"stands in tier {seen[annotation.id]!r} too" if annotation.id else "no id"
                wrong = f"is no id of one annotation alone ({other})"
                document.problem(
                    f"tier {tier.name!r}", annotation.line, annotation.id, wrong, _SAVE
                )
            seen[annotation.id] = tier.name
    for tier in document.tiers.values():
        for annotation in tier.annotations:
            if annotation.slots is None and annotation.parent not in seen:
                wrong = f"is an annotation that the file does not hold (parent of {annotation.id})"
                document.problem(
                    f"tier {tier.name!r}", annotation.line, annotation.parent, wrong, _SAVE
                )


def _text(element: Element) -> str:
    return "".join(element.itertext()).strip()
