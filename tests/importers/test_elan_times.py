"""Times of annotations that have none of their own; numbers worked out by hand."""

import pytest

from microgesture.importers.elan_document import Document, RawAnnotation, Tier
from microgesture.importers.elan_times import Times


def tier(name, constraint, *annotations, parent=""):
    found = Tier(name, "", parent, "", constraint, None, 1)
    for identifier, slots, above, previous in annotations:
        found.annotations.append(RawAnnotation(identifier, "v", slots, above, previous, "", 1))
    return found


def times(slots, *tiers):
    return Times(Document("x.eaf", [], slots, {found.name: found for found in tiers}))


def test_a_time_subdivision_is_divided_evenly():
    slots = {"t1": 2.0, "t2": None, "t3": None, "t4": None, "t5": 5.0}
    found = times(
        slots,
        tier("words", "", ("a", ("t1", "t5"), "", "")),
        tier(
            "parts", "Time_Subdivision",
            ("b", ("t1", "t2"), "", ""), ("c", ("t2", "t3"), "", ""), ("d", ("t3", "t5"), "", ""),
            parent="words",
        ),
        tier("smaller", "Time_Subdivision", ("e", ("t2", "t4"), "", ""), ("f", ("t4", "t3"), "", "")),
    )  # fmt: skip
    assert found.of("c") == pytest.approx((3.0, 4.0))
    assert found.of("d") == pytest.approx((4.0, 5.0))
    assert found.of("f") == pytest.approx((3.5, 4.0))  # between times that were found themselves


def test_a_slot_without_a_chain_lies_between_its_neighbours():
    slots = {"t1": 1.0, "t2": None, "t3": None, "t4": 4.0, "t5": None}
    found = times(slots, tier("x", "", ("a", ("t2", "t3"), "", ""), ("b", ("t4", "t5"), "", "")))
    assert found.of("a") == pytest.approx((2.0, 3.0))
    assert found.of("b") == (4.0, 4.0)


def test_references():
    above = tier("x", "", ("a", ("t1", "t2"), "", ""))
    split = tier(
        "y", "Symbolic_Subdivision",
        ("c", None, "a", "b"), ("d", None, "a", "c"), ("b", None, "a", ""),  # not in order
        parent="x",
    )  # fmt: skip
    tied = tier("z", "Symbolic_Association", ("e", None, "c", ""), parent="y")
    found = times({"t1": 0.0, "t2": 9.0}, above, split, tied)
    assert found.of("b") == (0.0, 3.0)
    assert found.of("e") == found.of("c") == (3.0, 6.0)
    assert found.of("d") == (6.0, 9.0)


def test_a_subdivision_of_a_subdivision():
    above = tier("x", "", ("a", ("t1", "t2"), "", ""))
    split = tier("y", "Symbolic_Subdivision", ("b", None, "a", ""), ("c", None, "a", "b"))
    again = tier("z", "Symbolic_Subdivision", ("d", None, "c", ""), ("e", None, "c", "d"))
    assert times({"t1": 0.0, "t2": 8.0}, above, split, again).of("e") == (6.0, 8.0)


def test_circles_and_orphans():
    found = times(
        {}, tier("x", "", ("a", None, "b", ""), ("b", None, "a", ""), ("c", None, "n", ""))
    )
    for annotation in "abc":
        with pytest.raises(ValueError):
            found.of(annotation)
