"""The drill of law 4 in its short form: one pair, executed, against a run from scratch."""

import shutil
import sys

import pytest

from tests.workflow.drill import EDITS, Drill, contents, differing, draw_pairs, run
from tests.workflow.edits import both, reworded

pytestmark = pytest.mark.slow


def test_pairs_are_drawn_without_repeats_and_the_same_again():
    pairs = draw_pairs(200, seed=0)
    assert len(set(pairs)) == 200 and pairs == draw_pairs(200, seed=0)
    assert {name for pair in pairs for name in pair} == set(EDITS)


def test_a_stale_file_is_found():
    scratch = {"a.tsv": b"new", "b.tsv": b"same"}
    assert differing({"a.tsv": b"old", "b.tsv": b"same", "left.tsv": b"x"}, scratch) == ["a.tsv"]
    assert differing({"b.tsv": b"same"}, scratch) == ["a.tsv"]


@pytest.fixture(scope="module")
def drill():
    with Drill() as found:
        yield found


def test_an_edited_decoder_and_a_class_renamed_leave_nothing_stale(drill):
    assert drill.judge("class renamed", "decoder") == []


def test_forked_jobs_and_jobs_of_the_cache_write_what_plain_ones_write(drill, tmp_path):
    """The finished run's processes were forks; the second run from scratch takes all it can from
    the cache of the first; here every job starts a Python of its own."""
    plain, cached = (shutil.copytree(drill.fresh, tmp_path / name) for name in ("plain", "cached"))
    run(plain, sys.executable)
    expected = contents(plain)
    assert len(expected) > 20
    assert contents(drill.finished) == expected
    run(cached, drill.python, cache=tmp_path / "cache")
    kept = len(list((tmp_path / "cache").iterdir()))
    assert kept > 20
    shutil.rmtree(cached / "results")
    run(cached, drill.python, cache=tmp_path / "cache")
    assert len(list((tmp_path / "cache").iterdir())) == kept
    assert contents(cached) == expected


def test_a_signature_that_sees_less_is_found_out(drill, monkeypatch):
    """The crops' signature without its settings: old crops stay, and the drill says so."""
    blind = reworded(
        "microgesture/configuration/lineage_data.py",
        "return {**parts, **self._spans_of(batch)",
        'parts["settings"] = {**parts["settings"], "padding": 0.25}; '
        "return {**parts, **self._spans_of(batch)",
    )
    monkeypatch.setitem(EDITS, "crop", both(blind, EDITS["crop"]))
    assert any("saliency" in name for name in drill.judge("crop", "message"))
