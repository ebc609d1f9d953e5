"""A set of recordings with one known fault each, to see whether `snakemake inspect` tells all.

    python -m bench.bad_footage FOLDER OUT
    snakemake --cores 2 --directory OUT --configfile config.yaml datasets/footage.yaml -- inspect

FOLDER: at least eight videos of one person each, whose hands are in the picture (about two seconds
are used of each). OUT gets videos/ and sheets/. docs/inspect.md has what the page said.
"""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from microgesture.videos.decoding import measure, read_frames
from microgesture.videos.encoding import write_video

LENGTH = 48  # frames used of a source; two faults need more and take what there is
Pictures = Iterator[np.ndarray]


def dark(frames: np.ndarray) -> Pictures:
    yield from (frame // 8 for frame in frames)


def tiny(frames: np.ndarray) -> Pictures:
    """The person a quarter as large, before an empty wall."""
    height, width = frames.shape[1:3]
    for frame in frames:
        small = cv2.resize(frame, (width // 4, height // 4), interpolation=cv2.INTER_AREA)
        picture = np.full_like(frame, np.median(frame, axis=(0, 1)).astype(np.uint8))
        picture[-small.shape[0] :, width // 3 : width // 3 + small.shape[1]] = small
        yield picture


def without_hands(frames: np.ndarray) -> Pictures:
    """The upper part: head and shoulders."""
    yield from frames[:, : frames.shape[1] * 9 // 20]


def frozen(frames: np.ndarray) -> Pictures:
    yield from np.repeat(frames[:1], len(frames), axis=0)


def shaky(frames: np.ndarray) -> Pictures:
    """The camera is pushed by up to a twelfth of the picture from frame to frame."""
    generator = np.random.default_rng(0)
    for frame in frames:
        x, y = generator.integers(-frame.shape[1] // 12, frame.shape[1] // 12, 2)
        matrix = np.float32([[1, 0, x], [0, 1, y]])
        size = frame.shape[1::-1]
        yield cv2.warpAffine(frame, matrix, size, borderMode=cv2.BORDER_REFLECT)


def slow(frames: np.ndarray) -> Pictures:
    yield from frames[::4]


def as_it_is(frames: np.ndarray) -> Pictures:
    yield from frames


FAULTS: dict[str, Callable[[np.ndarray], Pictures]] = {
    "good": as_it_is,
    "dark": dark,
    "tiny": tiny,
    "without_hands": without_hands,
    "frozen": frozen,
    "shaky": shaky,
    "slow": slow,
    "wrong_rate": as_it_is,
}
SUBJECTS = {
    "good": "anna", "dark": "ben", "tiny": "clara", "without_hands": "dora", "frozen": "emil",
    "shaky": "fritz", "slow": "gina", "wrong_rate": "anna", "two_people": "hans",
    "nobody": "ina", "broken": "jan", "changing": "ben",
}  # fmt: skip
LABELS = ["raising a hand", "touching the face", "shrugging", "never in test"]


def make_videos(sources: list[Path], folder: Path) -> dict[str, int]:
    """Write the videos; returns frames by name, 0 = cannot be read."""
    folder.mkdir(parents=True, exist_ok=True)
    lengths = {}

    def write(name: str, pictures: list[np.ndarray], rate: float) -> None:
        even = [
            picture[: len(picture) // 2 * 2, : picture.shape[1] // 2 * 2] for picture in pictures
        ]
        write_video(folder / f"{name}.mp4", even, rate, crf=18)
        lengths[name] = len(even)

    for (name, change), source in zip(FAULTS.items(), sources):
        frames = _frames(source, None if name in ("good", "slow") else LENGTH)
        write(name, list(change(frames)), 7.5 if name == "slow" else 30.0)
    first, second = (_frames(source, LENGTH) for source in sources[:2])
    number = min(len(first), len(second))
    write("two_people", list(np.concatenate([first[:number], second[:number]], axis=2)), 30.0)
    # first somebody on the left, then somebody else on the right: the track jumps
    wall = np.full_like(first, np.median(first, axis=(0, 1, 2)).astype(np.uint8))
    left = np.concatenate([first, wall], axis=2)[:16]
    right = np.concatenate([wall[: len(second)], second[: len(wall)]], axis=2)
    write("changing", [*left, *right], 15.0)  # longer than somebody who is lost is waited for
    noise = np.random.default_rng(1).integers(0, 255, (6, 8, 3), dtype=np.uint8)
    wall = cv2.resize(noise, first.shape[2:0:-1], interpolation=cv2.INTER_CUBIC)
    write("nobody", [np.roll(wall, number, 1) for number in range(LENGTH)], 30.0)
    whole = (folder / "good.mp4").read_bytes()
    (folder / "broken.mp4").write_bytes(whole[: len(whole) // 3])
    return {**lengths, "broken": 0}


def make_sheets(lengths: dict[str, int], folder: Path, videos: Path) -> None:
    """Tables that the workflow takes, with the faults that it cannot refuse."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [
        (name, str((videos / f"{name}.mp4").resolve()), SUBJECTS[name],
         60 if name == "wrong_rate" else "")
        for name in lengths
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["video", "path", "subject", "fps"])
    table.to_csv(folder / "videos.tsv", sep="\t", index=False)
    clips = []

    def clip(video: str, start: int, end: int, label: int | str, split: str) -> None:
        clips.append((f"{video}_{len(clips):02d}", video, start, end, label, split))

    for name, length in lengths.items():
        split = {"hans": "test", "gina": "val"}.get(SUBJECTS[name], "train")
        parts = max(1, (length or 30) // 6)
        for part in range(min(parts, 5)):
            # two classes that everybody shows; nobody but anna shrugs
            label = 2 if SUBJECTS[name] == "anna" and part >= 3 else part % 2
            clip(name, part * 6, part * 6 + 4, label, split)
    clip("dark", 40, 44, 3, "train")  # one clip of a class, none in val or test
    clip("good", 3, 3, 0, "train")  # one frame
    clip("good", 5, lengths["good"] - 1, 0, "train")  # far longer than the others
    clip("shaky", 30, 38, 0, "train")  # the same frames with two labels, and twice
    clip("shaky", 30, 38, 1, "train")
    clip("tiny", 30, 38, 0, "train")
    clip("tiny", 30, 37, 0, "train")
    columns = ["clip", "video", "start", "end", "label", "split"]
    pd.DataFrame(clips, columns=columns).to_csv(folder / "clips.tsv", sep="\t", index=False)
    names = pd.DataFrame({"label": range(len(LABELS)), "name": LABELS})
    names.to_csv(folder / "labels.tsv", sep="\t", index=False)


def _frames(path: Path, number: int | None) -> np.ndarray:
    """The first frames of a video, uint8 (T, H, W, 3); None = all."""
    last = measure(path)[0] - 1
    last = last if number is None else min(last, number - 1)
    return np.concatenate([chunk for _, chunk in read_frames(path, 0, last)])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="videos of one person each")
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    kinds = (".mkv", ".mp4", ".mov", ".avi")
    sources = sorted(p for p in given.folder.iterdir() if p.suffix in kinds)[: len(FAULTS)]
    if len(sources) < len(FAULTS):
        parser.error(f"{given.folder} holds {len(sources)} videos, {len(FAULTS)} are needed")
    make_sheets(
        make_videos(sources, given.out / "videos"), given.out / "sheets", given.out / "videos"
    )


if __name__ == "__main__":
    main()
