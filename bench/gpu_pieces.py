"""What the GPU page measures beside training steps: layouts, heatmaps, pose, waiting for data."""

import logging
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from bench.clips import seated_person
from bench.gpu_cards import wait_for
from bench.gpu_steps import Steps, time_steps
from bench.made_stores import CLASSES, write_skeletons
from bench.recognisers import Entry, build
from microgesture.heatmaps.gaussian import joint_heatmaps
from microgesture.heatmaps.limb import limb_heatmaps
from microgesture.layers.conv3d_blocks import Stem3d
from microgesture.layers.sparse_stem import SparseStem, sparse_convolution
from microgesture.pose.layouts import get_layout
from microgesture.stores.rgb import write_rgb_clips
from microgesture.training.device import make_accelerator
from microgesture.training.loop import train
from microgesture.training.recogniser import Recogniser
from microgesture.training.stores import load_stores

POSE_MODEL = "rtmpose-m_8xb64-270e_coco-wholebody-256x192"


class SparseAnywhere(SparseStem):
    """The stem from the blobs on every device (the shipped one is dense on a GPU)."""

    def forward(self, x):
        """As `SparseStem`."""
        volume = sparse_convolution(x.float(), self.conv.weight)
        if volume is None:
            raise ValueError("the volume is not made of small blobs")
        if torch.is_autocast_enabled(x.device.type):
            volume = volume.to(torch.get_autocast_dtype(x.device.type))
        volume = self.norm(volume.contiguous(memory_format=torch.channels_last_3d))
        return torch.relu_(volume) if self.relu else volume


def with_sparse_stem(network: torch.nn.Module) -> None:
    """Take the sparse way in every stem that has one."""
    for module in network.modules():
        if isinstance(module, SparseStem):
            module.__class__ = SparseAnywhere


def layout_ways(entry: Entry, device: torch.device, seconds: float = 5.0) -> dict[str, Steps]:
    """Training steps of a heatmap network: the plain layout, channels last, and with the stem from
    the blobs."""
    dense = replace(
        entry,
        settings={
            **entry.settings,
            "model_options": {**entry.settings.get("model_options", {}), "sparse_stem": False},
        },
    )
    sparse = replace(
        entry,
        settings={
            **entry.settings,
            "model_options": {**entry.settings.get("model_options", {}), "sparse_stem": True},
        },
    )
    return {
        "float32, NCDHW": time_steps(
            dense, device, seconds=seconds, bf16=False, channels_last=False
        ),
        "bf16, NCDHW": time_steps(dense, device, seconds=seconds, channels_last=False),
        "bf16, channels last": time_steps(dense, device, seconds=seconds),
        "bf16, channels last, stem from the blobs": time_steps(
            sparse, device, seconds=seconds, change=with_sparse_stem
        ),
    }


@torch.no_grad()
def stem_difference(entry: Entry, device: torch.device, clips: int = 2) -> float:
    """The largest difference of the logits of the dense and the sparse stem, as a share of the
    logits' spread, in float32."""
    settings = entry.complete
    layout = entry.layout
    points = [seated_person(settings["frames"], np.random.default_rng(n), layout.name)
              for n in range(clips)]  # fmt: skip
    pixels = torch.from_numpy(np.stack(points)).to(device)
    pixels[..., :2] *= settings["size"]
    volume = joint_heatmaps(pixels, (settings["size"],) * 2, settings["sigma"])
    torch.manual_seed(0)
    network = build(entry).to(device).eval()
    stems = [module for module in network.modules() if isinstance(module, SparseStem)]
    for stem in stems:
        stem.__class__ = Stem3d
    dense = network(volume)
    for stem in stems:
        stem.__class__ = SparseAnywhere
    return float((network(volume) - dense).abs().max() / dense.std())


def render_rates(
    device: torch.device, clips: int = 32, size: int = 56, frames: int = 48, seconds: float = 2.0
) -> dict[str, float]:
    """Clips a second of drawing joint and limb volumes on the device, 68 points."""
    layout = get_layout("h68")
    points = [seated_person(frames, np.random.default_rng(n)) for n in range(clips)]
    pixels = torch.from_numpy(np.stack(points)).to(device)
    pixels[..., :2] *= size
    ways = {
        "joint": lambda: joint_heatmaps(pixels, (size, size), 0.6),
        "limb": lambda: limb_heatmaps(pixels, layout.edges, (size, size), 0.6),
    }
    found = {}
    for name, draw in ways.items():
        draw()
        wait_for(device)
        begin, count = time.perf_counter(), 0
        while time.perf_counter() - begin < seconds or not count:
            draw()
            wait_for(device)
            count += 1
        found[name] = count * clips / (time.perf_counter() - begin)
    return found


