import math

import numpy as np
import pytest
import torch

from microgesture.configuration.settings import complete_settings
from microgesture.datasets.augmentation import affine_maps, augment
from microgesture.datasets.bone_lengths import with_other_bones
from microgesture.datasets.photometric import rand_augmented
from microgesture.pose.layouts import get_layout

LAYOUT = get_layout("coco17")
PLAIN = {**complete_settings({})["augmentation"], "crop_scale": [1, 1], "crop_ratio": [1, 1]}
PLAIN["flip"] = 0.0


def batch_of(count=2, size=40, dims=2, seed=0):
    """Skeletons whose joints 0 to 3 are marked in the pictures by blobs of different colours."""
    generator = np.random.default_rng(seed)
    points = generator.uniform(0.35, 0.65, (count, 1, 2, 17, dims + 1)).astype(np.float32)
    points[..., -1] = 0.8
    points[:, :, :, 5] = 0  # missing
    rgb = np.zeros((count, 2, size, size, 3), np.float32)
    grid = (np.arange(size) + 0.5) / size
    for n, t, joint in np.ndindex(count, 2, 3):
        x, y = points[n, 0, t, joint, :2]
        blob = np.exp(-((grid[None] - x) ** 2 + (grid[:, None] - y) ** 2) / (2 * 0.03**2))
        rgb[n, t, :, :, joint] = 255 * blob
    return {
        "skeleton": torch.from_numpy(points),
        "rgb": torch.from_numpy(rgb.round().astype(np.uint8)),
        "random": torch.from_numpy(generator.random((count, 16), np.float32)),
        "random_joints": torch.from_numpy(generator.random((count, 17), np.float32)),
    }


def blob_centre(picture):
    """Centre of mass (x, y) in [0, 1] of a picture (S, S)."""
    grid = (torch.arange(picture.shape[0]) + 0.5) / picture.shape[0]
    total = picture.sum()
    return [float((picture.sum(dim=d) * grid).sum() / total) for d in (0, 1)]


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"crop_scale": [0.6, 0.9], "crop_ratio": [0.8, 1.25]},
        {"flip": 1.0},
        {"rotation": 0.4},
        {"scale": 0.2},
        {"crop_scale": [0.6, 0.9], "rotation": 0.3, "scale": 0.1, "flip": 1.0},
    ],
)
def test_pictures_and_coordinates_go_the_same_way(change):
    batch = batch_of()
    settings = {**PLAIN, **change}
    result = augment(batch, LAYOUT, settings, rgb_size=48, training=True)
    order = LAYOUT.flip_order if settings["flip"] else np.arange(17)
    assert result["rgb"].shape == (2, 3, 2, 48, 48)
    for n, t, joint in np.ndindex(2, 2, 3):
        # Joint 1's point is found under the number of its mirror joint after a flip.
        x, y, score = result["skeleton"][n, 0, t, order[joint]].tolist()
        assert blob_centre(result["rgb"][n, joint, t]) == pytest.approx([x, y], abs=0.012)
        assert score == pytest.approx(0.8)
    missing = order[5]
    assert not result["skeleton"][:, :, :, missing].any()


def test_crop_by_hand():
    # area 0.64, ratio 1: width 0.8; the free 0.2 is split by the random numbers 0.5 and 0:
    # the crop is [0.1, 0.9] x [0, 0.8]. (0.3, 0.2) -> ((0.3 - 0.1) / 0.8, 0.2 / 0.8).
    random = torch.zeros(1, 16)
    random[0, 2] = 0.5
    settings = {**PLAIN, "crop_scale": [0.64, 0.64]}
    matrix, center = affine_maps(random, torch.tensor([False]), settings, 2)
    new = matrix[0] @ (torch.tensor([0.3, 0.2]) - center[0]) + 0.5
    assert new.tolist() == pytest.approx([0.25, 0.25])


def test_mirror_image_in_prediction():
    batch = batch_of(dims=2)
    result = augment(batch, LAYOUT, PLAIN, training=False, flip=True)
    points, mirrored = batch["skeleton"], result["skeleton"]
    left, right = LAYOUT.flip_pairs[3]
    torch.testing.assert_close(mirrored[..., left, 0], 1 - points[..., right, 0])
    torch.testing.assert_close(mirrored[..., left, 1:], points[..., right, 1:])
    torch.testing.assert_close(
        result["rgb"], batch["rgb"].permute(0, 4, 1, 2, 3).flip(-1).float() / 255
    )
    twice = augment({"skeleton": mirrored}, LAYOUT, PLAIN, training=False, flip=True)["skeleton"]
    torch.testing.assert_close(twice, points)


def test_three_dimensions_rotate_rigidly():
    batch = batch_of(dims=3)
    del batch["rgb"]
    result = augment(batch, LAYOUT, {**PLAIN, "rotation": 1.0}, training=True)["skeleton"]
    before, after = batch["skeleton"][..., :3], result[..., :3]
    torch.testing.assert_close(before.norm(dim=-1), after.norm(dim=-1))
    distance = (before[..., 0, :] - before[..., 3, :]).norm(dim=-1)
    torch.testing.assert_close(distance, (after[..., 0, :] - after[..., 3, :]).norm(dim=-1))
    assert (before - after).abs().max() > 0.05
    matrix, _ = affine_maps(batch["random"], torch.tensor([True, False]), PLAIN, 3)
    torch.testing.assert_close(matrix[0], torch.diag(torch.tensor([-1.0, 1, 1])))


