"""Messages about whole videos: segmenters, windows, and a bundle that is applied to others."""

import json
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

from microgesture.bundles.prediction import applied, segmenter_files
from microgesture.bundles.reading import read_bundle
from microgesture.segments.fitting import fit_segmenter
from microgesture.segments.segmenter import load_segmenter
from microgesture.stores.frames import read_frames_of, write_frames
from microgesture.stores.windows import VideoWindows, read_windows, write_windows
from scripts.score_segments import score
from tests.bundles.small_bundle import FITTING, NO_CLIPS, write_small_bundle
from tests.errors.case import Case

CHAPTER = "Whole videos and predictions"


def segmenter(damage: Callable[[Path, Path], object]) -> Callable[[Path], object]:
    """A segmenter that is read after `damage`."""

    def ask(folder: Path) -> object:
        files = folder / "all.npz", folder / "all.json"
        fit_segmenter({}, {}, NO_CLIPS, {"joint": 1.0}, 3, FITTING, (0.8,)).save(*files)
        damage(*files)
        return load_segmenter(*files)

    return ask


def newer(heads: Path, settings: Path) -> None:
    facts = {**json.loads(settings.read_text(encoding="utf-8")), "version": 2}
    settings.write_text(json.dumps(facts), encoding="utf-8")


def shortened(heads: Path, settings: Path) -> None:
    heads.write_bytes(heads.read_bytes()[:300])


def with_objects(heads: Path, settings: Path) -> None:
    np.savez(heads, temperatures=np.array([{}], dtype=object))


def said(starts: tuple[int, ...] = (0, 4)) -> VideoWindows:
    windows = pd.DataFrame({"start": starts, "length": 800}).assign(end=lambda t: t["start"] + 11)
    numbers = np.zeros((len(starts), 3), np.float32)
    return VideoWindows(windows, numbers, numbers, np.ones(20, bool), 15.0)


def heard(members: dict[str, VideoWindows]) -> Callable[[Path], object]:
    """Probabilities of a segmenter of two members from what others say."""

    def ask(folder: Path) -> object:
        heats = {"joint": 1.0, "rgb": 1.0}
        one = fit_segmenter({}, {}, NO_CLIPS, heats, 3, FITTING, (0.8,))
        return one.frame_probabilities(members)

    return ask


def damaged_windows(folder: Path) -> object:
    write_windows(folder / "windows.h5", [("int01", said())])
    with h5py.File(folder / "windows.h5", "a") as file:
        del file["int01/logits"]
    return read_windows(folder / "windows.h5", "int01")


def frames_for_windows(folder: Path) -> object:
    write_frames(folder / "frames.h5", [("int01", np.ones((5, 4)) / 4, np.ones(5, bool), 15.0)])
    read_frames_of(folder / "frames.h5", "int01")
    return read_windows(folder / "frames.h5", "int01")


def nothing_to_score(folder: Path) -> object:
    facts = pd.DataFrame({"video": ["int01"], "frames": 0, "fps": 0.0, "status": "quarantined"})
    facts.to_parquet(folder / "facts.parquet")
    files = "segments.tsv", [str(folder / "facts.parquet")], "truth.parquet", "spans.parquet"
    return score(*files, {}, ["int01"], {}, [])


def asked(**section) -> Callable[[Path], object]:
    """A prediction with a bundle that was packed with the segmenter of all members alone."""

    def ask(folder: Path) -> object:
        bundle = write_small_bundle(folder, ("all",))
        _, found = applied({"predict": {"bundle": str(bundle), **section}})
        return segmenter_files(found)

    return ask


def no_segmenter(folder: Path) -> object:
    return segmenter_files(read_bundle(write_small_bundle(folder, ())))


CASES = [
    Case("A segmenter of a newer version", segmenter(newer)),
    Case("A segmenter that was cut short", segmenter(shortened)),
    Case("A segmenter with Python objects in it", segmenter(with_objects)),
    Case("A member that did not look at the windows", heard({"joint": said()})),
    Case("Members that looked at other windows", heard({"joint": said(), "rgb": said((0, 8))})),
    Case("A store of windows that is damaged", damaged_windows),
    Case("Another store in place of windows", frames_for_windows),
    Case("No test video that could be scored", nothing_to_score),
    Case("A bundle without videos to predict", asked()),
    Case("A member that has no segmenter of its own", asked(videos="v", members=["rgb"])),
    Case("A bundle without a segmenter, and whole videos", no_segmenter),
]  # fmt: skip
