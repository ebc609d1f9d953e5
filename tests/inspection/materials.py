"""Material for the checks, built by hand: one labelled clip a line, a trace a video."""

import numpy as np
import pandas as pd

from microgesture.inspection.limits import Limits
from microgesture.inspection.material import Material
from microgesture.inspection.pictures import Look
from microgesture.inspection.traces import Trace

NAMES = ["neck", "lips", "arms"]


def trace(frames: int = 200, **fields) -> Trace:
    """Somebody in all frames, both hands found, everything in the picture."""
    plain = {
        "present": np.ones(frames, bool),
        "body": np.full(frames, 0.9),
        "hands": np.full((2, frames), 0.8),
        "outside": np.zeros((2, frames), bool),
        "person_size": 0.9,
        "hand_size": 40.0,
        "still": 0.0,
        "jumps": np.zeros(0, int),
        "people": 1,
    }
    return Trace(**(plain | fields))


def look(**fields) -> Look:
    """A picture in good light, that changes, from a camera that stands."""
    plain = {
        "light": 120.0,
        "contrast": 50.0,
        "pairs": np.arange(1, 11),
        "same": np.zeros(10, bool),
        "shifts": np.zeros(10),
    }
    return Look(**(plain | fields))


def material(clips: list[tuple], traces=None, looks=None, videos=None, **fields) -> Material:
    """clips: (video, subject, start, end, label, split); ids are c0, c1, ... in this order.

    videos: video -> facts that differ from 200 frames of 640 x 480 at 25 frames per second.
    """
    columns = ["video", "subject", "start", "end", "label", "split"]
    table = pd.DataFrame(clips, columns=columns)
    table.insert(0, "clip", [f"c{number}" for number in range(len(table))])
    ids = sorted({*table["video"], *(traces or {}), *(videos or {})})
    facts = {
        "path": "v.mp4",
        "fps": 25.0,
        "given": np.nan,
        "frames": 200,
        "width": 640,
        "height": 480,
    }
    known = pd.DataFrame([facts | (videos or {}).get(video, {}) for video in ids], index=ids)
    return Material(
        clips=table,
        videos=known,
        lost=fields.pop("lost", pd.DataFrame(columns=["clip", "video", "split", "problem"])),
        unread=fields.pop("unread", {}),
        names=NAMES,
        traces={video: trace() for video in ids} | (traces or {}),
        looks=looks or {},
        limits=Limits(**fields),
    )


def sound(clips_each: int = 6) -> list[tuple]:
    """Clips in which nothing is wrong: six people train, three each val and test."""
    splits = ["train"] * 6 + ["val"] * 3 + ["test"] * 3
    return [
        (f"v{person}", f"p{person}", 10 * (clips_each * label + number), 10 * (clips_each * label + number) + 7,
         label, split)
        for person, split in enumerate(splits)
        for label in range(3)
        for number in range(clips_each)
    ]  # fmt: skip


def told(findings) -> dict[str, list[tuple[str, str]]]:
    """The first words of each finding -> its places."""
    return {finding.what: list(finding.places) for finding in findings}
