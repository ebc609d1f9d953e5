"""A review page as the tests open it: one rendered video of four seconds with its true keypoints."""

from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd

from microgesture.demo.render import prepare_video
from microgesture.pose.layouts import get_layout
from microgesture.review.batch import address, drawn_edges
from microgesture.review.page import ReviewVideo, write_page
from microgesture.videos.encoding import write_video
from microgesture.videos.time_stamps import time_stamps

FRAMES = 60
LABELS = pd.DataFrame(
    {
        "label": [0, 1, 2],
        "name": ["touching ears", 'folding <arms> & "leaning"', "pressing lips"],
        "description": ["a hand at the ear", "", "lips"],
        "group": ["head and hand", "hands", "head"],
    }
)
SEGMENTS = pd.DataFrame(
    {
        "video": "s14",
        "start": [4, 20, 40],
        "end": [13, 31, 52],
        "label": [0, 1, 2],
        "confidence": [0.91, 0.42, 0.67],
        "second": [1, 2, 3],
        "second_confidence": [0.05, 0.4, 0.3],
        "margin": [0.86, 0.02, 0.37],
        "uncertain": [False, True, False],
    }
)


def render(folder: Path) -> np.ndarray:
    """s14.mp4 in the folder, 160x120, 60 frames; its keypoints float (60, 133, 3)."""
    plan, _, renderer = prepare_video("s14", {"width": 160, "height": 120})
    write_video(folder / "s14.mp4", islice(renderer.frames(), FRAMES), plan.fps)
    return renderer.truth().points[:FRAMES]


def review_video(
    folder: Path, points: np.ndarray, segments: pd.DataFrame = SEGMENTS, **changes
) -> ReviewVideo:
    edges, colours = drawn_edges(get_layout("coco_wholebody133"))
    facts = {
        "name": "s14",
        "media": address(folder / "s14.mp4", folder / "review.html"),
        "times": time_stamps(folder / "s14.mp4"),
        "width": 160,
        "height": 120,
        "subject": "Jörg",
        "points": points,
        "edges": edges,
        "colours": colours,
        "segments": segments,
        "boxes": np.tile([30.0, 10.0, 130.0, 110.0], (FRAMES, 1)),
        "row": {"video": "s14", "path": str(folder / "s14.mp4"), "subject": "Jörg", "fps": ""},
    }
    return ReviewVideo(**(facts | changes))


def write(folder: Path, points: np.ndarray, segments: pd.DataFrame = SEGMENTS, **changes) -> Path:
    video = review_video(folder, points, segments, **changes)
    return write_page(folder / "review.html", [video], LABELS, title="Batch <0> & co")


def many_segments(number: int) -> pd.DataFrame:
    """Segments of one frame to three that cover the video again and again."""
    start = np.arange(number) % (FRAMES - 3)
    table = pd.DataFrame({"video": "s14", "start": start, "end": start + np.arange(number) % 3})
    table["label"] = np.arange(number) % 3
    table["confidence"] = (np.arange(number) % 97) / 97
    return table
