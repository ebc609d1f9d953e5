"""Regions as people write them."""

import pytest

from microgesture.tables.regions import parse_region


def test_shares_are_read():
    assert parse_region("") is None and parse_region("  ") is None
    assert parse_region("0,0,0.5,1") == (0, 0, 0.5, 1)
    assert parse_region(" 0.25; 0.1;0.75 ;0.9 ") == (0.25, 0.1, 0.75, 0.9)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("left", "four numbers"),
        ("0,0,1", "four numbers"),
        ("0,0,nan,1", "four numbers"),
        ("0,0,320,480", "outside"),
        ("-0.1,0,0.5,1", "outside"),
        ("0.5,0,0.5,1", "empty or upside down"),
        ("0,0.9,1,0.1", "empty or upside down"),
    ],
)
def test_anything_else_is_told(text, wrong):
    with pytest.raises(ValueError, match=wrong):
        parse_region(text)
