"""What asking for more confidence costs and brings: two curves."""

from pathlib import Path

import numpy as np
import pandas as pd

from microgesture.figures.style import (
    BLUE,
    GREEN,
    MUTED,
    VERMILION,
    house_style,
    new_figure,
    save_figure,
)


def draw_confidence_curve(curve: pd.DataFrame, path: str | Path, title: str = "") -> None:
    """F1, precision and recall of segments over the lowest confidence that is kept.

    curve: confidence, precision, recall, f1 (`metrics.segments.confidence_curve`); the best F1 is
    marked. An empty curve gives an empty figure.
    """
    with house_style():
        figure = new_figure(6, 3.6)
        axis = figure.subplots()
        axis.plot(curve["confidence"], curve["precision"], color=GREEN, label="precision")
        axis.plot(curve["confidence"], curve["recall"], color=VERMILION, label="recall")
        axis.plot(curve["confidence"], curve["f1"], color=BLUE, label="F1", linewidth=2.4)
        if len(curve):
            best = curve.loc[curve["f1"].idxmax()]
            axis.plot([best["confidence"]], [best["f1"]], marker="o", color=BLUE)
            axis.annotate(
                f"{best['f1']:.3f} at {best['confidence']:.2f}",
                (best["confidence"], best["f1"]),
                xytext=(6, 6),
                textcoords="offset points",
                fontsize=9,
            )
        axis.set(xlim=(0, 1), ylim=(0, 1.03), xlabel="segments with at least this confidence")
        axis.legend()
        axis.set_title(title)
        save_figure(figure, path)


def draw_coverage_curve(
    curve: pd.DataFrame, path: str | Path, title: str = "", error: float | None = None
) -> None:
    """Error of what is answered over the share that is answered.

    curve: `metrics.rejection.coverage_curve`; its upper bound is the grey line; error: the wished
    one, a dotted line.
    """
    with house_style():
        figure = new_figure(6, 3.6)
        axis = figure.subplots()
        bound = np.asarray(curve["error_high"])
        axis.plot(100 * curve["coverage"], 100 * bound, color=MUTED, label="upper bound (95 %)")
        axis.plot(100 * curve["coverage"], 100 * curve["error"], color=BLUE, label="error")
        if error is not None:
            axis.axhline(100 * error, color=VERMILION, linestyle=":", label="wished")
        axis.set(xlim=(0, 100), ylim=(0, 100), xlabel="answered (%)", ylabel="wrong among them (%)")
        axis.legend()
        axis.set_title(title)
        save_figure(figure, path)
