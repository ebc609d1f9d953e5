"""The members of a vote: how often two of them disagree, and what each adds."""

from pathlib import Path

import numpy as np
import pandas as pd

from microgesture.figures.style import (
    BLUE,
    GREEN,
    HEAT,
    MUTED,
    house_style,
    new_figure,
    save_figure,
    shortened,
)


def disagreement_matrix(pairs: pd.DataFrame, members: list[str]) -> np.ndarray:
    """(M, M) shares of the clips on which two members guess differently; NaN on the diagonal.

    pairs: as `disagreement_table` makes them.
    """
    matrix = np.full((len(members), len(members)), np.nan)
    for row in pairs.itertuples():
        one, other = members.index(row.member), members.index(row.other)
        matrix[one, other] = matrix[other, one] = row.disagree
    return matrix


def draw_members(
    pairs: pd.DataFrame, worth: pd.DataFrame, path: str | Path, title: str = ""
) -> None:
    """Left: pairwise disagreement in per cent. Right: top-1 of each member alone, and of the vote
    without it and with all, so that the gap between the last two is what it adds.

    pairs, worth: as `disagreement_table` and `worth_table` make them.
    """
    members = worth["member"].tolist()
    names, rows = [shortened(name, 22) for name in members], np.arange(len(members))
    matrix = 100 * disagreement_matrix(pairs, members)
    with house_style():
        figure = new_figure(10.5, 2.1 + 0.5 * len(members))
        left, right = figure.subplots(1, 2)
        highest = np.nanmax(matrix, initial=0.0) or 1.0
        left.imshow(matrix, cmap=HEAT, vmin=0, vmax=1.2 * highest)
        for one, other in np.argwhere(np.isfinite(matrix)):
            dark = matrix[one, other] > 0.8 * highest
            left.annotate(
                f"{matrix[one, other]:.0f}",
                (other, one),
                ha="center",
                va="center",
                color="white" if dark else "black",
            )
        left.set_xticks(rows, names, rotation=30, ha="right")
        left.set_yticks(rows, names)
        left.grid(visible=False)
        left.set_title("clips guessed differently (%)", fontsize=10, fontweight="normal")
        alone, without = (100 * worth[name].to_numpy(float) for name in ("top1", "without_top1"))
        whole = without + 100 * worth["adds_top1"].to_numpy(float)
        right.hlines(rows, without, whole, colors=GREEN, linewidth=2.2, alpha=0.55)
        right.scatter(alone, rows, c=MUTED, s=36, zorder=3, label="alone")
        right.scatter(without, rows, c=BLUE, s=44, zorder=3, label="the vote without it")
        right.scatter(whole, rows, c=GREEN, s=44, zorder=3, label="the vote of all")
        for row, gain in enumerate(100 * worth["adds_top1"].to_numpy(float)):
            if np.isfinite(gain):
                place = (max(without[row], whole[row]), row)
                right.annotate(
                    f"{gain:+.1f}",
                    place,
                    xytext=(8, 0),
                    textcoords="offset points",
                    va="center",
                    fontsize=9,
                )
        right.set_yticks(rows, names)
        right.set_ylim(len(members) - 0.5, -0.6)
        right.grid(axis="y", visible=False)
        right.set_title("top-1 accuracy (%), on people left out", fontsize=10, fontweight="normal")
        right.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=3)
        figure.suptitle(title, x=0.008, ha="left")
        save_figure(figure, path)
