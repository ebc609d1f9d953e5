"""The whole way to the tensor, at a tiny size: ours has the plain way's values."""

import numpy as np
import pytest
import torch

from bench import memory_layouts
from bench.heatmap_tensors import bench_heatmap_tensors
from bench.plain_heatmaps import plain_batch, plain_joints
from microgesture.provenance.hardware import cpu_has_bf16
from tests.bench.test_gpu import SMALL_VOLUME


def test_the_plain_way_stacks_the_clips_volumes():
    points = np.random.default_rng(0).uniform(2, 10, (2, 1, 3, 4, 3)).astype(np.float32)
    batch = plain_batch(list(points), (12, 12), 0.6)
    assert batch.shape == (2, 4, 3, 12, 12) and batch.is_contiguous()
    for clip, own in zip(batch, points, strict=True):
        np.testing.assert_array_equal(clip.numpy(), plain_joints(own, (12, 12), 0.6))


def test_every_row_has_the_plain_values():
    lines = bench_heatmap_tensors(clips=1, frames=3, repeats=1)
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines[4:]]
    assert [row[0] for row in rows] == [
        "joint, 17 points",
        "limb, 17 points",
        "joint, 68 points",
        "limb, 68 points",
    ]
    assert all(float(row[-1]) < 1e-5 for row in rows)
    assert all(float(row[1]) > 0 and row[3].endswith("x") for row in rows)


@pytest.mark.parametrize("batch", [1, 2])
def test_layouts_are_compared(batch):
    cases = {"a network": ("poseconv3d", "coco17", SMALL_VOLUME)}
    lines = memory_layouts.bench_memory_layouts(cases, batch=batch, repeats=1)
    cells = [cell.strip() for cell in lines[-1].split("|")[1:-1]]
    assert cells[0] == "a network" and len(cells) == 2 + (4 if cpu_has_bf16() else 2)
    assert torch.get_num_threads() == 1
