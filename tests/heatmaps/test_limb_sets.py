"""Sets of limbs by name."""

import numpy as np
import pytest
import torch

from microgesture.datasets.streams import in_channels, make_stream
from microgesture.heatmaps.limb import render_limbs
from microgesture.heatmaps.limb_sets import PYSKL17, limb_names, limb_pairs
from microgesture.pose.layouts import get_layout
from microgesture.provenance.errors import BadInput

# `skeletons` in PYSKL's and MMAction2's limb configurations, numbers of COCO's joints
PUBLISHED = [
    (0, 5), (0, 6), (5, 7), (7, 9), (6, 8), (8, 10), (5, 11), (11, 13), (13, 15), (6, 12),
    (12, 14), (14, 16), (0, 1), (0, 2), (1, 3), (2, 4), (11, 12),
]  # fmt: skip


def test_the_published_set_in_its_order():
    coco = get_layout("coco17")
    assert list(limb_pairs(coco, "pyskl17")) == PUBLISHED
    bones = {frozenset(edge) for edge in coco.edges}
    assert bones < {frozenset(pair) for pair in PUBLISHED}
    assert len(PUBLISHED) - len(bones) == 1


def test_the_same_lines_in_another_layout():
    layout = get_layout("body25")
    pairs = limb_pairs(layout, "pyskl17")
    assert [(layout.joints[a], layout.joints[b]) for a, b in pairs] == list(PYSKL17)
    assert limb_names(layout, "pyskl17") == PYSKL17
    assert limb_pairs(layout) == layout.edges
    with pytest.raises(BadInput, match="imigue22 has no left_ankle, left_hip"):
        limb_pairs(get_layout("imigue22"), "pyskl17")
    with pytest.raises(BadInput, match="limbs is 'pyskl'; write one of bones, pyskl17"):
        limb_pairs(layout, "pyskl")


def test_the_stream_draws_them():
    layout = get_layout("coco17")
    points = torch.rand(1, 1, 2, 17, 3) * 0.8 + 0.1
    settings = {"size": 24, "sigma": 0.6, "limbs": "pyskl17"}
    volume = make_stream("limb_heatmap", {"skeleton": points}, layout, settings)
    assert volume.shape == (1, in_channels("limb_heatmap", layout, limbs="pyskl17"), 2, 24, 24)
    pixels = points[0].numpy().copy()
    pixels[..., :2] *= 24
    np.testing.assert_allclose(volume[0], render_limbs(pixels, PUBLISHED, (24, 24), 0.6), atol=1e-6)
    del settings["limbs"]  # as before there was a choice
    assert make_stream("limb_heatmap", {"skeleton": points}, layout, settings).shape[1] == 16
