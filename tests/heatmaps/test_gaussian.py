import numpy as np
import pytest
import torch

from bench.plain_heatmaps import plain_joints
from microgesture.heatmaps import gaussian
from microgesture.heatmaps.gaussian import joint_heatmaps, render_joints
from microgesture.heatmaps.memory_order import memory_order, zeros


def random_points(people=1, frames=6, joints=9, size=(28, 36), seed=0):
    """Points in, on the border of and far outside the picture; some missing, some very unsure."""
    generator = np.random.default_rng(seed)
    points = np.zeros((people, frames, joints, 3), dtype=np.float32)
    points[..., 0] = generator.uniform(-4, size[1] + 4, points.shape[:-1])
    points[..., 1] = generator.uniform(-4, size[0] + 4, points.shape[:-1])
    points[..., 2] = generator.uniform(0, 1, points.shape[:-1])
    points[:, 0, :, 2] = 0
    points[:, 1, :, 2] = generator.uniform(0, 2e-3, (people, joints))
    points[:, 2, :, :2] = np.round(points[:, 2, :, :2])
    points[:, 3, 0, :2] = (-1000, 5)
    points[:, 3, 1, :2] = (5, 2.1e9)
    return points


def test_one_blob_by_hand():
    points = np.array([[[[10.25, 7.5, 0.8]]]], dtype=np.float32)
    plane = render_joints(points, (20, 24), 0.6)[0, 0]
    # trunc(10.25 - 1.8) = 8 .. trunc(12.05) = 12 and trunc(5.7) = 5 .. trunc(9.3) = 9.
    assert plane.nonzero()[1].min() == 8 and plane.nonzero()[1].max() == 12
    assert plane.nonzero()[0].min() == 5 and plane.nonzero()[0].max() == 9
    assert plane[7, 10] == pytest.approx(0.8 * np.exp(-(0.25**2 + 0.5**2) / 0.72), rel=1e-6)
    assert plane[5, 12] == pytest.approx(0.8 * np.exp(-(1.75**2 + 2.5**2) / 0.72), rel=1e-5)


def test_the_peak_is_the_score():
    points = np.array([[[[10, 7, 0.37]]]], dtype=np.float32)
    assert render_joints(points, (20, 24), 0.6).max() == np.float32(0.37)


@pytest.mark.parametrize("sigma", [0.4, 0.6, 0.7, 2.0])
@pytest.mark.parametrize("people", [1, 2])
def test_equals_the_plain_loop(sigma, people):
    points = random_points(people, seed=people)
    expected = plain_joints(points, (28, 36), sigma)
    assert expected.max() > 0.5
    np.testing.assert_allclose(render_joints(points, (28, 36), sigma), expected, atol=1e-6)
    batch = torch.from_numpy(np.stack([points, points[:, ::-1]]))
    drawn = joint_heatmaps(batch, (28, 36), sigma)
    assert drawn.shape == (2, 9, 6, 28, 36) and drawn.dtype == torch.float32
    np.testing.assert_allclose(drawn[0].numpy(), expected, atol=1e-6)
    np.testing.assert_allclose(drawn[1].numpy(), expected[:, ::-1], atol=1e-6)


@pytest.mark.parametrize("people", [1, 2])
def test_the_devices_version_is_the_same(people):
    points = torch.from_numpy(np.stack([random_points(people, seed=s) for s in (1, 2)]))
    for channels_last in (False, True):
        shape = (2, 9, 6, 28, 36)
        volume, memory = zeros(shape, channels_last, torch.float32, torch.device("cpu"))
        order = memory_order(shape, channels_last)
        gaussian._draw_blobs_torch(memory, points, order, (28, 36), 0.6)
        expected = joint_heatmaps(points, (28, 36), 0.6)
        torch.testing.assert_close(volume, expected, atol=1e-6, rtol=0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("people", [1, 2])
def test_drawn_in_the_networks_own_order_it_is_the_same_bit_for_bit(people, dtype):
    points = torch.from_numpy(np.stack([random_points(people, seed=s) for s in (1, 2)]))
    plain = joint_heatmaps(points, (28, 36), 0.6)
    drawn = joint_heatmaps(points, (28, 36), 0.6, channels_last=True, dtype=dtype)
    assert drawn.dtype == dtype
    assert drawn.is_contiguous(memory_format=torch.channels_last_3d)
    assert drawn.stride() == plain.contiguous(memory_format=torch.channels_last_3d).stride()
    assert torch.equal(drawn, plain.to(dtype))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
def test_on_a_gpu():
    points = torch.from_numpy(random_points(2)[None])
    drawn = joint_heatmaps(points.cuda(), (28, 36), 0.6)
    assert drawn.is_cuda
    torch.testing.assert_close(
        drawn.cpu(), joint_heatmaps(points, (28, 36), 0.6), atol=1e-6, rtol=0
    )


def test_a_pixel_sized_picture_and_a_large_sigma():
    points = random_points(size=(3, 2))
    expected = plain_joints(points, (3, 2), 2.0)
    np.testing.assert_allclose(render_joints(points, (3, 2), 2.0), expected, atol=1e-6)


def test_missing_and_not_finite_points_draw_nothing():
    points = np.full((1, 3, 2, 3), np.nan, dtype=np.float32)
    points[:, 1] = 0
    points[:, 2] = (np.inf, 3, 1)
    assert (render_joints(points, (8, 8), 0.6) == 0).all()
    shape = (1, 2, 3, 8, 8)
    volume, memory = zeros(shape, False, torch.float32, torch.device("cpu"))
    points = torch.from_numpy(points)[None]
    gaussian._draw_blobs_torch(memory, points, memory_order(shape), (8, 8), 0.6)
    assert (volume == 0).all()


def test_a_buffer_is_cleared_and_used_again():
    points = random_points()
    buffer = np.full((9, 6, 28, 36), 5, dtype=np.float32)
    drawn = render_joints(points, (28, 36), 0.6, buffer)
    assert drawn is buffer
    np.testing.assert_array_equal(drawn, render_joints(points, (28, 36), 0.6))
    with pytest.raises(ValueError, match="C-contiguous float32"):
        render_joints(points, (28, 36), 0.6, buffer.astype(np.float64))
    with pytest.raises(ValueError, match="C-contiguous float32"):
        render_joints(points, (28, 30), 0.6, buffer)
