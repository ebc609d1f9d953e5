from pathlib import Path

from scripts.plot_segments import plot
from tests.scripts.test_score_segments import LABELS, TRUE, folder, run, sure  # noqa: F401


def draw(folder, videos=("a", "b", "lost"), name=""):  # noqa: F811
    figures = [str(folder / f"{kind}{name}.svg") for kind in ("timelines", "confidence")]
    names = ("segments.tsv", "truth.tsv", "curve.tsv")
    files = [str(folder / file) for file in names]
    plot(*files, [str(folder / "facts.parquet")], *figures, list(videos), {}, LABELS)
    return [Path(figure).read_text(encoding="utf-8") for figure in figures]


def test_time_lines_and_the_curve_are_drawn(folder):  # noqa: F811
    run(folder, sure(TRUE))
    timelines, confidence = draw(folder)
    assert timelines.startswith("<?xml") and confidence.startswith("<?xml")
    assert draw(folder, name="again") == [timelines, confidence]
    moved = [(video, start + 3, end + 3, label) for video, start, end, label in TRUE]
    run(folder, sure(moved))
    assert draw(folder, name="moved")[0] != timelines
    assert draw(folder, ["a"], name="one")[0] != draw(folder, name="both")[0]


def test_without_a_segment(folder):  # noqa: F811
    run(folder, [])
    assert all(text.startswith("<?xml") for text in draw(folder))
