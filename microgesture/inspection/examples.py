"""Which clips stand on the sheet of examples, and their pictures."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from microgesture.figures.canvas import SIDE, empty_frames, on_canvas
from microgesture.figures.example import draw_example
from microgesture.inspection.findings import NOTE, Finding
from microgesture.pose.layouts import Layout
from microgesture.pose.persons import choose_persons
from microgesture.stores.sequences import Sequence
from microgesture.videos.decoding import read_selected
from microgesture.videos.frame_index import FrameIndex


def flagged_videos(findings: Iterable[Finding], clips: pd.DataFrame) -> list[str]:
    """The videos that a finding names, or a clip of which it names, the worst first, each once."""
    video_of = dict(zip(clips["clip"], clips["video"]))
    named = [
        name.removeprefix("video ") if name.startswith("video ") else video_of.get(name[5:], "")
        for finding in findings
        if finding.severity != NOTE
        for name, _ in finding.places
        if name.startswith(("video ", "clip "))
    ]
    return [video for video in dict.fromkeys(named) if video]


def choose_examples(
    clips: pd.DataFrame, energies: dict[str, float], flagged: list[str], number: int
) -> pd.DataFrame:
    """At most `number` rows of `clips`: half of them of flagged videos, one each; then one of every
    class, then of every video; each time the one that moves most.

    energies: clip -> motion. In the order of the choice.
    """
    ranked = clips.assign(energy=clips["clip"].map(energies).fillna(0.0))
    ranked = ranked.sort_values(["energy", "clip"], ascending=[False, True])
    of_video = ranked.drop_duplicates("video").set_index("video", drop=False)
    first = [video for video in flagged if video in of_video.index][: number // 2]
    shown = ranked[(ranked["label"] >= 0) & (ranked["split"] != "test")]
    parts = [
        of_video.loc[first],
        shown.drop_duplicates("label").sort_values("label"),
        of_video.sort_index(),
    ]
    chosen = pd.concat([part for part in parts if len(part)] or [clips])
    return chosen.drop_duplicates("clip").head(number).reset_index(drop=True)


def draw_example_of(
    clip,
    path: str,
    index: FrameIndex | None,
    sequence: Sequence,
    layout: Layout,
    crop: pd.Series | None,
) -> np.ndarray:
    """The frame of the clip that moves most, with skeleton and crop: uint8 (H, W, 3).

    clip: a row (start, end). path: the video, "" = a dark canvas. sequence: the skeletons of the
    clip's frames in `layout`. crop: x0, y0, x1, y1, person_frames and motion, None = none.
    """
    motion = np.zeros(0) if crop is None else np.nan_to_num(np.asarray(crop["motion"], float))
    length = sequence.points.shape[1]
    # The first frame's motion comes from the frame before it, perhaps of another gesture.
    number = 1 + int(motion[1:].argmax()) if len(motion) == length > 1 else length // 2
    points = sequence.points[choose_persons(sequence.points, sequence.present, 1)]
    box = None
    if crop is not None and crop["person_frames"]:
        box = tuple(float(crop[edge]) for edge in ("x0", "y0", "x1", "y1"))
    if path:
        frame = read_selected(path, [clip.start + number], index)[0]
        return draw_example(frame, points[:, number], layout, box)
    if box is None:
        return empty_frames(1, SIDE, SIDE)[0]
    points, box = on_canvas(points, box, layout)
    return draw_example(empty_frames(1, SIDE, SIDE)[0], points[:, number], layout, box)
