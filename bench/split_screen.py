"""Two people in one picture: does a row with a region give the points of the single video?

    python -m bench.split_screen FIRST SECOND [--frames 40] [--crf 0 18]

Both clips are put side by side; the two halves are two rows with a region. They are held against
each clip alone, written by the same encoder at the same quality. At crf 0 (x264 keeps every level)
nothing but the region differs; at another the encoder spends its bits otherwise in the wider
picture, and what comes on top is its noise. Shares of the points within 2 pixels, the offset
removed, where both have one; `lost` and `new` are points that one of the two has alone.
docs/pose.md.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np

from bench.timing import table
from microgesture.pose.estimators import estimate_video, open_estimator
from microgesture.pose.layouts import get_layout
from microgesture.pose.regions import cut_region, move_into_picture
from microgesture.videos.decoding import measure, read_frames
from microgesture.videos.encoding import write_video

NEAR = 2.0  # pixels
PARTS = {
    "body": ("torso", "head", "left_arm", "right_arm", "left_leg", "right_leg"),
    "hands": ("left_hand", "right_hand"),
    "face": ("face",),
}


def points_of(path: Path, region: tuple | None = None) -> np.ndarray:
    """(T, 133, 3) points in pixels of the whole picture, of what the region shows."""
    estimator = open_estimator({"estimator": "mediapipe"})
    _, fps, width, height, _ = measure(path)
    pictures = (frames for _, frames in read_frames(path, chunk=estimator.batch_size))
    points, _, _ = estimate_video(estimator, cut_region(pictures, region), fps)
    return move_into_picture(points, region, width, height)


def compare(alone: np.ndarray, beside: np.ndarray, offset: float) -> dict[str, dict]:
    """part -> near (share of the common points within 2 pixels), farthest (pixels), lost and new
    (points that one has alone). alone, beside: (T, 133, 3); offset: pixels to the right."""
    layout = get_layout("coco_wholebody133")
    moved = beside.copy()
    moved[..., 0] -= np.where(moved[..., 2] > 0, np.float32(offset), 0)
    away = np.linalg.norm(moved[..., :2] - alone[..., :2], axis=-1)
    first, second = alone[..., 2] > 0, moved[..., 2] > 0
    found = {}
    for part, names in PARTS.items():
        joints = [joint for name in names for joint in layout.parts.get(name, ())]
        both = (first & second)[:, joints]
        distances = away[:, joints][both]
        found[part] = {
            "near": float((distances <= NEAR).mean()) if distances.size else float("nan"),
            "farthest": float(distances.max(initial=0)),
            "lost": int((first & ~second)[:, joints].sum()),
            "new": int((~first & second)[:, joints].sum()),
        }
    return found


def split_screen(clips: list[np.ndarray], crf: float, folder: Path) -> list[tuple]:
    """(side, points of the clip alone, comparison with the half) of two clips.

    clips: uint8 (T, H, W, 3) of one shape; folder: for the videos.
    """
    width = clips[0].shape[2]
    write_video(folder / "both.mp4", np.concatenate(clips, axis=2), 30.0, crf=crf)
    found = []
    for number, (side, clip) in enumerate(zip(("left", "right"), clips, strict=True)):
        write_video(folder / f"{side}.mp4", clip, 30.0, crf=crf)
        region = (0.5 * number, 0.0, 0.5 * (number + 1), 1.0)
        alone, beside = (points_of(folder / f"{side}.mp4"), points_of(folder / "both.mp4", region))
        found.append((side, alone, compare(alone, beside, number * width)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clips", type=Path, nargs=2, help="two videos of one size")
    parser.add_argument("--frames", type=int, default=40)
    parser.add_argument("--crf", type=float, nargs="+", default=[0, 18])
    given = parser.parse_args()
    last = min(given.frames, *(measure(path)[0] for path in given.clips)) - 1
    clips = [
        np.concatenate([frames for _, frames in read_frames(path, 0, last)]) for path in given.clips
    ]
    rows, first = [], {}
    for crf in given.crf:
        with tempfile.TemporaryDirectory() as folder:
            for side, alone, parts in split_screen(clips, crf, Path(folder)):
                rows += _rows(f"crf {crf:g}, half against alone", side, parts)
                if side in first:  # what the encoder does without any region
                    against = compare(first[side], alone, 0)
                    rows += _rows(f"alone, crf {crf:g} against {given.crf[0]:g}", side, against)
                first.setdefault(side, alone)
    header = ("", "side", "part", "within 2 pixels", "farthest", "lost", "new")
    print("\n".join(table(header, rows)))


def _rows(what: str, side: str, parts: dict[str, dict]) -> list[tuple]:
    return [
        (what, side, part, f"{values['near']:.3f}", f"{values['farthest']:.2f}", values["lost"])
        + (values["new"],)
        for part, values in parts.items()
    ]


if __name__ == "__main__":
    main()
