"""The pieces of the training: losses by hand, crops against their points, a step that learns."""

import math

import numpy as np
import pytest
import torch

from microgesture.pose.layouts import get_layout
from microgesture.pose.training import (
    PoseTrainingSettings,
    average_weights,
    coordinate_loss,
    joint_weights,
    learning_rate,
    response_loss,
)
from microgesture.pose.training_frames import (
    LAYOUT,
    Pictures,
    change_look,
    draw_box,
    draw_crop,
    load_pictures,
    render_pictures,
    sample_clutter,
)


def test_coordinate_loss_is_zero_for_the_target_itself_whatever_its_height():
    bins = torch.arange(64.0)
    places = torch.tensor([[20.3, 40.0]])
    target = torch.exp(-((bins - places[..., None]) ** 2) / (2 * 4.0**2))
    weights = torch.ones(1, 2)
    assert coordinate_loss(target + 3, places, weights, 4.0).item() == pytest.approx(0, abs=1e-5)
    assert coordinate_loss(target.roll(5, -1), places, weights, 4.0).item() > 0.5


def test_coordinate_loss_against_the_definition():
    responses, places = torch.randn(1, 1, 8), torch.tensor([[3.0]])
    target = torch.exp(-((torch.arange(8.0) - 3) ** 2) / (2 * 2.0**2))
    p, q = (10 * target).softmax(0), (10 * responses[0, 0]).softmax(0)
    expected = (p * (p / q).log()).sum()
    found = coordinate_loss(responses, places, torch.ones(1, 1), 2.0)
    assert found.item() == pytest.approx(expected.item(), rel=1e-4)


def test_points_out_of_sight_do_not_enter_the_coordinate_loss():
    responses, places = torch.randn(1, 2, 8), torch.tensor([[3.0, 5.0]])
    both = coordinate_loss(responses[:, :1], places[:, :1], torch.ones(1, 1), 2.0)
    one = coordinate_loss(responses, places, torch.tensor([[1.0, 0.0]]), 2.0)
    assert one.item() == pytest.approx(both.item())


def test_response_loss_wants_one_where_visible_and_zero_elsewhere():
    responses = torch.zeros(1, 3, 8)
    responses[0, 0, 2], responses[0, 1, 4], responses[0, 2, 1] = 1.0, 0.5, 0.25
    visible = torch.tensor([[1.0, 1.0, 0.0]])
    loss = response_loss(responses, visible, torch.ones(3))
    assert loss.item() == pytest.approx((0 + 0.25 + 0.0625) / 3)


def test_joint_weights():
    weights = joint_weights(3.0)
    assert weights.mean().item() == pytest.approx(1)
    assert weights[0] / weights[50] == pytest.approx(2)  # body against face
    assert weights[100] / weights[50] == pytest.approx(3)  # hand against face


def test_learning_rate_warms_up_and_ends_near_zero():
    settings = PoseTrainingSettings(steps=1000, warm_up=10, learning_rate=1.0)
    assert learning_rate(0, settings) == pytest.approx(0.1)
    assert learning_rate(10, settings) == pytest.approx(1)
    assert learning_rate(505, settings) == pytest.approx(0.01 + 0.99 / 2, abs=1e-3)
    assert learning_rate(999, settings) == pytest.approx(0.01, abs=1e-3)
    assert math.isclose(max(learning_rate(step, settings) for step in range(1000)), 1)


def test_average_weights():
    mean, network = torch.nn.BatchNorm1d(2), torch.nn.BatchNorm1d(2)
    with torch.no_grad():
        mean.weight.fill_(1)
        network.weight.fill_(2)
        network.running_var.fill_(3)
        network.num_batches_tracked.fill_(7)
    average_weights(mean, network, 0.75)
    assert mean.weight.tolist() == [1.25, 1.25] and mean.running_var.tolist() == [1.5, 1.5]
    assert mean.num_batches_tracked.item() == 7


