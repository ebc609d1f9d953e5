"""Time line of an untrimmed video: when what happened, and what was predicted."""

from pathlib import Path

import pandas as pd

from microgesture.figures.style import (
    GREEN,
    MUTED,
    VERMILION,
    house_style,
    new_figure,
    save_figure,
    shortened,
)


def draw_timeline(
    clips: pd.DataFrame, names: list[str], path: str | Path, fps: float = 0.0, title: str = ""
) -> None:
    """One bar per clip in the row of its predicted class; its true class, where known, as a frame.

    clips: start, end (frames, inclusive), label (true, -1 = unknown), predicted (label), confidence
    in [0, 1]. The bar's opacity is the confidence; green = right, vermilion = wrong, grey = truth
    unknown, and a wrong bar is joined to the empty frame in the row of the true class. Classes that
    occur in neither are left out. Seconds on the axis when `fps` > 0, else frames.
    """
    shown = sorted(set(clips["predicted"]) | {label for label in clips["label"] if label >= 0})
    row_of = {label: row for row, label in enumerate(shown)}
    rate = fps if fps > 0 else 1.0
    with house_style():
        figure = new_figure(11, 1.6 + 0.36 * max(1, len(shown)))
        axis = figure.subplots()
        for clip in clips.itertuples():
            begin, length = clip.start / rate, (clip.end - clip.start + 1) / rate
            known = clip.label >= 0
            colour = MUTED if not known else GREEN if clip.label == clip.predicted else VERMILION
            row = row_of[clip.predicted]
            axis.barh(row, length, 0.72, left=begin, color="white", linewidth=0)  # hides the grid
            axis.barh(
                row,
                length,
                0.72,
                left=begin,
                color=colour,
                alpha=0.15 + 0.85 * min(max(clip.confidence, 0.0), 1.0),
                linewidth=0,
            )
            axis.annotate(
                f"{100 * clip.confidence:.0f}",
                (begin + length / 2, row - 0.4),
                ha="center",
                va="bottom",
                fontsize=7,
                color=MUTED,
                bbox={"facecolor": "white", "linewidth": 0, "pad": 0.6},
            )
            if known and clip.label != clip.predicted:
                true_row = row_of[clip.label]
                axis.barh(true_row, length, 0.72, left=begin, color="white", edgecolor=colour)
                axis.plot(
                    [begin + length / 2] * 2,
                    sorted([row, true_row]),
                    color=colour,
                    linewidth=0.8,
                    linestyle=":",
                    zorder=0,
                )
        axis.set_yticks(range(len(shown)), [shortened(names[label], 34) for label in shown])
        axis.set_ylim(len(shown) - 0.45, -0.75)
        axis.set_xlim(0, (clips["end"].max() + 1) / rate * 1.01 if len(clips) else 1)
        axis.set_xlabel("seconds" if fps > 0 else "frames")
        axis.grid(axis="x", visible=False)
        axis.tick_params(axis="y", length=0)
        axis.spines["left"].set_visible(False)
        handles = [
            axis.barh([0], [0], color=GREEN, label="right"),
            axis.barh([0], [0], color=VERMILION, label="wrong (frame: true class)"),
        ]
        if (clips["label"] < 0).any():
            handles.append(axis.barh([0], [0], color=MUTED, label="truth unknown"))
        axis.legend(
            handles=handles, loc="lower right", bbox_to_anchor=(1, 1), ncols=3, borderaxespad=0.2
        )
        axis.set_title(title)
        save_figure(figure, path)
