"""The rules of ELAN's schema EAFv3.0.xsd, and those that it states in words only, as checks.

Written from the schema: order of elements, required attributes, types of values, keys and what
refers to them.
"""

import itertools
import re
from xml.etree import ElementTree

ORDER = (
    "LICENSE", "HEADER", "TIME_ORDER", "TIER", "LINGUISTIC_TYPE", "LOCALE", "LANGUAGE",
    "CONSTRAINT", "CONTROLLED_VOCABULARY", "LEXICON_REF", "REF_LINK_SET", "EXTERNAL_REF",
)  # fmt: skip
REQUIRED = {
    "ANNOTATION_DOCUMENT": ("DATE", "AUTHOR", "VERSION"),
    "MEDIA_DESCRIPTOR": ("MEDIA_URL", "MIME_TYPE"),
    "TIME_SLOT": ("TIME_SLOT_ID",),
    "TIER": ("TIER_ID", "LINGUISTIC_TYPE_REF"),
    "ALIGNABLE_ANNOTATION": ("ANNOTATION_ID", "TIME_SLOT_REF1", "TIME_SLOT_REF2"),
    "REF_ANNOTATION": ("ANNOTATION_ID", "ANNOTATION_REF"),
    "LINGUISTIC_TYPE": ("LINGUISTIC_TYPE_ID",),
    "LANGUAGE": ("LANG_ID",),
    "CONSTRAINT": ("STEREOTYPE",),
    "CONTROLLED_VOCABULARY": ("CV_ID",),
    "CV_ENTRY_ML": ("CVE_ID",),
    "CVE_VALUE": ("LANG_REF",),
}
DATE = r"-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?"
NAME = r"[A-Za-z_][\w.-]*"  # xsd:ID


def broken_rules(path) -> list[str]:
    """What breaks a rule in the file; [] for a good one."""
    root = ElementTree.parse(path).getroot()
    wrong = []

    def rule(holds, text):
        if not holds:
            wrong.append(text)

    rule(root.tag == "ANNOTATION_DOCUMENT", "root")
    places = [ORDER.index(child.tag) for child in root]
    rule(places == sorted(places), "order of the elements")
    rule(places.count(1) == places.count(2) == 1, "one HEADER, one TIME_ORDER")
    for element in root.iter():
        for attribute in REQUIRED.get(element.tag, ()):
            rule(element.get(attribute) is not None, f"{element.tag} without {attribute}")
    rule(re.fullmatch(DATE, root.get("DATE", "")), "DATE is no xsd:dateTime")
    header = root.find("HEADER")
    kinds = [
        ("MEDIA_DESCRIPTOR", "LINKED_FILE_DESCRIPTOR", "PROPERTY").index(c.tag) for c in header
    ]
    rule(kinds == sorted(kinds), "order within the HEADER")

    slots = {e.get("TIME_SLOT_ID"): int(e.get("TIME_VALUE")) for e in root.iter("TIME_SLOT")}
    rule(list(slots.values()) == sorted(slots.values()), "TIME_SLOTs in order of time")
    rule(min(slots.values(), default=0) >= 0, "a time below 0")
    annotations = [*root.iter("ALIGNABLE_ANNOTATION"), *root.iter("REF_ANNOTATION")]
    names = [
        *(e.get("TIME_SLOT_ID") for e in root.iter("TIME_SLOT")),
        *(e.get("ANNOTATION_ID") for e in annotations),
        *(e.get("LANG_ID") for e in root.iter("LANGUAGE")),
        *(e.get("STEREOTYPE") for e in root.iter("CONSTRAINT")),
    ]
    rule(len(names) == len(set(names)), "ids are unique in the whole file")
    rule(all(re.fullmatch(NAME, name) for name in names), "an id is no xsd:ID")

    types = {e.get("LINGUISTIC_TYPE_ID"): e for e in root.iter("LINGUISTIC_TYPE")}
    rule(len(types) == len(list(root.iter("LINGUISTIC_TYPE"))), "LINGUISTIC_TYPE_ID twice")
    constraints = {e.get("STEREOTYPE") for e in root.iter("CONSTRAINT")}
    vocabularies = {e.get("CV_ID"): e for e in root.iter("CONTROLLED_VOCABULARY")}
    languages = {e.get("LANG_ID") for e in root.iter("LANGUAGE")}
    for kind in types.values():
        constraint, vocabulary = kind.get("CONSTRAINTS"), kind.get("CONTROLLED_VOCABULARY_REF")
        rule(constraint is None or constraint in constraints, f"constraint {constraint}")
        rule(vocabulary is None or vocabulary in vocabularies, f"vocabulary {vocabulary}")
        aligned = constraint in (None, "Time_Subdivision", "Included_In")
        rule(kind.get("TIME_ALIGNABLE") == str(aligned).lower(), "TIME_ALIGNABLE and constraint")
    for vocabulary in vocabularies.values():
        entries = [e.get("CVE_ID") for e in vocabulary.iter("CV_ENTRY_ML")]
        rule(len(entries) == len(set(entries)), "CVE_ID twice")
        for value in vocabulary.iter("CVE_VALUE"):
            rule(value.get("LANG_REF") in languages, "a language that is not defined")

    tiers = {e.get("TIER_ID"): e for e in root.iter("TIER")}
    rule(len(tiers) == len(list(root.iter("TIER"))), "TIER_ID twice")
    home = {
        a.get("ANNOTATION_ID"): name
        for name, t in tiers.items()
        for a in t.iterfind("ANNOTATION/*")
    }
    for name, tier in tiers.items():
        kind = types.get(tier.get("LINGUISTIC_TYPE_REF"))
        rule(kind is not None, f"type of tier {name}")
        parent = tier.get("PARENT_REF")
        rule(parent is None or parent in tiers, f"parent of tier {name}")
        rule((parent is None) == (kind.get("CONSTRAINTS") is None), f"constraint of tier {name}")
        vocabulary = vocabularies.get(kind.get("CONTROLLED_VOCABULARY_REF"))
        words = {}
        for entry in vocabulary.iter("CV_ENTRY_ML") if vocabulary is not None else ():
            words[entry.get("CVE_ID")] = {value.text for value in entry.iter("CVE_VALUE")}
        spans, parents = [], []
        for annotation in tier.iterfind("ANNOTATION/*"):
            value = annotation.find("ANNOTATION_VALUE")
            rule(value is not None, f"an annotation of {name} without a value")
            entry = annotation.get("CVE_REF")
            rule(
                entry is None or value.text in words.get(entry, ()), f"{value.text} is not {entry}"
            )
            if annotation.tag == "ALIGNABLE_ANNOTATION":
                rule(kind.get("TIME_ALIGNABLE") == "true", f"times in tier {name}")
                ends = annotation.get("TIME_SLOT_REF1"), annotation.get("TIME_SLOT_REF2")
                rule(set(ends) <= set(slots), f"slots of {name}")
                spans.append(tuple(slots.get(end, 0) for end in ends))
            else:
                rule(home.get(annotation.get("ANNOTATION_REF")) == parent, f"parents in {name}")
                parents.append(annotation.get("ANNOTATION_REF"))
        rule(all(start < end for start, end in spans), f"length of an annotation of {name}")
        spans.sort()
        rule(all(a[1] <= b[0] for a, b in itertools.pairwise(spans)), f"overlaps in tier {name}")
        if kind.get("CONSTRAINTS") == "Symbolic_Association":
            rule(len(parents) == len(set(parents)), f"two children of one parent in {name}")
    return wrong