def marked_frame(rng):
    """Bright single-colour spots at known places: red left wrist, green right wrist, blue nose."""
    frame = np.full((240, 320, 3), 30, np.uint8)
    points = np.zeros((133, 3), np.float32)
    for joint, channel in ((9, 0), (10, 1), (0, 2)):
        x, y = rng.integers(90, 230), rng.integers(60, 180)
        frame[y - 4 : y + 5, x - 4 : x + 5] = 0
        frame[y - 4 : y + 5, x - 4 : x + 5, channel] = 255
        points[joint] = (x, y, 1)
    return frame, points


def test_crops_move_points_with_the_picture_and_swap_left_and_right_in_a_mirror():
    flip_order = get_layout(LAYOUT).flip_order
    seen_mirrored = seen_plain = 0
    for seed in range(40):
        frame, points = marked_frame(np.random.default_rng([seed, 0]))
        crop, placed = draw_crop(
            frame, points, (96, 128), 1.0, flip_order, np.random.default_rng([seed, 1])
        )
        assert crop.shape == (128, 96, 3) and placed.shape == (133, 3)
        excess = crop.astype(int) - (crop.sum(-1, keepdims=True) - crop) / 2
        for channel, joint, twin in ((0, 9, 10), (1, 10, 9), (2, 0, 0)):
            spot = excess[..., channel].clip(min=0) ** 2
            if spot.max() < 50**2:
                continue  # out of the crop, or under another spot
            rows, columns = np.mgrid[:128, :96]
            x, y = (spot * columns).sum() / spot.sum(), (spot * rows).sum() / spot.sum()
            near = [n for n in {joint, twin} if np.hypot(*(placed[n, :2] - (x, y))) < 5]
            if near and joint != twin:
                seen_plain += joint in near
                seen_mirrored += twin in near and joint not in near
    assert seen_plain > 8 and seen_mirrored > 8


def test_a_point_out_of_the_crop_is_invisible():
    points = np.zeros((133, 3), np.float32)
    points[:5] = (160, 120, 1)
    frame = np.zeros((240, 320, 3), np.uint8)
    for seed in range(60):
        rng = np.random.default_rng(seed)
        _, placed = draw_crop(frame, points, (96, 128), 1.0, np.arange(133), rng)
        inside = (placed[:5, :2] >= 0).all(1) & (placed[:5, :2] <= [95, 127]).all(1)
        np.testing.assert_array_equal(placed[:5, 2] > 0, inside)
        assert not placed[5:, 2].any()


def test_boxes_hold_the_person_mostly_and_the_whole_frame_at_times():
    points = np.zeros((133, 3), np.float32)
    points[:17] = np.random.default_rng(0).uniform([100, 60, 1], [180, 200, 1], (17, 3))
    rng = np.random.default_rng(1)
    boxes = np.stack([draw_box(points, (240, 320), rng) for _ in range(600)])
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(1) / (320 * 240)
    assert 0.1 < (areas > 0.7).mean() < 0.25
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    assert (np.abs(middle - [140, 130]).max(1) < 40).mean() > 0.85


def test_change_look_keeps_shape_and_type():
    crop = np.random.default_rng(0).integers(0, 255, (32, 24, 3), dtype=np.uint8)
    for seed in range(10):
        out = change_look(crop, np.random.default_rng(seed))
        assert out.shape == crop.shape and out.dtype == np.uint8


def test_clutter_is_many_different_pictures_and_the_same_every_time():
    first, again = (list(sample_clutter(6, 3, (48, 64))) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(first, again))
    assert all(picture.shape == (48, 64, 3) and picture.dtype == np.uint8 for picture in first)
    assert len({picture.tobytes() for picture in first}) == 6


def test_rendered_pictures_are_kept_with_their_points(tmp_path):
    path = tmp_path / "pictures.npz"
    render_pictures(path, 3, 2, 2, seed=5)
    pictures = load_pictures(path)
    assert isinstance(pictures, Pictures) and len(pictures) == 7
    assert pictures.read(4).shape == (240, 320, 3)
    assert pictures.points[:3, 0, 2].any() and not pictures.points[3:].any()
    again = tmp_path / "again.npz"
    render_pictures(again, 3, 2, 2, seed=5)
    np.testing.assert_array_equal(load_pictures(again).packed, pictures.packed)
