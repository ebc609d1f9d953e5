"""The page of messages is what the product says."""

import re

import pytest

from tests.errors.page import PAGE, chapters, message_of

CASES = [case for cases in chapters().values() for case in cases]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.brought)
def test_the_message_is_on_the_page(case):
    message = message_of(case)
    block = f"{case.brought}:\n\n```\n{message}\n```\n"
    text = PAGE.read_text(encoding="utf-8")
    assert block in text, "run `python -m tests.errors.page`"


def test_the_page_holds_nothing_else():
    text = PAGE.read_text(encoding="utf-8")
    assert re.findall(r"^## (.*)$", text, re.M) == list(chapters())
    assert text.count("```") == 2 * len(CASES), "run `python -m tests.errors.page`"


def test_every_case_is_told_once():
    names = [case.brought for case in CASES]
    assert len(set(names)) == len(names)
