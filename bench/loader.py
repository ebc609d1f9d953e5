"""One loader worker: coordinates, expanded where the network runs, against volumes drawn plainly.

Joint and limb together, 68 points, 48 frames. The peer draws both float32 volumes of each clip
with the plain loop in the worker; ours hands over the coordinates that both are expanded from.
"""

import time

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from bench.clips import seated_person
from bench.plain_heatmaps import plain_joints, plain_limbs
from bench.timing import table
from microgesture.datasets.clips import Clips
from microgesture.datasets.samples import ClipSamples, EpochBatches, make_loader
from microgesture.heatmaps.gaussian import joint_heatmaps
from microgesture.heatmaps.limb import limb_heatmaps
from microgesture.pose.layouts import get_layout
from microgesture.videos.sampling import sample_training

FRAMES = 48


class PlainVolumes(Dataset):
    """Clips whose volumes are drawn one keypoint at a time when they are asked for."""

    def __init__(self, points, edges):
        self.points, self.edges = points, edges

    def __len__(self):
        return len(self.points)

    def __getitem__(self, number):
        whole = self.points[number]
        generator = np.random.default_rng(number)
        points = whole[:, sample_training(whole.shape[1], FRAMES, generator)].copy()
        points[..., :2] *= 56
        volumes = (
            plain_joints(points, (56, 56), 0.6),
            plain_limbs(points, self.edges, (56, 56), 0.6),
        )
        return torch.from_numpy(volumes[0]), torch.from_numpy(volumes[1])


def bench_loader(repeats=3):
    """Lines of the report."""
    layout = get_layout("h68")
    generator = np.random.default_rng(0)
    points = [seated_person(90, generator) for _ in range(64)]
    chosen = np.tile(np.arange(64), 32)
    clips = Clips(
        layout=layout,
        clips=[f"clip{number}" for number in range(64)],
        splits=["train"] * 64,
        labels=np.zeros(64, dtype=np.int64),
        weights=np.ones(64, dtype=np.float32),
        lengths=np.full(64, 90),
        points=points,
    )
    samples = ClipSamples(clips, frames=FRAMES, training=True)
    ours = make_loader(samples, EpochBatches(chosen, 16), workers=1)
    peer = DataLoader(PlainVolumes(points[:8], layout.edges), batch_size=4, num_workers=1)
    rates = {"plain": [], "ours": []}
    for _ in range(repeats):
        rates["plain"].append(_rate(peer, 8))
        rates["ours"].append(_rate(ours, len(chosen)))
    plain, fast = (float(np.median(rates[name])) for name in ("plain", "ours"))
    expand = _expansion_rate(points, layout.edges)
    header = ["one worker, joint + limb", "clips/s", "ratio"]
    rows = [
        ["volumes, plain loop in the worker", f"{plain:.1f}", "1x"],
        ["coordinates", f"{fast:.0f}", f"{fast / plain:.0f}x"],
        [
            "coordinates, then both volumes on one CPU core",
            f"{expand:.0f}",
            f"{expand / plain:.0f}x",
        ],
    ]
    return table(header, rows)


def _rate(loader, clips):
    """Clips a second once the worker runs: from the first batch to the last."""
    batches = iter(loader)
    first = len(next(iter(_values(next(batches)))))
    begin = time.perf_counter()
    for _ in batches:
        pass
    return (clips - first) / (time.perf_counter() - begin)


def _values(batch):
    return batch.values() if isinstance(batch, dict) else batch


def _expansion_rate(points, edges):
    batch = torch.from_numpy(np.stack([clip[:, :FRAMES] for clip in points[:8]]))
    batch[..., :2] *= 56
    times = []
    for _ in range(5):
        begin = time.perf_counter()
        joint_heatmaps(batch, (56, 56), 0.6)
        limb_heatmaps(batch, edges, (56, 56), 0.6)
        times.append(time.perf_counter() - begin)
    return len(batch) / float(np.median(times))
