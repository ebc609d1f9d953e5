import matplotlib.figure
import pytest

from scripts.plot_scores import plot
from tests.scripts.test_score_predictions import (  # noqa: F401
    LABELS,
    folder,
    lose,
    run,
)

FIGURES = ("overview", "confusion", "reliability", "timeline")


@pytest.fixture
def titles(monkeypatch):
    """What stands above every figure that is saved."""
    found = {}
    save = matplotlib.figure.Figure.savefig

    def keep(figure, path, **options):
        above = figure.get_suptitle() or " ".join(a.get_title("left") for a in figure.axes)
        found[str(path)] = above
        return save(figure, path, **options)

    monkeypatch.setattr(matplotlib.figure.Figure, "savefig", keep)
    return found


def draw(folder):  # noqa: F811
    outputs = {name: str(folder / f"{name}.svg") for name in FIGURES}
    plot(str(folder / "scores.tsv"), str(folder / "scored_clips.parquet"), outputs, LABELS)
    return {name: (folder / f"{name}.svg").read_bytes() for name in FIGURES}


def test_titles_say_what_the_numbers_stand_on(folder, titles):  # noqa: F811
    run(folder)
    files = draw(folder)
    assert all(content.startswith(b"<?xml") for content in files.values())
    where = "90 test clips of 5 subjects (transductive, seed 7)"
    shown = list(titles.values())
    assert shown[0] == f"All systems on {where}"
    assert f"Ensemble on {where}" in shown[1]
    assert shown[2] == where
    assert "transductive, seed 7" in shown[3]
    assert draw(folder) == files  # the same tables, the same bytes


def test_lost_clips_stand_in_the_titles(folder, titles):  # noqa: F811
    lose(folder, "q0")
    run(folder, "transductive", 0)
    draw(folder)
    shown = list(titles.values())
    assert shown[0] == (
        "All systems on 72 test clips of 4 subjects (inductive, seed 7; 18 clips lost)"
    )
    assert "v_q0" not in shown[3]
