"""The charts say what the data say: read back from the text and shapes of the drawing."""

import matplotlib.figure
import numpy as np
import pandas as pd
import pytest

from microgesture.figures import ablation, confusion, distribution, overview, reliability, timeline


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


def texts(axis):
    return [text.get_text() for text in axis.texts]


def test_confusion_is_ordered_by_body_part(drawn):
    path, figures = drawn
    counts = np.array([[3, 1, 0], [0, 0, 0], [2, 0, 6]])
    confusion.draw_confusion(
        counts, ["nod", "fold", "rub eyes"], path, ["head", "arms", "head"], "Ensemble"
    )
    axis = figures[0].axes[0]
    labels = [label.get_text() for label in axis.get_yticklabels()]
    assert labels == ["nod  (4)", "rub eyes  (8)", "fold  (0)"]
    shown = axis.images[0].get_array()
    np.testing.assert_allclose(shown, [[0.75, 0, 0.25], [0.25, 0.75, 0], [0, 0, 0]])
    # Cells by row, then the names of the two parts.
    assert texts(axis) == ["3", "1", "2", "6", "head", "arms"]
    assert path.stat().st_size > 1000


def test_confusion_without_groups_and_with_many_classes(drawn):
    path, figures = drawn
    confusion.draw_confusion(np.eye(52, dtype=int), [f"class {k}" for k in range(52)], path)
    assert len(figures[0].axes[0].images[0].get_array()) == 52


def test_overview_marks_scores_and_chance(drawn):
    path, figures = drawn
    table = pd.DataFrame(
        {
            "system": ["joint, round 0", "ensemble"],
            "modality": ["joint", "ensemble"],
            "top1": [0.4, 0.6],
            "top1_low": [0.3, np.nan],
            "top1_high": [0.5, np.nan],
            "mean_class_accuracy": [0.35, 0.55],
            "mean_class_accuracy_low": [0.2, np.nan],
            "mean_class_accuracy_high": [0.45, np.nan],
        }
    )
    overview.draw_overview(table, 8, path, "All systems")
    assert figures[0].get_suptitle() == "All systems"
    left, right = figures[0].axes
    assert texts(left) == ["40.0", "60.0"]
    assert texts(right) == ["35.0", "55.0", "chance 12.5"]
    np.testing.assert_allclose(left.collections[1].get_offsets(), [[40, 0], [60, 1]])
    assert [label.get_text() for label in left.get_yticklabels()] == ["joint, round 0", "ensemble"]


def test_reliability_shows_the_bins(drawn):
    path, figures = drawn
    labels = np.array([0, 1, 0, 0])
    after = np.array([[0.95, 0.05], [0.95, 0.05], [0.65, 0.35], [0.65, 0.35]])
    reliability.draw_reliability({"rgb": (after, after), "ensemble": (None, after)}, labels, path)
    member, ensemble = figures[0].axes
    # Bin of .65: both right; bin of .95: one of two.
    np.testing.assert_allclose(ensemble.collections[0].get_offsets(), [[0.65, 1], [0.95, 0.5]])
    # ECE = 2/4 * .35 + 2/4 * .45
    assert texts(ensemble) == ["ECE 40.0 %"]
    assert texts(member) == ["ECE before 40.0 %", "ECE after 40.0 %"]


def test_distribution_has_the_commonest_class_on_top(drawn):
    path, figures = drawn
    clips = pd.DataFrame(
        {
            "label": [0, 1, 1, 1, 0, -1, -1],
            "split": ["train", "train", "train", "train", "val", "test", "unlabelled"],
        }
    )
    distribution.draw_distribution(clips, ["nod", "wave", "rub"], path)
    axis = figures[0].axes[0]
    assert [label.get_text() for label in axis.get_yticklabels()] == ["wave", "nod", "rub"]
    assert texts(axis) == ["3", "1", "0", "0", "1", "0"]
    assert axis.get_title(loc="left") == "Clips per class (2 more without a label)"
    legend = [text.get_text() for text in axis.get_legend().get_texts()]
    assert legend == ["train (4)", "val (1)"]


def test_distribution_without_any_label(drawn):
    path, _ = drawn
    clips = pd.DataFrame({"label": [-1], "split": ["unlabelled"]})
    distribution.draw_distribution(clips, ["nod"], path)
    assert path.exists()


def test_timeline_rows_and_seconds(drawn):
    path, figures = drawn
    clips = pd.DataFrame(
        {
            "start": [0, 50, 100],
            "end": [24, 74, 124],
            "label": [1, 2, -1],
            "predicted": [1, 4, 1],
            "confidence": [0.9, 0.4, 0.7],
        }
    )
    names = ["a", "b", "c", "d", "e"]
    timeline.draw_timeline(clips, names, path, fps=25, title="video v")
    axis = figures[0].axes[0]
    assert [label.get_text() for label in axis.get_yticklabels()] == ["b", "c", "e"]
    assert texts(axis) == ["90", "40", "70"]
    bars = [bar for bar in axis.patches if bar.get_width() > 0]
    # A white ground and a bar per clip, and an empty frame for the one that is wrong.
    assert len(bars) == 7
    assert {round(bar.get_x(), 6) for bar in bars} == {0, 2, 4}
    assert all(bar.get_width() == pytest.approx(1) for bar in bars)
    assert len(axis.get_legend().get_texts()) == 3


def test_ablation_shows_differences_and_what_is_sure(drawn):
    path, figures = drawn
    columns = {
        f"{metric}_difference{end}": values
        for metric in ("top1", "mean_class_accuracy")
        for end, values in (("", [-0.05, 0.01]), ("_low", [-0.08, -0.02]), ("_high", [-0.01, 0.03]))
    }
    columns |= {"top1_p": [0.01, 0.4], "mean_class_accuracy_p": [0.06, 0.4]}
    table = pd.DataFrame(
        {"variant": ["no_rgb", "no_joint"], "against": ["full", "no_rgb"], **columns}
    )
    ablation.draw_ablation(table, path, "Against the whole")
    left = figures[0].axes[0]
    assert [label.get_text() for label in left.get_yticklabels()] == [
        "no rgb",
        "no joint\nagainst no rgb",
    ]
    assert texts(left) == ["-5.0", "+1.0"]
    first, second = left.collections[-1].get_facecolors()
    assert tuple(first) != tuple(second)  # the first holds for all comparisons together
    first, second = figures[0].axes[1].collections[-1].get_facecolors()
    assert tuple(first) == tuple(second)  # an interval beside zero alone is not enough


def test_ablation_says_what_its_table_says(drawn):
    path, figures = drawn
    values = {"variant": ["no_rgb"], "against": ["full"]}
    for metric in ("top1", "mean_class_accuracy"):
        values |= {f"{metric}_difference": [-0.00154], f"{metric}_p": [1.0]}
        values |= {f"{metric}_difference_low": [-0.02], f"{metric}_difference_high": [0.02]}
    ablation.draw_ablation(pd.DataFrame(values), path)
    assert texts(figures[0].axes[0]) == [f"{100 * -0.0015:+.1f}"] == ["-0.1"]  # written -0.0015
