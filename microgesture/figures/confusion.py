"""Confusion matrix: what is taken for what."""

from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.patches import Rectangle

from microgesture.figures.style import (
    GRID,
    HEAT,
    INK,
    MUTED,
    group_spans,
    house_style,
    new_figure,
    save_figure,
    shortened,
)


def draw_confusion(
    confusion: np.ndarray,
    names: list[str],
    path: str | Path,
    groups: list[str] | None = None,
    title: str = "",
) -> None:
    """Heat map of a confusion matrix (K, K), rows = truth, each row scaled to 1, counts in cells.

    With `groups` (one per class, e.g. body parts) the classes are ordered by the first appearance
    of their group, and each group gets a frame and a name. A class without clips has an empty row.
    """
    confusion = np.asarray(confusion)
    groups = groups if groups and any(groups) else [""] * len(names)
    first = {group: place for place, group in reversed(list(enumerate(groups)))}
    order = sorted(range(len(names)), key=lambda label: (first[groups[label]], label))
    counts = confusion[np.ix_(order, order)]
    totals = counts.sum(axis=1)
    shares = counts / np.maximum(totals, 1)[:, None]
    size = len(order)
    cell = 0.5 if size <= 16 else 0.36 if size <= 36 else 0.28
    digits = 9 if size <= 16 else 7 if size <= 36 else 5.5
    spans = group_spans([groups[label] for label in order])
    named = any(group for group, _, _ in spans)
    with house_style():
        figure = new_figure(
            3.9 + cell * size + (1.0 if named else 0), 2.6 + cell * size, layout="compressed"
        )
        axis = figure.subplots()
        image = axis.imshow(shares, cmap=HEAT, vmin=0, vmax=1)
        text_colours = np.where(shares > 0.55, "white", INK)
        for row, column in np.argwhere(counts > 0):
            axis.text(
                column,
                row,
                str(counts[row, column]),
                ha="center",
                va="center",
                fontsize=digits,
                color=text_colours[row, column],
            )
        for row in np.flatnonzero(totals == 0):
            axis.add_patch(Rectangle((-0.5, row - 0.5), size, 1, color=GRID, linewidth=0))
        ticks = np.arange(size)
        labels = [shortened(names[label], 30) for label in order]
        axis.set_xticks(ticks, labels, rotation=45, ha="right", rotation_mode="anchor")
        axis.set_yticks(ticks, [f"{label}  ({total})" for label, total in zip(labels, totals)])
        axis.set_xlabel("predicted")
        axis.set_ylabel("true (clips)")
        axis.grid(visible=False)
        axis.tick_params(length=0)
        axis.spines[:].set_visible(False)
        if named:
            for group, begin, end in spans:
                width = end - begin + 1
                axis.add_patch(
                    Rectangle(
                        (begin - 0.5, begin - 0.5),
                        width,
                        width,
                        fill=False,
                        edgecolor=INK,
                        linewidth=1.3,
                        clip_on=False,
                    )
                )
                axis.annotate(
                    group,
                    (1, (begin + end) / 2),
                    xycoords=("axes fraction", "data"),
                    xytext=(7, 0),
                    textcoords="offset points",
                    va="center",
                    fontsize=9,
                    color=MUTED,
                )
        inch = 1 / (cell * size)  # of the picture's width
        longest = max(len(group) for group, _, _ in spans)
        away = 1 + inch * (0.25 + 0.085 * longest)
        beside = axis.inset_axes([away, 0.0, 0.15 * inch, 1.0])
        bar = figure.colorbar(image, cax=beside)
        bar.set_label("share of the true class")
        bar.outline.set_visible(False)
        bar.ax.yaxis.set_major_formatter(matplotlib.ticker.PercentFormatter(1.0))
        axis.set_title(title)
        save_figure(figure, path)
