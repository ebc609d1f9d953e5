"""What a network is given: values of the streams, in the layout that its device gains by."""

import numpy as np
import pytest
import torch
from accelerate import Accelerator
from torch import nn

from microgesture.configuration.settings import complete_settings
from microgesture.datasets.streams import make_stream
from microgesture.layers.memory_layout import gains_channels_last, is_channels_last
from microgesture.training.inputs import Inputs, lay_network
from tests.datasets.synthetic import write_stores
from tests.datasets.test_clips import load

LAST = torch.channels_last_3d


@pytest.fixture
def clips(tmp_path):
    return load(write_stores(tmp_path))


def batch_of(clips):
    points = np.stack([clips.points[number][:, :8] for number in range(4)])
    rgb = np.stack([clips.rgb.read(number, np.arange(4)) for number in range(4)])
    return {"skeleton": torch.from_numpy(points), "rgb": torch.from_numpy(rgb)}


@pytest.mark.parametrize("bf16", [False, True])
@pytest.mark.parametrize("stream", ["joint_heatmap", "limb_heatmap", "rgb"])
def test_volumes_lie_as_the_device_likes_and_have_the_streams_values(clips, stream, bf16):
    settings = complete_settings({"stream": stream, "model": "poseconv3d", "size": 16})
    settings["rgb_size"] = 16
    make = Inputs((stream,), clips, settings, bf16)
    (found,) = make(batch_of(clips))
    assert found.dtype == (torch.bfloat16 if bf16 else torch.float32)
    assert found.is_contiguous(memory_format=LAST if bf16 else torch.contiguous_format)
    plain = Inputs((stream,), clips, settings)
    (expected,) = plain(batch_of(clips))
    assert torch.equal(found, expected.to(found.dtype)) and found.float().std() > 0


def test_skeletons_stay_float32(clips):
    settings = complete_settings({"stream": "joint", "model": "st_gcn"})
    batch = batch_of(clips)
    (found,) = Inputs(("joint",), clips, settings, bf16=True)(batch)
    expected = make_stream("joint", batch, clips.layout, settings)
    assert found.dtype == torch.float32 and torch.equal(found, expected)


def test_where_channels_last_gains():
    assert gains_channels_last(torch.device("cpu"), True)
    assert not gains_channels_last(torch.device("cpu"), False)
    assert gains_channels_last(torch.device("cuda"), False)


@pytest.mark.parametrize(("precision", "last"), [("no", False), ("bf16", True)])
def test_kernels_lie_as_their_inputs(precision, last):
    from accelerate.state import AcceleratorState

    AcceleratorState._reset_state()
    accelerator = Accelerator(cpu=True, mixed_precision=precision)
    network = nn.Conv3d(3, 4, 3)
    lay_network(network, ("rgb",), accelerator)
    assert is_channels_last(network.weight) == last
    other = nn.Conv2d(3, 4, 3)
    lay_network(other, ("joint",), accelerator)
    assert other.weight.is_contiguous()
    AcceleratorState._reset_state()
