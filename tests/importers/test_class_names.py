"""Which classes annotations make."""

from pathlib import Path

import pytest

from microgesture.importers.annotation_sheets import SheetOptions
from microgesture.importers.annotations import Annotation, AnnotationTable, Recording
from microgesture.importers.class_names import choose_classes

HERE = Recording(("talk.mp4",), Path("."), "x")


def table(*names, **facts):
    found = AnnotationTable()
    found.annotations = [
        Annotation(HERE, "a", name, n, n + 1.0, place="x") for n, name in enumerate(names)
    ]
    found.facts = {name: {"description": "", "group": group} for name, group in facts.items()}
    return found


def test_the_order_of_the_vocabulary_then_of_appearance():
    found = table("wave", "fold", "nod", "fold", fold="arm", kick="leg", nod="head")
    rows, label_of = choose_classes(found, SheetOptions())
    assert [(row["name"], row.get("group")) for row in rows] == [
        ("fold", "arm"),
        ("nod", "head"),
        ("wave", None),
    ]
    assert label_of == {"fold": 0, "nod": 1, "wave": 2}


def test_left_out():
    found = table("wave", "fold")
    assert choose_classes(found, SheetOptions(leave_out=("wave",)))[1] == {"fold": 0}
    choose_classes(found, SheetOptions(leave_out=("fodl",)))
    assert "did you mean 'fold'" in str(found.problems[0])


def test_names_that_differ_in_case_or_spaces():
    found = table("Fold arms", "fold_arms", "fold arms", "fold arms")
    choose_classes(found, SheetOptions())
    assert "'Fold arms' (1) and 'fold_arms' (1) and 'fold arms' (2) differ" in str(
        found.problems[0]
    )
    rows, label_of = choose_classes(
        table("Fold arms", "fold arms", "fold arms"), SheetOptions(ignore_case=True)
    )
    assert [row["name"] for row in rows] == ["fold arms"]
    assert label_of == {"Fold arms": 0, "fold arms": 0}


@pytest.mark.parametrize("name", ["fold", "Fold"])
def test_a_given_list(tmp_path, name):
    path = tmp_path / "labels.txt"
    path.write_text("wave\nfold\n")
    found = table(name, fold="arm")
    options = SheetOptions(labels=str(path), ignore_case=name == "Fold")
    rows, label_of = choose_classes(found, options)
    assert not found.problems and label_of == {name: 1}
    assert rows[1]["group"] == "arm"
    found = table("fodl")
    choose_classes(found, options)
    assert "did you mean 'fold'? Add it there" in str(found.problems[0])
