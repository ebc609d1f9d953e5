"""What each part is worth: the variants' distance from the whole system."""

from pathlib import Path

import numpy as np
import pandas as pd

from microgesture.configuration.runs import FULL
from microgesture.figures.style import (
    BLUE,
    MUTED,
    VERMILION,
    house_style,
    new_figure,
    save_figure,
    shortened,
)

PANELS = (("top1", "top-1 accuracy"), ("mean_class_accuracy", "mean-class accuracy"))


def comparison_words(variant: str, against: str) -> list[str]:
    """A comparison: the variant and, unless it is the whole system, "against" the other."""
    words = [variant] if against == FULL else [variant, f"against {against}"]
    return [part.replace("_", " ") for part in words]


def draw_ablation(table: pd.DataFrame, path: str | Path, title: str = "") -> None:
    """Dot plot of (variant - what it is compared with) in percentage points, with 95 % intervals.

    table: as `compare_variants` writes it, the whole system's own row left out by the caller. Dots
    left of the line: the part helps. A vermilion dot: other than zero for all comparisons together
    (p below 0.05, adjusted).
    """
    count = len(table)
    names = [
        "\n".join(shortened(part, 42) for part in comparison_words(*pair))
        for pair in zip(table["variant"], table["against"])
    ]
    with house_style():
        figure = new_figure(9.5, 1.5 + 0.34 * count)
        axes = figure.subplots(1, 2, sharey=True)
        rows = np.arange(count)
        for axis, (metric, heading) in zip(axes, PANELS):
            # Rounded as the table is written: -0.15 points must not be -0.1 here and -0.2 there.
            middle, low, high = (
                100 * table[f"{metric}_difference{end}"].to_numpy(dtype=float).round(4)
                for end in ("", "_low", "_high")
            )
            sure = table[f"{metric}_p"].to_numpy(dtype=float) < 0.05
            colours = [VERMILION if clear else BLUE for clear in sure]
            axis.axvline(0, color=MUTED, linewidth=1.2)
            axis.hlines(rows, low, high, colors=colours, linewidth=2.2, alpha=0.55)
            axis.scatter(middle, rows, c=colours, s=44, zorder=3)
            for row, value in enumerate(middle):
                axis.annotate(
                    f"{value:+.1f}",
                    (value, row),
                    xytext=(0, 6),
                    textcoords="offset points",
                    ha="center",
                    fontsize=8,
                )
            axis.set_title(f"{heading}, points", fontsize=10, fontweight="normal")
            axis.grid(axis="y", visible=False)
            axis.tick_params(axis="y", length=0)
            axis.spines["left"].set_visible(False)
        axes[0].set_yticks(rows, names)
        axes[0].set_ylim(count - 0.4, -0.7)
        figure.suptitle(title, x=0.008, ha="left")
        save_figure(figure, path)