def pose_rate(device: torch.device, batch: int = 64, seconds: float = 5.0) -> float:
    """Frames of 640 x 480 a second through a whole-body RTMPose-m with random weights, cutting and
    resizing included, decoding not."""
    from microgesture.configuration.pose_models import find_model
    from microgesture.pose.estimation import estimate_points, load_estimator

    torch.manual_seed(0)
    estimator = load_estimator(find_model(POSE_MODEL).config, None, device=str(device))
    frames = np.random.default_rng(0).integers(0, 255, (batch, 480, 640, 3), dtype=np.uint8)
    boxes = np.tile(np.float32([160, 40, 480, 470]), (len(frames), 1))
    estimate_points(estimator, frames, boxes)
    begin, count = time.perf_counter(), 0
    while time.perf_counter() - begin < seconds or not count:
        estimate_points(estimator, frames, boxes)
        count += 1
    return count * batch / (time.perf_counter() - begin)


class _Waited(logging.Handler):
    """Hears what the training loop tells of its time."""

    found: tuple[float, float] | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Keep (seconds, per cent waiting for data)."""
        if str(record.msg).startswith("trained in"):
            self.found = record.args


def data_wait(
    entry: Entry, gpu: bool, *, clips: int = 2048, workers: int = 8, epochs: int = 2
) -> tuple[float, float]:
    """Epochs of the training loop from stored clips: (clips a second, share of the time that it
    waited for data). Skeletons come out of mapped stores, pictures out of raw ones."""
    settings = {
        **entry.complete,
        "epochs": epochs,
        "repeats": 1,
        "batch_size": entry.batch,
        "loader_workers": workers,
        "learning_rate": 1e-5,
        "cache_megabytes": 0,
        "semantic_loss": {**entry.complete["semantic_loss"], "form": "none"},
    }
    stream = entry.streams[0]
    with tempfile.TemporaryDirectory() as folder:
        stores = write_skeletons(Path(folder), clips, max(settings["frames"], 1), entry.layout.name)
        if stream == "rgb":
            stores["rgb"] = _write_pictures(Path(folder), stores, settings)
        accelerator = make_accelerator(gpu, "auto")
        loaded = load_stores(stores, entry.streams, settings, entry.layout.name, ("train",))
        torch.manual_seed(0)
        recogniser = Recogniser(build(entry, classes=CLASSES), CLASSES, settings)
        heard, logger = _Waited(), logging.getLogger("microgesture.training.loop")
        level = logger.level
        logger.addHandler(heard)
        logger.setLevel(logging.INFO)
        try:
            train(
                recogniser, loaded, np.arange(len(loaded)), np.empty(0, np.int64), entry.streams,
                settings, accelerator, counts=np.ones(CLASSES, np.int64), seed=0,
            )  # fmt: skip
        finally:
            logger.removeHandler(heard)
            logger.setLevel(level)
    if heard.found is None:
        raise RuntimeError("the training loop told no time")
    seconds, waiting = heard.found
    return clips * epochs / seconds, waiting / 100


def _write_pictures(folder: Path, stores: dict, settings: dict) -> list[str]:
    """A raw store of pictures a batch; the same noise for all clips."""
    import pandas as pd

    table = pd.read_parquet(stores["clips"][0])
    frames, side = settings["rgb_frames"], round(settings["rgb_size"] * 256 / 224)
    shape = (frames, side, side, 3)
    noise = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    length = int(table["end"].iloc[0] - table["start"].iloc[0]) + 1
    positions, paths = np.arange(frames) * length // frames, []
    for batch, part in table.groupby("batch"):
        paths.append(str(folder / "rgb" / f"{batch}.h5"))
        write_rgb_clips(paths[-1], ((clip, noise, positions) for clip in part["clip"]))
    return paths
