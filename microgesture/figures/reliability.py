"""Reliability diagram: stated confidence against how often it was right."""

from pathlib import Path

import numpy as np

from microgesture.figures.style import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    VERMILION,
    house_style,
    new_figure,
    save_figure,
    shortened,
)
from microgesture.metrics.calibration import expected_calibration_error, reliability_table

_PER_ROW = 5


def draw_reliability(
    systems: dict[str, tuple[np.ndarray | None, np.ndarray]],
    labels: np.ndarray,
    path: str | Path,
    title: str = "",
) -> None:
    """One panel per system: accuracy per bin of confidence, before and after its temperature.

    systems: name -> (probabilities before or None, after), (N, K) each; labels (N,). The dot's area
    grows with the clips in its bin, so that a stray dot of three clips looks like one.
    """
    columns = min(_PER_ROW, len(systems))
    rows = -(-len(systems) // columns)
    with house_style():
        figure = new_figure(2.7 * columns + 0.5, 2.95 * rows + 0.75, layout="compressed")
        axes = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
        for axis in axes.flat[len(systems) :]:
            axis.set_visible(False)
        for axis, (name, (before, after)) in zip(axes.flat, systems.items()):
            axis.plot([0, 1], [0, 1], color=MUTED, linestyle=(0, (4, 3)), linewidth=1.1, zorder=1)
            colour = GREEN if before is None else BLUE
            series = [(after, colour, "o", "after" if before is not None else "")]
            if before is not None:
                series.insert(0, (before, VERMILION, "D", "before"))
            lines = []
            for values, shade, marker, word in series:
                table = reliability_table(labels, values).dropna()
                area = 10 + 110 * table["clips"] / max(1, len(labels))
                axis.plot(
                    table["confidence"], table["accuracy"], color=shade, linewidth=1.1, alpha=0.6
                )
                axis.scatter(
                    table["confidence"],
                    table["accuracy"],
                    s=area,
                    color=shade,
                    marker=marker,
                    alpha=0.85,
                    linewidth=0,
                    zorder=3,
                )
                error = 100 * expected_calibration_error(labels, values)
                lines.append(
                    (
                        " ".join(filter(None, ["ECE", word, f"{error:.1f} %"])),
                        shade,
                    )
                )
            for place, (line, shade) in enumerate(lines):
                axis.text(
                    0.04,
                    0.95 - 0.1 * place,
                    line,
                    transform=axis.transAxes,
                    va="top",
                    fontsize=8.5,
                    color=shade,
                )
            axis.set_title(shortened(name, 28), fontsize=10)
            axis.set_aspect("equal")
            axis.set_xlim(0, 1.03)
            axis.set_ylim(0, 1.03)
            axis.set_xticks([0, 0.5, 1], ["0", "50", "100 %"])
            axis.set_yticks([0, 0.5, 1], ["0", "50", "100 %"])
        for place, axis in enumerate(axes.flat[: len(systems)]):
            if place + columns >= len(systems):  # nothing below it
                axis.tick_params(axis="x", labelbottom=True)
        figure.suptitle(title, x=0.008, ha="left", fontsize=10)
        figure.supxlabel("mean confidence of the bin", fontsize=10, color=INK)
        figure.supylabel("share that was right", fontsize=10, color=INK)
        save_figure(figure, path)
