"""Messages about bundles, and about what is predicted with them."""

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from microgesture.bundles.reading import read_bundle
from microgesture.bundles.sheets import sheets_to_predict
from tests.bundles.damage import (
    edited,
    flipped,
    manifest_with,
    replaced,
    seal,
    with_link,
    zipped,
)
from tests.bundles.made_run import ROWS, copied_bundle, shared_run
from tests.errors.case import Case

CHAPTER = "Bundles (microgesture.bundles) and what they predict on"
LABELS = pd.DataFrame(ROWS, columns=["label", "name", "description", "group"])


def damaged(damage: Callable[[Path], object], **asked) -> Callable[[Path], object]:
    """The reading of a bundle after something was done to it."""

    def ask(folder: Path) -> object:
        bundle = copied_bundle(folder)
        damage(bundle)
        return read_bundle(bundle, **asked)

    return ask


def changed(name: str, old: str, new: str) -> Callable[[Path], object]:
    """The reading of a bundle with another text in a file, and digests that fit."""
    return damaged(lambda bundle: edited(bundle, name, replaced(old, new)))


def unzipped(make: Callable[[Path, Path], object]) -> Callable[[Path], object]:
    """The reading of mine.zip, which `make` writes from a bundle."""

    def ask(folder: Path) -> object:
        bundle = copied_bundle(folder)
        make(bundle, folder / "mine.zip")
        return read_bundle(folder / "mine.zip", cache=folder / "cache")

    return ask


def cut(bundle: Path, path: Path) -> None:
    zipped(bundle, path)
    path.write_bytes(path.read_bytes()[:-1000])


def linked(bundle: Path, path: Path) -> None:
    with_link(zipped(bundle, path), "mine/members/joint/other", "/home/anna")


def swollen(bundle: Path, path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mine/bundle.json", bytes(2**28))


def incomplete(bundle: Path) -> None:
    shutil.rmtree(bundle / "members" / "bone")


def short(bundle: Path) -> None:
    path = bundle / "members" / "joint" / "model.safetensors"
    path.write_bytes(path.read_bytes()[:1000])


def with_objects(bundle: Path) -> None:
    np.savez(bundle / "segmenter" / "heads.npz", weight=np.array([{"a": 1}], dtype=object))
    seal(bundle)


def written_over(folder: Path) -> object:
    (folder / "thesis").mkdir()
    (folder / "thesis" / "chapter1.txt").write_text("x")
    return shared_run().bundle(folder / "thesis")


def on(*names: str) -> Callable[[Path], object]:
    """A prediction on a folder with these files."""

    def ask(folder: Path) -> object:
        (folder / "videos").mkdir()
        for name in names:
            (folder / "videos" / name).parent.mkdir(exist_ok=True)
            (folder / "videos" / name).write_bytes(name.encode())
        return sheets_to_predict(str(folder / "videos"), None, LABELS)

    return ask


def on_tables(videos: str, clips: str | None = None) -> Callable[[Path], object]:
    """A prediction on these tables; int01.mp4 is there."""

    def ask(folder: Path) -> object:
        (folder / "int01.mp4").write_bytes(b"x")
        (folder / "videos.tsv").write_text(videos.replace("int01.mp4", f"{folder}/int01.mp4"))
        if clips is not None:
            (folder / "clips.tsv").write_text(clips)
        given = None if clips is None else str(folder / "clips.tsv")
        return sheets_to_predict(str(folder / "videos.tsv"), given, LABELS)

    return ask


CASES = [
    Case("A bundle that is not there", lambda folder: read_bundle(folder / "mine")),
    Case("A folder that is no bundle", damaged(lambda b: (b / "bundle.json").unlink())),
    Case("A manifest of something else", damaged(lambda b: manifest_with(b, format="model zoo"))),
    Case("A bundle of a newer version", damaged(lambda b: manifest_with(b, version=2))),
    Case("A byte that was changed", damaged(lambda b: flipped(b, "members/joint/model.safetensors"))),
    Case("A file of a bundle that was cut short", damaged(short)),
    Case("A member's files that are missing", damaged(incomplete)),
    Case("A file that does not belong to the bundle", damaged(lambda b: (b / "more.pth").write_bytes(b"x"))),
    Case("A member that the bundle does not have", damaged(lambda b: None, members=["joint", "bones"])),
    Case("A bundle for another layout", damaged(lambda b: None, layout="h68")),
    Case("A bundle with a gap in its labels", changed("labels.tsv", "2\tlegs", "3\tlegs")),
    Case("Settings that this version does not know", changed("settings.yaml", "frames_per_clip:", "frames:")),
    Case("Settings that lead out of the bundle", changed("settings.yaml", "pose/demo_wholebody.py", "/tmp/pose.py")),
    Case("A member that was trained on other labels", changed("members/joint/model.json", '"arms"', '"tails"')),
    Case("A pose model's config with code in it", changed("pose/demo_wholebody.py", "default_scope", "import os\ndefault_scope")),
    Case("Arrays with objects in them", damaged(with_objects)),
    Case("A zip that is not whole", unzipped(cut)),
    Case("A zip with a path out of it", unzipped(lambda b, path: zipped(b, path, {"../../.bashrc": b"x"}))),
    Case("A zip with a link in it", unzipped(linked)),
    Case("A zip that would fill the disk", unzipped(swollen)),
    Case("A bundle in the place of other files", written_over),
    Case("Videos to predict on that are nowhere", lambda folder: sheets_to_predict(str(folder / "videos"), None, LABELS)),
    Case("A folder to predict on without videos", on("notes.txt")),
    Case("A folder to predict on with videos in subfolders alone", on("day1/int01.mp4")),
    Case("Two videos of one name", on("int01.mp4", "int01.mov")),
    Case("A table to predict on without paths", on_tables("video\tsubject\nint01\tanna\n")),
    Case("A table to predict on without a row", on_tables("video\tpath\n")),
    Case(
        "Videos and segments with several mistakes",
        on_tables(
            "video\tpath\nint01\tint01.mp4\nint02\tint02.mp4\n",
            "clip\tvideo\tstart\tend\nc1\tint01\t9\t3\nc2\tint1\t0\t9\n",
        ),
    ),
]  # fmt: skip
