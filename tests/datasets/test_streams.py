import numpy as np
import pytest
import torch

from microgesture.datasets.streams import in_channels, make_stream
from microgesture.heatmaps.gaussian import render_joints
from microgesture.heatmaps.limb import render_limbs
from microgesture.pose.layouts import get_layout
from microgesture.provenance.errors import BadInput

LAYOUT = get_layout("coco17")
SETTINGS = {"size": 20, "sigma": 0.6, "remove_static": False}


def batch_of(dims=2):
    points = np.random.default_rng(0).uniform(0.2, 0.8, (2, 2, 3, 17, dims + 1)).astype(np.float32)
    points[..., -1] = 0.5
    points[0, 0, 1, 9] = 0  # missing: the left wrist in one frame
    return {"skeleton": torch.from_numpy(points)}


def test_joint_stream():
    batch = batch_of()
    stream = make_stream("joint", batch, LAYOUT, SETTINGS)
    assert stream.shape == (2, 3, 3, 17, 2) and stream.dtype == torch.float32
    points = batch["skeleton"]
    assert stream[1, 0, 2, 4, 1] == 2 * points[1, 1, 2, 4, 0] - 1
    assert stream[1, 2, 2, 4, 1] == 0.5
    assert not stream[0, :, 1, 9, 0].any()


def test_bone_stream_is_child_minus_parent():
    batch = batch_of()
    stream = make_stream("bone", batch, LAYOUT, SETTINGS)
    child, parent = next(edge for edge in LAYOUT.edges if edge[0] == 9)
    points = batch["skeleton"]
    expected = 2 * (points[1, 0, 0, child, :2] - points[1, 0, 0, parent, :2])
    torch.testing.assert_close(stream[1, :2, 0, child, 0], expected)
    assert not stream[:, :2, :, LAYOUT.center].any()  # the root has no bone
    assert not stream[0, :, 1, 9, 0].any()  # an end is missing


def test_motion_streams():
    batch = batch_of()
    stream = make_stream("joint_motion", batch, LAYOUT, SETTINGS)
    points = batch["skeleton"]
    expected = 2 * (points[1, 0, 1, 9, :2] - points[1, 0, 0, 9, :2])
    torch.testing.assert_close(stream[1, :2, 0, 9, 0], expected)
    assert not stream[:, :, 2].any()  # nothing follows the last frame
    assert not stream[0, :, 0, 9, 0].any() and not stream[0, :, 1, 9, 0].any()
    bones = make_stream("bone", batch, LAYOUT, SETTINGS)
    moved = make_stream("bone_motion", batch, LAYOUT, SETTINGS)
    torch.testing.assert_close(moved[1, :2, 0, 10], bones[1, :2, 1, 10] - bones[1, :2, 0, 10])


@pytest.mark.parametrize("dims", [2, 3])
def test_all_four_in_one(dims):
    batch = batch_of(dims)
    stream = make_stream("joint_bone_motion", batch, LAYOUT, SETTINGS)
    assert stream.shape == (2, 12, 3, 17, 2) and stream.is_contiguous()
    assert in_channels("joint_bone_motion", LAYOUT, dims) == 12
    for number, name in enumerate(("joint", "bone", "joint_motion", "bone_motion")):
        alone = make_stream(name, batch, LAYOUT, SETTINGS)
        assert torch.equal(stream[:, 3 * number : 3 * number + 3], alone)


def test_three_dimensions_have_no_score_channel():
    batch = batch_of(dims=3)
    stream = make_stream("joint", batch, LAYOUT, SETTINGS)
    torch.testing.assert_close(stream[1, :, 0, 3, 0], batch["skeleton"][1, 0, 0, 3, :3])


def test_heatmaps_are_those_of_the_renderer():
    batch = batch_of()
    pixels = batch["skeleton"][1].numpy().copy()
    pixels[..., :2] *= 20
    joints = make_stream("joint_heatmap", batch, LAYOUT, SETTINGS)
    np.testing.assert_allclose(joints[1], render_joints(pixels, (20, 20), 0.6), atol=1e-6)
    limbs = make_stream("limb_heatmap", batch, LAYOUT, SETTINGS)
    drawn = render_limbs(pixels, LAYOUT.edges, (20, 20), 0.6)
    np.testing.assert_allclose(limbs[1], drawn, atol=1e-5)
    assert joints.shape[1] == in_channels("joint_heatmap", LAYOUT)
    assert limbs.shape[1] == in_channels("limb_heatmap", LAYOUT) == 16


def test_rgb_is_normalised():
    stream = make_stream("rgb", {"rgb": torch.full((1, 3, 2, 4, 4), 0.5)}, LAYOUT, SETTINGS)
    assert stream[0, :, 0, 0, 0].tolist() == pytest.approx([0.0655, 0.1964, 0.4178], abs=1e-3)


def test_what_stands_still_vanishes():
    rgb = torch.full((1, 3, 2, 4, 4), 0.5)
    rgb[0, :, 0, 1, 2] = 0.7  # one pixel is brighter in the first of two frames: mean 0.6
    stream = make_stream("rgb", {"rgb": rgb}, LAYOUT, {**SETTINGS, "remove_static": True})
    changed = stream[0, 0, :, 1, 2].tolist()
    # +-0.1 from the mean picture, over 0.4 x ImageNet's deviation of red, 0.229
    assert changed == pytest.approx([0.1 / (0.4 * 0.229), -0.1 / (0.4 * 0.229)], rel=1e-5)
    stream[0, :, :, 1, 2] = 0
    assert stream.abs().max() == 0


def test_heatmaps_of_3d_and_unknown_streams_are_refused():
    assert in_channels("joint", LAYOUT, 3) == in_channels("rgb", LAYOUT) == 3
    with pytest.raises(BadInput, match="choose one of joint, bone"):
        in_channels("joint_heatmap", LAYOUT, 3)
    with pytest.raises(BadInput, match="'depth' is unknown"):
        in_channels("depth", LAYOUT)
