import numpy as np
import pytest

from microgesture.figures.canvas import SIDE, empty_frames, on_canvas
from microgesture.pose.layouts import get_layout

COCO = get_layout("coco17")


def skeleton(upwards):
    """Nose over the left hip by 1 m, in 3D; all other joints missing."""
    points = np.zeros((1, 2, 17, 4))
    points[:, :, COCO.joints.index("nose")] = (0.5, 1.0 if upwards else 0.0, 2.0, 0.9)
    points[:, :, COCO.joints.index("left_hip")] = (0.5, 0.0 if upwards else 1.0, 2.0, 0.8)
    return points


@pytest.mark.parametrize("upwards", [True, False])
def test_the_head_is_up_and_the_crop_in_the_middle(upwards):
    points, box = on_canvas(skeleton(upwards), (0.0, 0.0, 1.0, 1.0), COCO)
    # 1 m is 320 / 1.3 pixels, with .15 / 1.3 of the canvas left on each side.
    margin = SIDE * 0.15 / 1.3
    assert box == pytest.approx((margin, margin, SIDE - margin, SIDE - margin))
    nose, hip = COCO.joints.index("nose"), COCO.joints.index("left_hip")
    np.testing.assert_allclose(points[0, 0, nose], [SIDE / 2, margin, 0.9])
    np.testing.assert_allclose(points[0, 0, hip], [SIDE / 2, SIDE - margin, 0.8])
    assert (points[0, 0, COCO.joints.index("left_ear")] == 0).all()
    assert points.shape == (1, 2, 17, 3)


def test_nobody_seen():
    points, _ = on_canvas(np.zeros((1, 3, 17, 4)), (0, 0, 1, 1), COCO)
    assert (points == 0).all()


def test_empty_frames():
    frames = empty_frames(3, 20, 30)
    assert len(frames) == 3
    assert frames[0].shape == (20, 30, 3)
