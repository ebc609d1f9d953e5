"""Class distribution: the long tail, split by split."""

from pathlib import Path

import numpy as np
import pandas as pd

from microgesture.figures.style import (
    BLUE,
    GREEN,
    ORANGE,
    house_style,
    new_figure,
    save_figure,
    shortened,
)

COLOURS = {"train": BLUE, "val": ORANGE, "test": GREEN}


def draw_distribution(clips: pd.DataFrame, names: list[str], path: str | Path) -> None:
    """Clips per class and split on a logarithmic axis, the commonest training class on top.

    clips: label (int, -1 = none) and split, one row per clip; clips without label are only counted
    in the title.
    """
    labelled = clips[clips["label"] >= 0]
    counts = {
        split: np.bincount(labelled["label"][labelled["split"] == split], minlength=len(names))
        for split in COLOURS
    }
    counts = {split: values for split, values in counts.items() if values.sum()}
    order = np.argsort(-counts.get("train", np.zeros(len(names))), kind="stable")
    height = 0.8 / max(1, len(counts))
    with house_style():
        figure = new_figure(8.5, 1.5 + 0.4 * len(names))
        axis = figure.subplots()
        largest = max((values.max() for values in counts.values()), default=1)
        for place, (split, values) in enumerate(counts.items()):
            rows = np.arange(len(names)) + (place - (len(counts) - 1) / 2) * height
            shown = values[order]
            axis.barh(
                rows,
                np.where(shown > 0, shown, np.nan),
                height * 0.9,
                color=COLOURS[split],
                label=f"{split} ({values.sum()})",
                left=0,
            )
            for row, value in zip(rows, shown):
                axis.text(
                    max(value, 0.5) * 1.04,
                    row,
                    str(value),
                    va="center",
                    fontsize=min(8, 55 * height * 0.4),
                )
        axis.set_xscale("log")
        axis.set_xlim(0.5, largest * 1.6)
        axis.xaxis.set_major_formatter(lambda value, _: f"{value:g}" if value >= 1 else "")
        axis.set_yticks(np.arange(len(names)), [shortened(names[label], 36) for label in order])
        axis.set_ylim(len(names) - 0.4, -0.6)
        axis.set_xlabel("clips (logarithmic)")
        axis.grid(axis="y", visible=False)
        axis.tick_params(axis="y", length=0)
        if counts:
            axis.legend(loc="lower right")
        hidden = len(clips) - len(labelled)
        axis.set_title("Clips per class" + (f" ({hidden} more without a label)" if hidden else ""))
        save_figure(figure, path)
