"""Which tiers of an ELAN file are taken, whose they are, and what other tiers say about them."""

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

from microgesture.importers.elan_document import Document, Tier
from microgesture.provenance.errors import BadInput
from microgesture.tables.problems import nearest

# Tiers that say something about the annotations of their parent tier.
REMARKS = {
    "confidence": "confidence",
    "second choice": "second",
    "second": "second",
    "comment": "comment",
    "comments": "comment",
    "note": "comment",
    "notes": "comment",
}


def choose_tiers(document: Document, patterns: Sequence[str]) -> list[Tier]:
    tiers = list(document.tiers.values())
    if patterns:
        chosen = []
        for pattern in patterns:
            fits = [
                t for t in tiers if fnmatchcase(t.name, pattern) or fnmatchcase(t.base, pattern)
            ]
            if not fits:
                hint = nearest(pattern, document.tiers)
                near = f"did you mean {hint!r}?" if hint else f"there are {_names(tiers)}"
                raise BadInput(
                    f"{document.path}: --tiers {pattern!r}: no tier is called so; {near}"
                )
            chosen += [tier for tier in fits if tier not in chosen]
        return chosen
    usable = [t for t in tiers if t.alignable and _remark_of(t) is None]
    chosen = [t for t in usable if t.vocabulary] or [t for t in usable if not t.constraint]
    left = [t for t in tiers if t not in chosen and _remark_of(t) is None]
    if left and chosen:
        document.notes.append(
            f"{document.path}: takes {_names(chosen)}; leaves out {_names(left)}. Others: --tiers"
        )
    if not chosen and tiers:
        document.notes.append(f"{document.path}: no annotation has a time; tiers: {_names(tiers)}")
    return chosen


def _names(tiers: Sequence[Tier]) -> str:
    return ", ".join(f"{tier.name!r} ({len(tier.annotations)})" for tier in tiers)


def _remark_of(tier: Tier) -> str | None:
    return REMARKS.get(plain_base(tier.base).casefold()) if tier.parent else None


def read_remarks(document: Document, chosen: Sequence[Tier]) -> dict[str, dict]:
    """annotation -> {"confidence", "second", "comment"} from the tiers below the chosen ones."""
    parents = {tier.name for tier in chosen}
    remarks: dict[str, dict] = {}
    for tier in document.tiers.values():
        kind = _remark_of(tier)
        if kind is None or tier.parent not in parents or tier in chosen:
            continue
        for raw in tier.annotations:
            value: str | float = raw.value
            if kind == "confidence" and raw.value:
                try:
                    value = float(raw.value.replace(",", "."))
                except ValueError:
                    value = -1.0
                if not 0 <= value <= 1:
                    wrong = f"is no confidence from 0 to 1 (annotation {raw.id})"
                    remedy = "write a number such as 0.87, or rename the tier"
                    document.problem(f"tier {tier.name!r}", raw.line, raw.value, wrong, remedy)
            if value != "":
                remarks.setdefault(raw.parent, {})[kind] = value
    return remarks


def subject_of(document: Document, tier: Tier, source: str) -> str:
    behind = tier.name.split("@", 1)[1].strip() if "@" in tier.name else ""
    if not source and tier.participant and behind and tier.participant != behind:
        document.problem(
            f"tier {tier.name!r}", tier.line, tier.participant,
            f"is its participant, and the name says {behind!r}",
            "make them the same in ELAN, or say which counts: --subject-from participant (or tier)",
        )  # fmt: skip
    if source == "tier":
        return behind
    return tier.participant if source == "participant" else tier.participant or behind


def group_names(chosen: Sequence[Tier], class_from: str) -> dict[str, str]:
    """Tier -> group of its classes: the tier's name, or with the class in it its parent's, without
    "@" and number; "" where all are the same."""
    names = {t.name: (t.parent if class_from == "tier" else t.name) for t in chosen}
    groups = {tier: plain_base(name.split("@", 1)[0]) for tier, name in names.items()}
    return groups if len(set(groups.values())) > 1 else dict.fromkeys(groups, "")


def plain_base(base: str) -> str:
    """A tier's name without the number of a second tier for what overlaps: gesture-2 -> gesture."""
    return re.sub(r"[ _-]\d+$", "", base.strip())
