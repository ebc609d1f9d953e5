import numpy as np
import pytest
import torch

from bench.clips import seated_person
from bench.plain_heatmaps import plain_limbs
from microgesture.heatmaps import limb
from microgesture.heatmaps.limb import limb_heatmaps, render_limbs
from microgesture.heatmaps.memory_order import memory_order, zeros
from microgesture.pose.layouts import get_layout
from tests.heatmaps.test_gaussian import random_points

EDGES = [(0, 1), (1, 2), (3, 2), (4, 5), (7, 8), (8, 6), (2, 2)]


def test_one_limb_by_hand():
    points = np.array([[[[4, 5, 0.9], [14, 5, 0.6]]]], dtype=np.float32)
    plane = render_limbs(points, [(0, 1)], (12, 24), 0.6)[0, 0]
    # Columns trunc(4 - 1.8) = 2 .. trunc(15.8) = 15, rows trunc(3.2) = 3 .. trunc(6.8) = 6.
    rows, columns = plane.nonzero()
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (3, 6, 2, 15)
    np.testing.assert_allclose(plane[5, 4:15], 0.6, rtol=1e-6)
    np.testing.assert_allclose(plane[6, 4:15], 0.6 * np.exp(-1 / 0.72), rtol=1e-5)
    # Beyond an end, the distance is to that end.
    assert plane[4, 15] == pytest.approx(0.6 * np.exp(-2 / 0.72), rel=1e-5)


def test_ends_less_than_a_pixel_apart_are_a_blob_of_the_first():
    points = np.array([[[[6, 6, 0.9], [6.7, 6.7, 0.4]]]], dtype=np.float32)
    plane = render_limbs(points, [(0, 1)], (12, 12), 0.6)[0, 0]
    assert plane[6, 6] == np.float32(0.9)
    assert plane[7, 7] == pytest.approx(0.9 * np.exp(-2 / 0.72), rel=1e-5)
    assert plane.nonzero()[0].max() == 7


def test_a_missing_end_draws_nothing():
    points = np.array([[[[6, 6, 0.9], [20, 20, 0.0]], [[6, 6, np.nan], [2, 2, 1]]]])
    assert (render_limbs(points, [(0, 1)], (24, 24), 0.6) == 0).all()


@pytest.mark.parametrize("sigma", [0.4, 0.6, 0.7, 2.0])
@pytest.mark.parametrize("people", [1, 2])
def test_equals_the_plain_loop(sigma, people):
    points = random_points(people, size=(40, 36), seed=people)
    points[:, 3, :2] = points[:, 4, :2]  # places so far away are measured by the next test
    expected = plain_limbs(points, EDGES, (40, 36), sigma)
    assert expected.max() > 0.5
    np.testing.assert_allclose(render_limbs(points, EDGES, (40, 36), sigma), expected, atol=1e-5)
    batch = torch.from_numpy(np.stack([points, points[:, ::-1]]))
    drawn = limb_heatmaps(batch, EDGES, (40, 36), sigma)
    assert drawn.shape == (2, 7, 6, 40, 36) and drawn.dtype == torch.float32
    np.testing.assert_allclose(drawn[0].numpy(), expected, atol=1e-5)
    np.testing.assert_allclose(drawn[1].numpy(), expected[:, ::-1], atol=1e-5)


def test_absurd_places_stay_finite():
    drawn = render_limbs(random_points(size=(40, 36)), EDGES, (40, 36), 0.6)
    assert np.isfinite(drawn).all() and drawn.min() >= 0 and drawn.max() <= 1


@pytest.mark.parametrize("people", [1, 2])
def test_the_devices_version_is_the_same(people, monkeypatch):
    points = np.stack([random_points(people, size=(40, 36), seed=s) for s in range(3)])
    points[:, :, 3, :2] = 1
    points = torch.from_numpy(points)
    expected = limb_heatmaps(points, EDGES, (40, 36), 0.6)
    for pixels in (1 << 25, 5000):  # in one piece, and sample by sample
        monkeypatch.setattr(limb, "_DEVICE_PIXELS", pixels)
        for channels_last in (False, True):
            shape = tuple(expected.shape)
            volume, memory = zeros(shape, channels_last, torch.float32, torch.device("cpu"))
            order = memory_order(shape, channels_last)
            for person in range(people):
                one = points[:, person]
                limb._draw_limbs_torch(memory, one, EDGES, order, (40, 36), 0.6, person > 0)
            torch.testing.assert_close(volume, expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("people", [1, 2])
def test_drawn_in_the_networks_own_order_it_is_the_same_bit_for_bit(people, dtype):
    points = np.stack([random_points(people, size=(40, 36), seed=s) for s in range(2)])
    points = torch.from_numpy(points)
    plain = limb_heatmaps(points, EDGES, (40, 36), 0.6)
    drawn = limb_heatmaps(points, EDGES, (40, 36), 0.6, channels_last=True, dtype=dtype)
    assert drawn.is_contiguous(memory_format=torch.channels_last_3d)
    assert torch.equal(drawn, plain.to(dtype))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
def test_on_a_gpu():
    points = torch.from_numpy(random_points(2, size=(40, 36))[None])
    points[:, :, 3, :2] = 1
    drawn = limb_heatmaps(points.cuda(), EDGES, (40, 36), 0.6)
    assert drawn.is_cuda
    torch.testing.assert_close(
        drawn.cpu(), limb_heatmaps(points, EDGES, (40, 36), 0.6), atol=1e-5, rtol=0
    )


def test_a_whole_person():
    layout = get_layout("h68")
    points = seated_person(8, np.random.default_rng(0))
    points[..., :2] *= 56
    expected = plain_limbs(points, layout.edges, (56, 56), 0.6)
    buffer = np.full(expected.shape, 3, dtype=np.float32)
    drawn = render_limbs(points, layout.edges, (56, 56), 0.6, buffer)
    assert drawn is buffer
    np.testing.assert_allclose(drawn, expected, atol=1e-5)
