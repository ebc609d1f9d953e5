"""How long the clips are, split by split."""

from pathlib import Path

import numpy as np
from matplotlib.ticker import LogLocator, NullFormatter

from microgesture.figures.distribution import COLOURS
from microgesture.figures.style import (
    INK,
    MUTED,
    VERMILION,
    house_style,
    new_figure,
    save_figure,
)

_BINS = 24


def draw_clip_lengths(
    seconds: np.ndarray, splits: np.ndarray, path: str | Path, limit: float | None = None
) -> None:
    """A stacked histogram on a logarithmic axis of seconds, with the median.

    seconds: (N,) lengths above 0. splits: (N,) the split of each. limit: times the median from
    which on a clip counts as long; it is drawn where a clip comes near it.
    """
    seconds, splits = np.asarray(seconds, float), np.asarray(splits)
    colours = {**COLOURS, "unlabelled": MUTED}
    with house_style():
        figure = new_figure(8.5, 2.8)
        axis = figure.subplots()
        median = float(np.median(seconds))
        low, high = seconds.min() / 1.15, seconds.max() * 1.15
        bins = np.geomspace(low, high, _BINS + 1)
        shown = [split for split in colours if (splits == split).any()]
        axis.hist(
            [seconds[splits == split] for split in shown],
            bins,
            stacked=True,
            color=[colours[split] for split in shown],
            label=shown,
        )
        axis.axvline(median, color=INK, linewidth=1.2, linestyle="--")
        right = median < (low * high) ** 0.5  # where there is room
        axis.annotate(
            f" median {median:.2g} s ", (median, 1), xycoords=("data", "axes fraction"),
            va="top", ha="left" if right else "right", fontsize=9, color=INK,
        )  # fmt: skip
        if limit and seconds.max() > limit * median / 2:
            axis.axvline(limit * median, color=VERMILION, linewidth=1.2)
            axis.annotate(
                f"{limit:g} x median ", (limit * median, 1), xycoords=("data", "axes fraction"),
                va="top", ha="right", fontsize=9, color=VERMILION,
            )  # fmt: skip
            axis.set_xlim(low, max(high, 1.3 * limit * median))
        axis.set_xscale("log")
        axis.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high / low > 4 else range(1, 10)))
        axis.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axis.xaxis.set_minor_formatter(NullFormatter())
        axis.set_xlabel("seconds (logarithmic)")
        axis.set_ylabel("clips")
        axis.set_title("Lengths of the clips")
        axis.legend(loc="upper right" if right else "upper left")
        save_figure(figure, path)
