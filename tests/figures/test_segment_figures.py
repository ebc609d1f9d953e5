"""The figures of segments say what the tables say: read back from the drawing."""

import matplotlib.figure
import numpy as np
import pandas as pd
import pytest

from microgesture.figures.confidence_curve import draw_confidence_curve, draw_coverage_curve
from microgesture.figures.video_timeline import draw_video_timelines
from microgesture.metrics.rejection import coverage_curve


@pytest.fixture
def drawn(monkeypatch, tmp_path):
    """Path to draw to, and the figures that were saved."""
    figures = []
    save = matplotlib.figure.Figure.savefig

    def keep(figure, *arguments, **options):
        figures.append(figure)
        return save(figure, *arguments, **options)

    monkeypatch.setattr(matplotlib.figure.Figure, "savefig", keep)
    return tmp_path / "figure.svg", figures


def test_truth_stands_above_prediction(drawn):
    path, figures = drawn
    videos = pd.DataFrame({"video": ["a", "b"], "frames": [100, 50], "fps": [10.0, 10.0]})
    truth = pd.DataFrame({"video": ["a"], "start": [20], "end": [39], "label": [2]})
    predicted = pd.DataFrame(
        {
            "video": ["a", "b", "gone"],
            "start": [30, 0, 0],
            "end": [49, 9, 9],
            "label": [2, 0, 1],
            "confidence": [1.0, 0.2, 1.0],
        }
    )
    draw_video_timelines(predicted, truth, videos, ["nod", "wave", "rub"], path, "Two videos")
    axis = figures[0].axes[0]
    assert [label.get_text() for label in axis.get_yticklabels()] == ["a", "b"]
    bars = [bar for bar in axis.patches if 0 < bar.get_width() < 5 and bar.get_height() < 0.34]
    assert [round(bar.get_x(), 3) for bar in bars] == [2, 3, 0]
    assert [round(bar.get_width(), 3) for bar in bars] == [2, 2, 1]
    true, found, other = bars
    assert true.get_y() < found.get_y() < other.get_y()  # the axis points downwards
    assert axis.get_ylim()[0] > axis.get_ylim()[1]
    assert true.get_facecolor()[:3] == found.get_facecolor()[:3] != other.get_facecolor()[:3]
    assert true.get_alpha() == found.get_alpha() == 1 and other.get_alpha() < 0.5
    assert [text.get_text() for text in axis.texts] == ["2", "2", "0"]
    legend = [text.get_text() for text in figures[0].legends[0].get_texts()]
    assert legend == ["0 nod", "2 rub"]
    assert path.stat().st_size > 1000


def test_no_segment_and_many_videos(drawn):
    path, figures = drawn
    videos = pd.DataFrame({"video": [f"v{n}" for n in range(12)], "frames": 10, "fps": 10.0})
    none = pd.DataFrame({"video": [], "start": [], "end": [], "label": [], "confidence": []})
    draw_video_timelines(none, none, videos, ["nod"], path)
    assert len(figures[0].axes[0].get_yticklabels()) == 8


def test_the_best_threshold_is_marked(drawn):
    path, figures = drawn
    curve = pd.DataFrame(
        {
            "confidence": [0.2, 0.5, 0.9],
            "precision": [0.4, 0.7, 1.0],
            "recall": [0.9, 0.7, 0.2],
            "f1": [0.55, 0.7, 0.33],
        }
    )
    draw_confidence_curve(curve, path, "F1")
    axis = figures[0].axes[0]
    assert [text.get_text() for text in axis.texts] == ["0.700 at 0.50"]
    np.testing.assert_allclose(axis.lines[2].get_ydata(), curve["f1"])
    draw_confidence_curve(curve[:0], path)


def test_coverage_in_per_cent(drawn):
    path, figures = drawn
    curve = coverage_curve([0.9, 0.5, 0.7, 0.5], [True, False, True, True])
    draw_coverage_curve(curve, path, "Answers", error=0.2)
    bound, error, wished = figures[0].axes[0].lines
    np.testing.assert_allclose(error.get_xdata(), [25, 50, 100])
    np.testing.assert_allclose(error.get_ydata(), [0, 0, 25])
    assert (bound.get_ydata() >= error.get_ydata()).all()
    np.testing.assert_allclose(wished.get_ydata(), 20)
