"""Places of pixels in memory, and values put there, against torch's own."""

import numpy as np
import pytest
import torch

from microgesture.heatmaps.memory_order import as_numbers, memory_order, put, zeros


@pytest.mark.parametrize("channels_last", [False, True])
def test_places_are_torchs(channels_last):
    shape = (2, 3, 4, 5, 6)
    volume, memory = zeros(shape, channels_last, torch.float32, torch.device("cpu"))
    memory.copy_(torch.arange(memory.numel()))  # every pixel says where it lies
    order = memory_order(shape, channels_last)
    starts = volume[:, :, :, 0, 0].permute(0, 2, 1).long().numpy()
    np.testing.assert_array_equal(order.starts, starts)
    assert volume[1, 2, 3, 1, 0] - volume[1, 2, 3, 0, 0] == order.row
    assert volume[1, 2, 3, 0, 1] - volume[1, 2, 3, 0, 0] == order.column


def test_bf16_is_rounded_as_torch_does():
    values = np.random.default_rng(0).uniform(0, 1, 10000).astype(np.float32)
    # Ties: halfway between two neighbours, the lower one even and odd.
    values[:2] = np.array([0x3F808000, 0x3F818000], np.uint32).view(np.float32)
    memory = torch.zeros(len(values), dtype=torch.bfloat16)
    put(as_numbers(memory), np.arange(len(values)), values, join=False)
    assert torch.equal(memory, torch.from_numpy(values).to(torch.bfloat16))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_joined_by_the_maximum(dtype):
    memory = torch.tensor([0.0, 0.25, 0.75], dtype=dtype)
    put(as_numbers(memory), np.array([0, 1, 2]), np.full(3, 0.5, np.float32), join=True)
    assert memory.tolist() == [0.5, 0.5, 0.75]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("channels_last", [False, True])
@pytest.mark.parametrize("side", [3, 80])  # small, and large enough for large pages
def test_zeros_are_writable_and_each_volumes_own(side, channels_last, dtype):
    shape = (2, 5, 40, side, side + 2)
    (volume, memory), (other, _) = (
        zeros(shape, channels_last, dtype, torch.device("cpu")) for _ in range(2)
    )
    assert volume.shape == shape and volume.dtype == dtype and not volume.any()
    last = torch.channels_last_3d if channels_last else torch.contiguous_format
    assert volume.is_contiguous(memory_format=last)
    memory += 1
    assert (volume == 1).all() and not other.any()
    del memory, volume
    assert not other.any()
