"""Who shows what how often: clips per person and class."""

from pathlib import Path

import numpy as np
import pandas as pd

from microgesture.figures.distribution import COLOURS
from microgesture.figures.style import HEAT, INK, house_style, new_figure, save_figure, shortened

SHOWN = 60  # people in one figure, those with most clips


def draw_people_and_classes(clips: pd.DataFrame, names: list[str], path: str | Path) -> None:
    """A table of counts, people by split downwards, classes across; an empty field is no clip.

    clips: subject, split, label (>= 0), one row per clip, at least one.
    """
    splits = list(COLOURS)
    order = clips.groupby("subject").agg(split=("split", "first"), clips=("label", "size"))
    order = order.sort_values("clips", ascending=False).head(SHOWN)
    rank = order["split"].map({split: place for place, split in enumerate(splits)}).fillna(9)
    order = order.assign(rank=rank, name=order.index).sort_values(["rank", "name"])
    counts = np.zeros((len(order), len(names)), int)
    rows = {subject: row for row, subject in enumerate(order.index)}
    for subject, label in zip(clips["subject"], clips["label"]):
        if subject in rows:
            counts[rows[subject], label] += 1
    with house_style():
        width = min(14, 3.2 + 0.42 * len(names))
        figure = new_figure(width, 2.5 + 0.26 * len(order))
        axis = figure.subplots()
        shown = np.ma.masked_equal(counts, 0)
        axis.imshow(shown, cmap=HEAT, vmin=-0.4 * counts.max(), vmax=counts.max(), aspect="auto")
        if len(names) <= 40:
            for row, column in zip(*counts.nonzero()):
                value = counts[row, column]
                colour = "white" if value > 0.6 * counts.max() else INK
                axis.annotate(str(value), (column, row), ha="center", va="center", fontsize=8,
                              color=colour)  # fmt: skip
        axis.set_xticks(range(len(names)), [shortened(name, 34) for name in names], rotation=90)
        axis.set_yticks(range(len(order)), [shortened(str(name), 22) for name in order["name"]])
        for tick, split in zip(axis.get_yticklabels(), order["split"]):
            tick.set_color(COLOURS.get(split, INK))
        axis.tick_params(length=0)
        axis.grid(visible=False)
        axis.set_xticks(np.arange(len(names) - 1) + 0.5, minor=True)
        axis.set_yticks(np.arange(len(order) - 1) + 0.5, minor=True)
        axis.grid(which="minor", visible=True)
        axis.tick_params(which="minor", length=0)
        axis.set_title("Clips per person and class")
        for split in splits:
            if (order["split"] == split).any():
                axis.plot([], [], "s", color=COLOURS[split], label=split)
        axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=9)
        save_figure(figure, path)
