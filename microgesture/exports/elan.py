"""Writes ELAN files (.eaf, format 3.0), one a video.

Every person has a tier gesture@NAME with a controlled vocabulary of the classes, and below it, tied
to its annotations, confidence@NAME, second choice@NAME and comment@NAME where there is something to
say. A tier cannot hold two things at once: what overlaps stands in gesture-2@NAME and so on.
"""

import datetime
import os
import re
import uuid
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from microgesture.exports.segments import Export, Segment, Video
from microgesture.provenance.files import written_whole

VOCABULARY = "gestures"
SCHEMA = "http://www.mpi.nl/tools/elan/EAFv3.0.xsd"
_LANGUAGE = {
    "LANG_ID": "und",
    "LANG_DEF": "http://cdb.iso.org/lg/CDB-00130975-001",
    "LANG_LABEL": "undetermined (und)",
}
_CONSTRAINTS = {
    "Time_Subdivision": "Divides the time of the parent annotation without gaps",
    "Symbolic_Subdivision": "Divides the parent annotation in order, without times",
    "Symbolic_Association": "Belongs to one parent annotation",
    "Included_In": "Lies within the time of the parent annotation, gaps are allowed",
}
_REMARKS = {"confidence": "confidence", "second choice": "second", "comment": "comment"}
_MIMES = {".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/quicktime", ".mpg": "video/mpeg"}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # not allowed in XML
_HALF = 0.5  # frames that a point event is made long, so that it can be seen and caught


def write_elan(export: Export, folder: str | Path) -> list[Path]:
    """One .eaf file for each video of `export`; returns their paths.

    Times are rounded to whole milliseconds, ELAN's unit; frames come back the same.
    """
    paths = []
    for video, stem in export.stems():
        path = Path(folder) / f"{stem}.eaf"
        root = _document(export, video, path)
        ElementTree.indent(root, "    ")
        with written_whole(path) as temporary:
            ElementTree.ElementTree(root).write(temporary, encoding="UTF-8", xml_declaration=True)
        paths.append(path)
    return paths


def _document(export: Export, video: Video, path: Path) -> Element:
    now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    root = Element(
        "ANNOTATION_DOCUMENT",
        {
            "AUTHOR": "microgesture",
            "DATE": now.isoformat(),
            "FORMAT": "3.0",
            "VERSION": "3.0",
            "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
            "xsi:noNamespaceSchemaLocation": SCHEMA,
        },
    )
    header = SubElement(root, "HEADER", {"MEDIA_FILE": "", "TIME_UNITS": "milliseconds"})
    file = video.path.absolute()
    relative = Path(os.path.relpath(file, path.absolute().parent)).as_posix()
    SubElement(
        header,
        "MEDIA_DESCRIPTOR",
        {
            "MEDIA_URL": f"file://{file.as_posix()}",
            "MIME_TYPE": _MIMES.get(file.suffix.lower(), "video/*"),
            "RELATIVE_MEDIA_URL": relative if relative.startswith("..") else f"./{relative}",
        },
    )
    order = SubElement(root, "TIME_ORDER")
    entries = {name: f"cveid{number}" for number, name in enumerate(export.names())}
    tiers = _Tiers(root, entries, video)
    segments = export.of(video)
    for person in export.people(video):
        own = [segment for segment in segments if segment.subject == person]
        for number, layer in enumerate(_layers(own, video) or [[]], start=1):
            tiers.add(person, f"-{number}" if number > 1 else "", layer)
    for slot, time in tiers.slots():
        SubElement(order, "TIME_SLOT", {"TIME_SLOT_ID": slot, "TIME_VALUE": str(time)})
    urn = f"urn:nl-mpi-tools-elan-eaf:{uuid.uuid5(uuid.NAMESPACE_URL, file.as_uri())}"
    SubElement(header, "PROPERTY", {"NAME": "URN"}).text = urn
    last = SubElement(header, "PROPERTY", {"NAME": "lastUsedAnnotationId"})
    last.text = str(tiers.annotations)
    _types(root, export, entries)
    return root


def milliseconds(segment: Segment, video: Video) -> tuple[int, int]:
    """Start and end in whole ms, the end at least one later; a point is half a frame long."""
    start, end = segment.span(video.times)
    if start == end:
        end = start + _HALF / video.fps
    first = max(round(start * 1000), 0)
    return first, max(round(end * 1000), first + 1)


