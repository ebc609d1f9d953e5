"""Remarks: confidence and second choice in tools that know comments only."""

import pytest

from microgesture.importers.annotations import AnnotationTable, read_remark, write_remark


@pytest.mark.parametrize(
    "said",
    [
        (None, "", ""),
        (0.87, "", ""),
        (0.8712, "fold arms", ""),
        (1.0, "fold", "slow; left"),
        (0.0, "", "hesitates"),
        (None, "", "confidence is low"),
    ],
)
def test_remarks_come_back(said):
    assert read_remark(write_remark(*said)) == said


def test_facts_of_two_files_complete_each_other():
    first, second = AnnotationTable(), AnnotationTable()
    first.facts = {"scratch": {"description": "", "group": "hand"}}
    second.facts = {
        "scratch": {"description": "at the neck", "group": "arm"},
        "fold": {"group": ""},
    }
    first.add(second)
    assert first.facts["scratch"] == {"description": "at the neck", "group": "hand"}
    assert list(first.facts) == ["scratch", "fold"]
