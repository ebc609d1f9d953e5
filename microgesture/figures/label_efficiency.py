"""Scores over the number of labels: a curve a variant, with its interval."""

from pathlib import Path

import numpy as np
import pandas as pd

from microgesture.configuration.runs import FULL
from microgesture.figures.style import SERIES, house_style, new_figure, save_figure
from microgesture.metrics.label_efficiency import without_lone_vote

PANELS = (("top1", "top-1 accuracy (%)"), ("mean_class_accuracy", "mean-class accuracy (%)"))


def draw_label_efficiency(table: pd.DataFrame, path: str | Path, title: str = "") -> None:
    """A row of panels a system, the share of the labels on a logarithmic axis.

    table: as `label_efficiency_table` makes it. Bands: 95 % intervals over people and seeds.
    """
    table = without_lone_vote(table)
    systems = list(dict.fromkeys(table["system"]))
    variants = list(dict.fromkeys(table["variant"]))
    clips = table.groupby("share")["labelled_clips"].first()
    with house_style():
        figure = new_figure(10, 0.9 + 2.7 * len(systems))
        grid = figure.subplots(len(systems), 2, sharex=True, squeeze=False)
        for axes, system in zip(grid, systems):
            for axis, (metric, heading) in zip(axes, PANELS):
                for number, variant in enumerate(variants):
                    chosen = (table["system"] == system) & (table["variant"] == variant)
                    part = table[chosen].sort_values("share")
                    if not len(part):
                        continue
                    middle, low, high = (
                        100 * part[f"{metric}{end}"].to_numpy(float)
                        for end in ("", "_low", "_high")
                    )
                    name = "as configured" if variant == FULL else variant.replace("_", " ")
                    colour = SERIES[number % len(SERIES)]
                    axis.plot(part["share"], middle, color=colour, marker="o", label=name)
                    axis.fill_between(part["share"], low, high, color=colour, alpha=0.15, lw=0)
                axis.set_xscale("log")
                axis.set_xticks(clips.index, [_tick(share, clips[share]) for share in clips.index])
                axis.minorticks_off()
                axis.set_title(f"{system}: {heading}", fontsize=10, fontweight="normal")
        if len(variants) > 1:
            grid[0, 0].legend(loc="lower right")
        for axis in grid[-1]:
            axis.set_xlabel("labels that are known (clips)")
        figure.suptitle(title, x=0.008, ha="left")
        save_figure(figure, path)


def _tick(share: int, clips: float) -> str:
    return f"{share} %\n({np.round(clips):.0f})"