def test_rotation_by_hand():
    # A quarter turn about the middle: (0.5 + a, 0.5) -> (0.5, 0.5 + a).
    random = torch.full((1, 16), 0.5)
    random[0, 5] = 1.0
    settings = {**PLAIN, "rotation": math.pi / 2}
    matrix, center = affine_maps(random, torch.tensor([False]), settings, 2)
    new = matrix[0] @ (torch.tensor([0.7, 0.5]) - center[0]) + 0.5
    assert new.tolist() == pytest.approx([0.5, 0.7])


def test_noise_and_dropped_joints():
    batch = batch_of()
    batch["noise"] = torch.ones(2, 1, 2, 17, 2)
    settings = {**PLAIN, "noise": 0.01, "joint_dropout": 0.4}
    result = augment(batch, LAYOUT, settings, training=True)["skeleton"]
    kept = (batch["random_joints"] >= 0.4) & (torch.arange(17) != 5)
    assert torch.equal(result[:, 0, 0, :, 2] > 0, kept)
    change = (result - batch["skeleton"])[:, 0, 0, :, :2][kept]
    torch.testing.assert_close(change, torch.full_like(change, 0.01), atol=1e-5, rtol=0)
    assert not result[:, 0, 0][~kept].any()


def test_colour_shuffles_channels_and_scales_them():
    batch = batch_of()
    # order 5 of 6 is (2, 1, 0); gains 1 + 0.4 * (2 r - 1) = 0.6, 1.0, 1.4
    batch["random"][:, 10] = 0.99
    batch["random"][:, 13:16] = torch.tensor([0.0, 0.5, 1.0])
    plain = augment(batch, LAYOUT, PLAIN, training=True)["rgb"]
    changed = augment(batch, LAYOUT, {**PLAIN, "colour": 0.4}, training=True)["rgb"]
    gains = torch.tensor([0.6, 1.0, 1.4]).view(1, 3, 1, 1, 1)
    torch.testing.assert_close(changed, (plain.flip(1) * gains).clamp(0, 1))


def test_brightness_and_contrast_stay_in_range():
    batch = batch_of()
    batch["random"][:, 11], batch["random"][:, 12] = 1.0, 0.0
    settings = {**PLAIN, "brightness": 0.2, "contrast": 0.5}
    plain = augment(batch, LAYOUT, PLAIN, training=True)["rgb"]
    changed = augment(batch, LAYOUT, settings, training=True)["rgb"]
    mean = plain.mean(dim=(1, 2, 3, 4), keepdim=True)
    expected = ((plain - mean) * 0.5 + mean + 0.2).clamp(0, 1)
    torch.testing.assert_close(changed, expected)


def test_a_turn_about_the_vertical_by_hand():
    # random .75: angle = 0.8 * (2 * .75 - 1) = 0.4
    batch = batch_of(dims=3)
    batch["random_more"] = torch.full((2, 11), 0.75)
    found = augment(batch, LAYOUT, {**PLAIN, "turn": 0.8}, training=True)["skeleton"]
    x, y, z = (batch["skeleton"][..., axis] for axis in range(3))
    cos, sin = math.cos(0.4), math.sin(0.4)
    expected = torch.stack([cos * x + sin * z, y, cos * z - sin * x], dim=-1)
    torch.testing.assert_close(found[..., :3], expected)
    lengths = found[..., [0, 2]].norm(dim=-1)
    torch.testing.assert_close(lengths, batch["skeleton"][..., [0, 2]].norm(dim=-1))
    # In the plane of the picture x shrinks about the middle.
    flat = batch_of()
    flat["random_more"] = torch.full((2, 11), 0.75)
    found = augment(flat, LAYOUT, {**PLAIN, "turn": 0.8}, training=True)["skeleton"]
    points = flat["skeleton"]
    seen = points[..., 2] > 0
    torch.testing.assert_close(found[..., 0], (0.5 + cos * (points[..., 0] - 0.5)) * seen)
    torch.testing.assert_close(found[..., 1], points[..., 1])


def test_pictures_follow_a_turn():
    batch = batch_of()
    batch["random_more"] = torch.full((2, 11), 0.95)
    found = augment(batch, LAYOUT, {**PLAIN, "turn": 0.9}, rgb_size=48, training=True)
    for n, t, joint in np.ndindex(2, 2, 3):
        x, y, _ = found["skeleton"][n, 0, t, joint].tolist()
        assert blob_centre(found["rgb"][n, joint, t]) == pytest.approx([x, y], abs=0.012)


def test_more_numbers_that_nothing_asks_for_change_nothing():
    batch = batch_of()
    settings = {**PLAIN, "rotation": 0.3, "crop_scale": [0.6, 0.9]}
    plain = augment(batch, LAYOUT, settings, training=True)
    batch["random_more"] = torch.rand(2, 11)
    more = augment(batch, LAYOUT, settings, training=True)
    assert all(torch.equal(plain[name], more[name]) for name in ("skeleton", "rgb"))


def test_bones_and_pictures_change_where_they_are_asked_to():
    batch = batch_of()
    batch["random_bones"], batch["random_more"] = torch.rand(2, 17), torch.rand(2, 11)
    settings = {**PLAIN, "bone_lengths": 0.3, "rand_augment": 3}
    found = augment(batch, LAYOUT, settings, training=True)
    longer = with_other_bones(batch["skeleton"], LAYOUT, batch["random_bones"], 0.3)
    torch.testing.assert_close(found["skeleton"], longer)
    changed = rand_augmented(batch["rgb"], batch["random_more"][:, 1:], 3, 9)
    expected = augment({**batch, "rgb": changed}, LAYOUT, PLAIN, training=True)["rgb"]
    torch.testing.assert_close(found["rgb"], expected)
    still = augment(batch, LAYOUT, settings, training=False)
    assert torch.equal(still["skeleton"], batch["skeleton"])  # a prediction has no chance in it
