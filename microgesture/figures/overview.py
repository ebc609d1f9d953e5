"""Every system on one page: a dot for its score, a line for its interval."""

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
    shortened,
)

PANELS = (("top1", "top-1 accuracy (%)"), ("mean_class_accuracy", "mean-class accuracy (%)"))
COLOURS = {"fusion": VERMILION, "ensemble": GREEN}


def draw_overview(
    scores: pd.DataFrame, num_classes: int, path: str | Path, title: str = ""
) -> None:
    """Dot plot of top-1 and mean-class accuracy with 95 % intervals and chance as a dashed line.

    scores: rows in the order to be drawn from top to bottom, with system, modality, and for both
    metrics the columns metric, metric_low, metric_high (shares; NaN intervals are left out).
    """
    count = len(scores)
    with house_style():
        figure = new_figure(9.5, 1.35 + 0.32 * count)
        axes = figure.subplots(1, 2, sharey=True)
        rows = np.arange(count)
        colours = [COLOURS.get(modality, BLUE) for modality in scores["modality"]]
        for axis, (metric, heading) in zip(axes, PANELS):
            values, low, high = (
                100 * scores[f"{metric}{end}"].to_numpy(dtype=float)
                for end in ("", "_low", "_high")
            )
            axis.axvline(100 / num_classes, color=MUTED, linestyle=(0, (4, 3)), linewidth=1.2)
            axis.hlines(rows, low, high, colors=colours, linewidth=2.2, alpha=0.55)
            axis.scatter(values, rows, c=colours, s=44, zorder=3)
            for row, (value, top) in enumerate(zip(values, high)):
                edge = np.nanmax([value, top])
                axis.annotate(
                    f"{value:.1f}",
                    (edge, row),
                    xytext=(6, 0),
                    textcoords="offset points",
                    va="center",
                    fontsize=9,
                )
            axis.set_xlim(0, min(112, max(30, 1.16 * np.nanmax([values, high]))))
            axis.set_title(heading, fontsize=10, fontweight="normal")
            axis.grid(axis="y", visible=False)
            axis.tick_params(axis="y", length=0)
            axis.spines["left"].set_visible(False)
            ticks = axis.get_xticks()
            axis.set_xticks(ticks[ticks <= 100], minor=False)
        axes[0].set_yticks(rows, [shortened(name, 34) for name in scores["system"]])
        axes[0].set_ylim(count - 0.4, -0.6)
        axes[1].annotate(
            f"chance {100 / num_classes:.1f}",
            (100 / num_classes, 1),
            xycoords=("data", "axes fraction"),
            xytext=(4, -2),
            textcoords="offset points",
            va="top",
            fontsize=8,
            color=MUTED,
        )
        figure.suptitle(title, x=0.008, ha="left")
        save_figure(figure, path)
