"""Clips that show the same frames."""

from collections.abc import Iterator

import pandas as pd

from microgesture.inspection.findings import NOTE, WARNING, Finding, counted
from microgesture.inspection.material import Material

_ONE = 0.8  # intersection over union from which two clips are one


def overlapping(clips: pd.DataFrame) -> list[tuple]:
    """(clip, clip, shared frames, intersection over union) of all pairs in one video that share
    frames, as rows of `clips` (clip, video, start, end, ...)."""
    pairs = []
    for _, part in clips.sort_values(["start", "end"]).groupby("video"):
        open_clips: list = []
        for clip in part.itertuples():
            open_clips = [other for other in open_clips if other.end >= clip.start]
            for other in open_clips:
                shared = min(clip.end, other.end) - clip.start + 1
                union = max(clip.end, other.end) - other.start + 1
                pairs.append((other, clip, shared, shared / union))
            open_clips.append(clip)
    return pairs


def check_overlaps(material: Material) -> Iterator[Finding]:
    """Labelled clips that are the same stretch twice, and others that share frames."""
    twice, against, partly = [], [], []
    for first, second, shared, union in overlapping(material.labelled):
        place = f"clips {first.clip} and {second.clip}"
        frames = f"{counted(int(shared), 'frame')} of video {first.video} in common"
        if union >= _ONE and first.label == second.label:
            twice.append((place, frames))
        elif union >= _ONE:
            names = f"{material.names[first.label]} and {material.names[second.label]}"
            against.append((place, f"{names}; {frames}"))
        else:
            partly.append((place, frames))
    if twice:
        what = "Clips that stand in the table twice: they count double."
        yield Finding(WARNING, what, tuple(twice), "Keep one of each pair.")
    if against:
        what = "Clips of the same frames with two labels: one of the two will be an error."
        remedy = "Keep one of them; the recogniser gives one class to a clip."
        yield Finding(WARNING, what, tuple(against), remedy)
    if partly:
        what = "Labelled clips that overlap: what the frames in common show has two labels."
        remedy = "Nothing, where two gestures do overlap; else correct start and end."
        yield Finding(NOTE, what, tuple(partly), remedy)
