"""The drill of law 4 in its short form: one pair, executed, against a run from scratch."""

import pytest

from tests.workflow.drill import (
    EDITS,
    differing,
    draw_pairs,
    judge,
    make_project,
    make_recordings,
    run,
)

pytestmark = pytest.mark.slow


def test_pairs_are_drawn_without_repeats_and_the_same_again():
    pairs = draw_pairs(200, seed=0)
    assert len(set(pairs)) == 200 and pairs == draw_pairs(200, seed=0)
    assert {name for pair in pairs for name in pair} == set(EDITS)


def test_a_stale_file_is_found():
    scratch = {"a.tsv": b"new", "b.tsv": b"same"}
    assert differing({"a.tsv": b"old", "b.tsv": b"same", "left.tsv": b"x"}, scratch) == ["a.tsv"]
    assert differing({"b.tsv": b"same"}, scratch) == ["a.tsv"]


def test_an_edited_decoder_and_a_class_renamed_leave_nothing_stale(tmp_path):
    recordings, finished = tmp_path / "recordings", tmp_path / "finished"
    make_recordings(recordings)
    run(make_project(finished, recordings))
    assert judge(finished, recordings, ("class renamed", "decoder")) == []
