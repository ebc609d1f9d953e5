"""Which tiers are taken, and whose they are."""

import pytest

from microgesture.importers.elan_document import Document, RawAnnotation, Tier, Vocabulary
from microgesture.importers.elan_tiers import choose_tiers, group_names, plain_base, read_remarks
from microgesture.provenance.errors import BadInput

WORDS = Vocabulary("w", {"c0": {"": ("up", "")}})


def tier(name, parent="", constraint="", vocabulary=None, aligned=True, values=("x",)):
    found = Tier(name, "", parent, "", constraint, vocabulary, 1)
    for number, value in enumerate(values):
        slots = ("t1", "t2") if aligned else None
        found.annotations.append(
            RawAnnotation(f"{name}{number}", value, slots, "hand@a0", "", "", 1)
        )
    return found


def document(*tiers):
    return Document("x.eaf", [], {}, {found.name: found for found in tiers})


def names(tiers):
    return [found.name for found in tiers]


def test_by_default_those_with_a_vocabulary():
    found = document(
        tier("speech"), tier("hand@a", vocabulary=WORDS), tier("head@a", vocabulary=WORDS),
        tier("gloss", "speech", "Symbolic_Association", WORDS, aligned=False),
        tier("empty", vocabulary=WORDS, values=()),
    )  # fmt: skip
    assert names(choose_tiers(found, ())) == ["hand@a", "head@a"]
    assert "leaves out 'speech' (1), 'gloss' (1), 'empty' (0)" in found.notes[0]


def test_else_those_that_stand_on_their_own():
    found = document(tier("speech"), tier("words", "speech", "Time_Subdivision"))
    assert names(choose_tiers(found, ())) == ["speech"]


def test_patterns():
    found = document(tier("hand@a"), tier("hand@b"), tier("head@a"))
    assert names(choose_tiers(found, ["hand"])) == ["hand@a", "hand@b"]
    assert names(choose_tiers(found, ["*@a", "hand"])) == ["hand@a", "head@a", "hand@b"]
    with pytest.raises(BadInput, match="did you mean 'hand@a'"):
        choose_tiers(found, ["hans@a"])


def test_remarks():
    hand = tier("hand@a", vocabulary=WORDS)
    kinds = "Symbolic_Association"
    found = document(
        hand,
        tier("Confidence@a", "hand@a", kinds, aligned=False, values=("0,5",)),
        tier("second choice@a", "hand@a", kinds, aligned=False, values=("down",)),
        tier("notes-2@a", "hand@a", kinds, aligned=False, values=("slow",)),
        tier("comment", values=("stands alone",)),
    )
    assert read_remarks(found, [hand]) == {
        "hand@a0": {"confidence": 0.5, "second": "down", "comment": "slow"}
    }
    assert names(choose_tiers(found, ())) == ["hand@a"]


def test_groups():
    tiers = [tier("hand@a"), tier("hand-2@a"), tier("head@b")]
    assert group_names(tiers, "value") == {"hand@a": "hand", "hand-2@a": "hand", "head@b": "head"}
    assert group_names(tiers[:2], "value") == {"hand@a": "", "hand-2@a": ""}
    assert plain_base("look at 2") == "look at" and plain_base("h264") == "h264"
