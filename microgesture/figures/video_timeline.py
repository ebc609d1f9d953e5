"""Time lines of whole videos: what happened above what was found."""

from pathlib import Path

import pandas as pd

from microgesture.figures.style import (
    INK,
    MUTED,
    SERIES,
    house_style,
    new_figure,
    save_figure,
    shortened,
)

SHOWN = 8  # videos in one figure
_HEIGHT = 0.36


def draw_video_timelines(
    predicted: pd.DataFrame,
    truth: pd.DataFrame,
    videos: pd.DataFrame,
    names: list[str],
    path: str | Path,
    title: str = "",
) -> None:
    """A pair of lines per video: truth above, prediction below, one number and colour a class.

    predicted (with confidence in [0, 1] = opacity) and truth: video, start, end (frames,
    inclusive), label; videos: video, frames, fps, drawn in this order, the first 8. Classes that
    occur in what is drawn are numbered in the legend; colours come again after seven, so each bar
    that is wide enough carries its class's number too.
    """
    videos = videos.head(SHOWN)
    kept = [table[table["video"].isin(videos["video"])] for table in (truth, predicted)]
    shown = sorted(set(kept[0]["label"]) | set(kept[1]["label"]))
    colour = {label: SERIES[place % len(SERIES)] for place, label in enumerate(shown)}
    longest = max((row.frames / row.fps for row in videos.itertuples()), default=1.0)
    with house_style():
        rows = -(-len(shown) // 4)
        figure = new_figure(11, 1.2 + 0.62 * max(1, len(videos)) + 0.2 * rows)
        axis = figure.subplots()
        for place, video in enumerate(videos.itertuples()):
            for below, table in enumerate(kept):
                base = place + (below - 1) * _HEIGHT
                width = video.frames / video.fps
                axis.barh(base, width, _HEIGHT, align="edge", color="#f1f3f5", linewidth=0)
                for segment in table[table["video"] == video.video].itertuples():
                    begin = segment.start / video.fps
                    length = (segment.end - segment.start + 1) / video.fps
                    sure = getattr(segment, "confidence", 1.0) if below else 1.0
                    axis.barh(
                        base + 0.03,
                        length,
                        _HEIGHT - 0.06,
                        left=begin,
                        align="edge",
                        color=colour[segment.label],
                        alpha=0.25 + 0.75 * min(max(sure, 0.0), 1.0),
                        linewidth=0,
                    )
                    if length > longest / 90:
                        axis.annotate(
                            str(segment.label),
                            (begin + length / 2, base + _HEIGHT / 2),
                            ha="center",
                            va="center",
                            fontsize=7,
                            color=INK,
                        )
            axis.axhline(place, color="white", linewidth=1)
        axis.set_yticks(range(len(videos)), [shortened(str(v), 24) for v in videos["video"]])
        axis.set_ylim(max(1, len(videos)) - 1 + 0.6, -0.6)
        axis.set_xlim(0, longest)
        axis.set_xlabel("seconds (truth above, prediction below; pale: unsure)")
        axis.grid(visible=False)
        axis.tick_params(axis="y", length=0)
        axis.spines["left"].set_visible(False)
        axis.set_title(title)
        for label in shown:
            axis.barh([0], [0], color=colour[label], label=f"{label} {shortened(names[label], 30)}")
        if shown:
            figure.legend(loc="outside lower left", ncols=4, fontsize=8, labelcolor=MUTED)
        save_figure(figure, path)
