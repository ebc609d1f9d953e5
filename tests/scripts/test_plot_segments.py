import json
from pathlib import Path

from scripts.plot_segments import plot
from tests.scripts.test_score_segments import LABELS, TRUE, folder, run, sure  # noqa: F401


def draw(folder, videos=("a", "b", "lost"), name=""):  # noqa: F811
    kinds = ("timelines", "confidence", "coverage")
    figures = [str(folder / f"{kind}{name}.svg") for kind in kinds]
    rows = [
        {"coverage": 0.5, "error": 0.0, "error_high": 0.3},
        {"coverage": 1.0, "error": 0.2, "error_high": 0.4},
    ]
    (folder / "segmenter.json").write_text(json.dumps({"coverage": rows if videos else []}))
    names = ("segments.tsv", "truth.tsv", "curve.tsv", "segmenter.json")
    files = [str(folder / file) for file in names]
    plot(*files, [str(folder / "facts.parquet")], *figures, list(videos), {}, LABELS, 0.2)
    return [Path(figure).read_text(encoding="utf-8") for figure in figures]


def test_time_lines_and_the_curve_are_drawn(folder):  # noqa: F811
    run(folder, sure(TRUE))
    figures = draw(folder)
    assert len(figures) == 3 and all(text.startswith("<?xml") for text in figures)
    assert draw(folder, name="again") == figures
    moved = [(video, start + 3, end + 3, label) for video, start, end, label in TRUE]
    run(folder, sure(moved))
    assert draw(folder, name="moved")[0] != figures[0]
    assert draw(folder, ["a"], name="one")[0] != draw(folder, name="both")[0]


def test_without_a_segment(folder):  # noqa: F811
    run(folder, [])
    assert all(text.startswith("<?xml") for text in draw(folder))
