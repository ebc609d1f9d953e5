"""The sparse stem equals the dense convolution: values, gradients, borders, standing back."""

import pytest
import torch
import torch.nn.functional as F

from microgesture.layers.conv3d_blocks import ConvNorm3d
from microgesture.layers.sparse_stem import (
    LARGEST_PATCH,
    PatchConvolution,
    SparseStem,
    find_patches,
    gather_kernel,
    sparse_convolution,
    spread_kernel,
)
from microgesture.models import poseconv3d


def blobs(clips=2, joints=5, frames=3, height=14, width=17, seed=0):
    """Gaussian blobs of 5 x 5 pixels anywhere, cut at the borders; some joints missing."""
    generator = torch.Generator().manual_seed(seed)
    shape = (clips, joints, frames, 1, 1)
    y = torch.rand(shape, generator=generator) * (height - 1)
    x = torch.rand(shape, generator=generator) * (width - 1)
    rows, columns = torch.arange(height)[:, None], torch.arange(width)
    near = ((rows - y).abs() < 2.2) & ((columns - x).abs() < 2.2)
    volume = torch.exp(-((rows - y) ** 2 + (columns - x) ** 2) / 0.72) * near
    return volume * (torch.rand(shape, generator=generator) > 0.2)


def dense(volume, weight):
    return F.conv3d(volume, weight, padding=(0, weight.shape[3] // 2, weight.shape[4] // 2))


@pytest.mark.parametrize("kernel", [1, 3, 5, 7])
def test_values_and_gradients_equal_the_dense_convolution(kernel):
    volume = blobs()
    weight = torch.randn(4, 5, 1, kernel, kernel, requires_grad=True)
    expected, found = dense(volume, weight), sparse_convolution(volume, weight)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)
    gradient = torch.randn_like(expected)
    (by_dense,) = torch.autograd.grad(expected, weight, gradient)
    (by_sparse,) = torch.autograd.grad(found, weight, gradient)
    torch.testing.assert_close(by_sparse, by_dense, atol=1e-4, rtol=1e-4)


def test_one_voxel_in_a_corner_by_hand():
    volume = torch.zeros(1, 1, 1, 4, 4)
    volume[0, 0, 0, 0, 3] = 2
    weight = torch.arange(9.0).view(1, 1, 1, 3, 3)
    found = sparse_convolution(volume, weight)[0, 0, 0]
    # output (y, x) sees the voxel through kernel row 1 - y and column 4 - x
    expected = torch.zeros(4, 4)
    expected[0, 3], expected[0, 2], expected[1, 3], expected[1, 2] = 2 * 4, 2 * 5, 2 * 1, 2 * 2
    assert torch.equal(found, expected)


def test_gradient_numerically():
    patches = torch.rand(2, 3, 4, dtype=torch.float64)  # 2 joints, 3 frames, 2 x 2 pixels
    inside = (torch.arange(4)[:, None] * 6 + torch.arange(4)).flatten()
    starts = torch.tensor([[0, 37, 80], [2, 38, 74]])
    weight = torch.rand(3, 2, 3, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda w: PatchConvolution.apply(w, patches, starts, inside, 108), weight
    )


def test_the_two_kernel_steps_are_transposed():
    weight, other = torch.randn(3, 2, 3, 3), torch.randn(2, 16, 36 * 3)
    inner = (spread_kernel(weight, 4) * other).sum()
    torch.testing.assert_close(inner, (weight * gather_kernel(other, 3, 3)).sum())


def test_patches_hold_everything():
    volume = blobs()
    patches, top, left = find_patches(volume)
    assert patches.shape == (5, 2 * 3, 25)
    torch.testing.assert_close(patches.sum(), volume.sum())
    first = volume.transpose(0, 1).flatten(1, 2)[3, 4]
    y, x = top[3, 4], left[3, 4]
    assert torch.equal(patches[3, 4].view(5, 5), first[y : y + 5, x : x + 5])


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("empty", [False, True])
def test_patches_do_not_depend_on_how_the_volume_lies(empty, dtype):
    volume = blobs(height=20, width=13, seed=3).to(dtype) * (not empty)
    last = volume.contiguous(memory_format=torch.channels_last_3d)
    sliced = torch.stack([volume, volume], dim=-1)[..., 0]  # in neither order
    for other in (last, sliced, last[:1], last[1:]):
        clips = volume[1:] if other.data_ptr() == last[1:].data_ptr() else volume[: len(other)]
        for one, two in zip(find_patches(clips), find_patches(other), strict=True):
            assert torch.equal(one, two)


def test_an_empty_volume_gives_zero():
    weight = torch.randn(4, 5, 1, 7, 7)
    assert not sparse_convolution(torch.zeros(1, 5, 2, 9, 9), weight).any()


def test_large_blobs_are_left_to_the_dense_way():
    wide, tall = torch.zeros(2, 1, 1, 2, 20, 20)
    wide[0, 0, 0, 3, : LARGEST_PATCH + 1] = 1
    tall[0, 0, 0, 2, 3], tall[0, 0, 0, 12, 3] = 1, 1  # two people in one channel
    for volume in (wide, tall):
        assert find_patches(volume) is None
        stem = SparseStem(1, 2, (1, 7, 7)).eval()
        expected = dense(volume, stem.conv.weight)
        torch.testing.assert_close(stem(volume), stem.norm(expected).relu(), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("last", [False, True])
def test_the_stem_is_the_dense_stem_in_training_and_mixed_precision(last):
    sparse, plain = SparseStem(5, 4, (1, 7, 7)), ConvNorm3d(5, 4, (1, 7, 7))
    plain.load_state_dict(sparse.state_dict())
    volume = blobs()
    if last:
        sparse.to(memory_format=torch.channels_last_3d)
    answer = sparse(volume)
    torch.testing.assert_close(answer, plain(volume), atol=1e-4, rtol=1e-4)
    layout = torch.channels_last_3d if last else torch.contiguous_format
    assert answer.is_contiguous(memory_format=layout)
    with torch.autocast("cpu", torch.bfloat16):
        mixed, expected = sparse(volume), plain(volume)
    assert mixed.dtype == expected.dtype == torch.bfloat16
    assert (mixed - expected).abs().max() < 0.05


def test_a_gradient_of_the_heatmap_is_still_there():
    stem, volume = SparseStem(5, 4, (1, 7, 7)), blobs().requires_grad_()
    stem(volume).square().sum().backward()
    assert volume.grad.abs().max() > 0


def test_poseconv3d_with_and_without():
    options = {"in_channels": 5, "stage_blocks": (1, 1), "base_channels": 4}
    sparse, plain = (poseconv3d.build(3, **options, sparse_stem=s).eval() for s in (True, False))
    plain.load_state_dict(sparse.state_dict())
    volume = blobs(height=16, width=16)
    torch.testing.assert_close(sparse(volume), plain(volume), atol=1e-5, rtol=1e-4)
