import numpy as np
import pytest

from microgesture.saliency.motion import joint_motion, motion_energy


def moving_clip():
    """Four frames, three joints: 0 stands, 1 moves 5 pixels a frame (3, 4), 2 is seen twice."""
    points = np.zeros((1, 4, 3, 3))
    points[0, :, 0] = (10, 10, 0.9)
    for t in range(4):
        points[0, t, 1] = (20 + 3 * t, 20 + 4 * t, 0.8)
    points[0, 1, 2] = (50, 50, 1.0)
    points[0, 2, 2] = (50, 52, 0.5)
    return points


def test_joint_motion_by_hand():
    # Joint 2 is known on one step only: 2 pixels, smaller score 0.5.
    np.testing.assert_allclose(joint_motion(moving_clip()), [[0, 5 * 0.8, 2 * 0.5]])


def test_motion_energy_by_hand():
    energy = motion_energy(moving_clip())
    # Into frame 1 and 3 two joints are known, into frame 2 three.
    np.testing.assert_allclose(energy, [4 / 2, 4 / 2, (4 + 1) / 3, 4 / 2], rtol=1e-6)
    assert energy.dtype == np.float32
    np.testing.assert_allclose(motion_energy(moving_clip(), unit=10.0), energy / 10, rtol=1e-6)


def test_unsure_joints_do_not_move():
    points = moving_clip()
    points[0, :, 1, 2] = 0.3
    assert joint_motion(points)[0, 1] == 0
    points[0, :, :, 2] = 0
    assert (motion_energy(points) == 0).all()


@pytest.mark.parametrize("frames", [0, 1])
def test_clips_too_short_to_move(frames):
    points = np.ones((1, frames, 5, 3))
    assert motion_energy(points).tolist() == [0.0] * frames
    assert (joint_motion(points) == 0).all() if frames else True
