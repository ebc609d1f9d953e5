"""A network made for estimation gives the features of the original."""

import copy
from pathlib import Path

import pytest
import torch

from microgesture.pose.inference import CPU_FRAMES, prepared
from microgesture.provenance.hardware import cpu_has_bf16
from tests.pose.test_estimation import random_network

DEMO_CONFIG = Path(__file__).parents[2] / "resources" / "pose" / "demo_wholebody.py"
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def network():
    return random_network(DEMO_CONFIG)


@pytest.fixture(scope="module")
def images():
    torch.manual_seed(2)
    return torch.randn(2 * CPU_FRAMES + 3, 3, 128, 96)  # two whole pieces and a part of one


def test_features_are_the_originals(network, images):
    fast = prepared(copy.deepcopy(network), CPU, "float32")
    kept = [m for m in fast.backbone.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    assert kept == []
    with torch.inference_mode():
        for mine, other in zip(fast.extract_feat(images), network.extract_feat(images)):
            scale = other.abs().max()
            torch.testing.assert_close(mine / scale, other / scale, atol=1e-5, rtol=0)


def test_a_frame_does_not_depend_on_its_neighbours(network, images):
    fast = prepared(copy.deepcopy(network), CPU, "float32")
    with torch.inference_mode():
        together = fast.extract_feat(images)[-1]
        apart = torch.cat([fast.extract_feat(image[None])[-1] for image in images])
    torch.testing.assert_close(together, apart, atol=1e-5, rtol=1e-4)


@pytest.mark.skipif(not cpu_has_bf16(), reason="this processor has no bf16 arithmetic")
def test_bf16_is_near_and_told_apart(network, images):
    half = prepared(copy.deepcopy(network), CPU, "auto")
    with torch.inference_mode():
        mine, other = half.extract_feat(images)[-1], network.extract_feat(images)[-1]
    assert mine.dtype == torch.float32
    error = (mine - other).norm() / other.norm()
    assert 1e-5 < error < 0.05


def test_float32_where_the_hardware_has_no_bf16(network, images, monkeypatch):
    monkeypatch.setattr("microgesture.pose.inference.cpu_has_bf16", lambda: False)
    plain, asked = (prepared(copy.deepcopy(network), CPU, p) for p in ("float32", "bf16"))
    with torch.inference_mode():
        assert torch.equal(plain.extract_feat(images)[-1], asked.extract_feat(images)[-1])
