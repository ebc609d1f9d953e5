"""When the annotations of an ELAN file are: slots without a time, and annotations that refer.

As ELAN draws them: a row of annotations that share slots without times is divided evenly between
the two times that bound it; a symbolic association lasts as long as its parent; the symbolic
subdivisions of one parent divide it evenly, in their order.
"""

from collections import defaultdict

from microgesture.importers.elan_document import Document, RawAnnotation, Tier


class Times:
    """Seconds of every annotation of a document, found on first use."""

    def __init__(self, document: Document):
        self._document = document
        self._slots = _resolve_slots(document)
        self._annotations: dict[str, tuple[Tier, RawAnnotation]] = {}
        self._children: dict[tuple[str, str], list[RawAnnotation]] = defaultdict(list)
        self._ordered: dict[tuple[str, str], dict[str, int]] = {}
        for tier in document.tiers.values():
            for annotation in tier.annotations:
                self._annotations[annotation.id] = (tier, annotation)
                if annotation.slots is None:
                    self._children[tier.name, annotation.parent].append(annotation)

    def of(self, annotation: str) -> tuple[float, float]:
        """Start and end of the annotation with this id, in seconds of the annotations' clock.

        Raises ValueError where its parents lead in a circle, or to one that does not exist.
        """
        steps: list[tuple[int, int]] = []  # (place, number) in each subdivided ancestor
        seen = set()
        while True:
            if annotation in seen or annotation not in self._annotations:
                raise ValueError(annotation)
            seen.add(annotation)
            tier, found = self._annotations[annotation]
            if found.slots is not None:
                start, end = (self._slots[slot] for slot in found.slots)
                break
            if tier.constraint == "Symbolic_Subdivision":
                places = self._places(tier.name, found.parent)
                steps.append((places[annotation], len(places)))
            annotation = found.parent
        for place, number in reversed(steps):
            width = (end - start) / number
            start, end = start + place * width, start + (place + 1) * width
        return start, end

    def _places(self, tier: str, parent: str) -> dict[str, int]:
        """Child of `parent` in `tier` -> its place, by the chain of previous annotations."""
        key = (tier, parent)
        if key not in self._ordered:
            children = self._children[key]
            after = {child.previous: child.id for child in children if child.previous}
            heads = [child.id for child in children if not child.previous]
            ordered: dict[str, int] = {}
            for head in heads:
                while head is not None and head not in ordered:
                    ordered[head] = len(ordered)
                    head = after.get(head)
            for child in children:  # a broken chain: in the file's order
                ordered.setdefault(child.id, len(ordered))
            self._ordered[key] = ordered
        return self._ordered[key]


def _resolve_slots(document: Document) -> dict[str, float]:
    """Seconds of every slot."""
    times = {slot: value for slot, value in document.slots.items() if value is not None}
    rows = [[a.slots for a in tier.annotations if a.slots] for tier in document.tiers.values()]
    known = -1
    while known < len(times):  # a subdivision's bounds may be those that its parent has just got
        known = len(times)
        for row in rows:
            _divide(row, times)
    waiting: list[str] = []
    before = 0.0
    for slot in document.slots:  # the order of the slots is the order in time
        if slot not in times:
            waiting.append(slot)
            continue
        for place, unknown in enumerate(waiting, start=1):
            times[unknown] = before + (times[slot] - before) * place / (len(waiting) + 1)
        waiting, before = [], max(before, times[slot])
    return times | dict.fromkeys(waiting, before)


def _divide(row: list[tuple[str, str]], times: dict[str, float]) -> None:
    """Give times to the slots between two known ones in a row of (begin, end) slots."""
    following = dict(row)
    for first in [begin for begin, _ in row if begin in times]:
        chain = [first]
        while (slot := following.get(chain[-1])) is not None and slot not in chain:
            chain.append(slot)
            if slot in times:
                break
        if chain[-1] in times:
            start, width = times[first], times[chain[-1]] - times[first]
            for place, slot in enumerate(chain[1:-1], start=1):
                times[slot] = start + width * place / (len(chain) - 1)
