"""Problems are told together, the same one once."""

import pytest

from microgesture.provenance.errors import BadInput
from microgesture.tables.problems import Problem, raise_for


def told(problems):
    with pytest.raises(BadInput) as error:
        raise_for(problems, "the sheets")
    return str(error.value).split("\n")


def test_the_same_problem_is_told_once_with_its_lines():
    problems = [Problem("c.tsv", row, "split", "tset", "is no split", "x") for row in range(2, 20)]
    assert told([*problems, Problem("c.tsv", 5, "end", 3, "is odd", "y")]) == [
        "2 problems in the sheets:",
        "  c.tsv, line 2, column split: 'tset' is no split; x "
        "(the same in lines 3, 4, 5, 6, 7 and 12 more)",
        "  c.tsv, line 5, column end: '3' is odd; y",
    ]


def test_other_values_are_other_problems():
    lines = told([Problem("c.tsv", n, "end", n, "is odd", "y") for n in range(40)])
    assert lines[0] == "40 problems in the sheets:" and lines[-1] == "  ... and 10 more"
    assert len(lines) == 32


def test_nothing_wrong():
    raise_for([], "the sheets")