def _layers(segments: list[Segment], video: Video) -> list[list[Segment]]:
    """The segments in as few rows as hold them without overlaps."""
    layers: list[list[Segment]] = []
    for segment in sorted(segments, key=lambda s: milliseconds(s, video)):
        start = milliseconds(segment, video)[0]
        for layer in layers:
            if milliseconds(layer[-1], video)[1] <= start:
                layer.append(segment)
                break
        else:
            layers.append([segment])
    return layers


class _Tiers:
    """Adds tiers and gives their annotations ids and time slots."""

    def __init__(self, root: Element, entries: dict[str, str], video: Video):
        self._root, self._entries, self._video = root, entries, video
        self._alignable: list[tuple[Element, int, int]] = []
        self.annotations = 0

    def add(self, person: str, suffix: str, segments: list[Segment]) -> None:
        """gesture@person and the tiers below it, as far as there is something in them."""
        name = f"gesture{suffix}@{person}"
        tier = self._tier(name, "gesture", person)
        ids = []
        for segment in segments:
            annotation = SubElement(SubElement(tier, "ANNOTATION"), "ALIGNABLE_ANNOTATION")
            ids.append(self._name(annotation))
            annotation.set("CVE_REF", self._entries[segment.name])
            self._alignable.append((annotation, *milliseconds(segment, self._video)))
            SubElement(annotation, "ANNOTATION_VALUE").text = _clean(segment.name)
        for kind, attribute in _REMARKS.items():
            said = [(parent, getattr(s, attribute)) for parent, s in zip(ids, segments)]
            said = [(parent, value) for parent, value in said if value not in (None, "")]
            if not said:
                continue
            below = self._tier(f"{kind}{suffix}@{person}", kind, person, name)
            for parent, value in said:
                annotation = SubElement(SubElement(below, "ANNOTATION"), "REF_ANNOTATION")
                self._name(annotation)
                annotation.set("ANNOTATION_REF", parent)
                if kind == "second choice" and value in self._entries:
                    annotation.set("CVE_REF", self._entries[value])
                words = f"{value:.4f}" if kind == "confidence" else _clean(value)
                SubElement(annotation, "ANNOTATION_VALUE").text = words

    def slots(self) -> list[tuple[str, int]]:
        """(id, ms) of every slot in order of time; the annotations get theirs on the way."""
        ends = [
            (time, place, element, f"TIME_SLOT_REF{place + 1}")
            for element, *span in self._alignable
            for place, time in enumerate(span)
        ]
        ends.sort(key=lambda end: (end[0], -end[1]))  # at one time, first what ends
        for number, (_, _, element, reference) in enumerate(ends, start=1):
            element.set(reference, f"ts{number}")
        return [(f"ts{number}", end[0]) for number, end in enumerate(ends, start=1)]

    def _tier(self, name: str, kind: str, person: str, parent: str = "") -> Element:
        attributes = {"LINGUISTIC_TYPE_REF": kind, "PARTICIPANT": person, "TIER_ID": name}
        return SubElement(
            self._root, "TIER", attributes | ({"PARENT_REF": parent} if parent else {})
        )

    def _name(self, annotation: Element) -> str:
        self.annotations += 1
        annotation.set("ANNOTATION_ID", f"a{self.annotations}")
        return f"a{self.annotations}"


def _types(root: Element, export: Export, entries: dict[str, str]) -> None:
    for kind in ("gesture", *_REMARKS):
        element = SubElement(root, "LINGUISTIC_TYPE", {"GRAPHIC_REFERENCES": "false"})
        element.set("LINGUISTIC_TYPE_ID", kind)
        element.set("TIME_ALIGNABLE", "true" if kind == "gesture" else "false")
        if kind != "gesture":
            element.set("CONSTRAINTS", "Symbolic_Association")
        if kind in ("gesture", "second choice"):
            element.set("CONTROLLED_VOCABULARY_REF", VOCABULARY)
    SubElement(root, "LANGUAGE", _LANGUAGE)
    for name, description in _CONSTRAINTS.items():
        SubElement(root, "CONSTRAINT", {"STEREOTYPE": name, "DESCRIPTION": description})
    vocabulary = SubElement(root, "CONTROLLED_VOCABULARY", {"CV_ID": VOCABULARY})
    SubElement(vocabulary, "DESCRIPTION", {"LANG_REF": "und"}).text = "The classes of the sheets"
    for name, entry in entries.items():
        element = SubElement(vocabulary, "CV_ENTRY_ML", {"CVE_ID": entry})
        facts = export.classes.get(name, {})
        value = SubElement(element, "CVE_VALUE", {"LANG_REF": "und"})
        value.set("DESCRIPTION", _clean(facts.get("description", "")))
        value.text = _clean(name)


def _clean(text: str) -> str:
    return _CONTROL.sub(" ", text)
