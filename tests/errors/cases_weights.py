"""Messages about published weights, and about files of others that would do more than be read."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import torch

from microgesture.pose.config_check import check_config
from microgesture.stores.sequences import Sequence, read_sequence, write_sequences
from microgesture.weights.download import fetch
from microgesture.weights.foreign_files import read_checkpoint
from microgesture.weights.published import rename_weights
from tests.errors.case import Case
from tests.weights.published_files import published_poseconv3d, take
from tests.weights.test_foreign_files import Hostile

CHAPTER = "Weights and files of others"
CONTENT = bytes(range(256))
CONFIG = 'import os\n\nmodel = dict(type="os.system", command="true")\n'


def taken(channels: int = 17, **arguments) -> Callable[[Path], object]:
    """The import of a PoseConv3D whose first layer takes as many channels."""

    def ask(folder: Path) -> object:
        published_poseconv3d(folder / "a.pth", channels)
        return take(folder, **arguments)

    return ask


def named(layer: str, **arguments) -> Callable[[Path], object]:
    """The import of a network that has a layer of this name."""

    def ask(folder: Path) -> object:
        torch.save({"state_dict": {layer: torch.zeros(3)}}, folder / "a.pth")
        return take(folder, **arguments)

    return ask


def fetched(sha256: str) -> Callable[[Path], object]:
    """The download of a file whose publisher gives this SHA-256."""

    def ask(folder: Path) -> object:
        (folder / "model.pth").write_bytes(CONTENT)
        return fetch((folder / "model.pth").as_uri(), folder / "kept", sha256=sha256)

    return ask


def read(write: Callable[[Path], object]) -> Callable[[Path], object]:
    """A checkpoint that `write` makes."""

    def ask(folder: Path) -> object:
        write(folder / "model.pth")
        return read_checkpoint(folder / "model.pth")

    return ask


def hostile(path: Path) -> None:
    torch.save({"state_dict": {"w": torch.ones(1)}, "meta": Hostile(path.with_suffix(".x"))}, path)


def config(folder: Path) -> object:
    (folder / "rtmw.py").write_text(CONFIG)
    return check_config(folder / "rtmw.py")


def linked(folder: Path) -> object:
    """A store whose only video lies in another file."""
    one = Sequence(np.ones((1, 3, 17, 3), np.float32), np.ones(3, bool), "coco17", 64, 48, 25.0)
    write_sequences(folder / "keypoints.h5", [("int01", one)])
    with h5py.File(folder / "keypoints.h5", "a") as file:
        del file["int01"]
        file["int01"] = h5py.ExternalLink("/home/anna/private.h5", "/int01")
    return read_sequence(folder / "keypoints.h5", "int01")


CASES = [
    Case("Channels that cannot be matched", taken(layout="h68")),
    Case("Channels of another layout than is written", taken(layout="h68", source_layout="halpe136")),
    Case("Limbs that cannot be matched", taken(14, stream="limb_heatmap")),
    Case("A network without published weights", lambda folder: rename_weights("hypergraph_transformer", {})),
    Case("Weights of a network that is not here", named("backbone.conv1a.conv.weight")),
    Case("A SHA-256 that is too short", fetched(hashlib.sha256(CONTENT).hexdigest()[:8])),
    Case("A SHA-256 of another file", fetched("0" * 64)),
    Case("A checkpoint without weights", read(lambda path: torch.save({"epoch": 3}, path))),
    Case("A checkpoint with code in it", read(hostile)),
    Case("A config with code in it", config),
    Case("A store that leads to another file", linked),
]  # fmt: skip
