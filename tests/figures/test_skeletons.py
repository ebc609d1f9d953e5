import numpy as np

from microgesture.figures.skeletons import (
    PART_COLOURS,
    draw_skeleton,
    joint_colours,
    part_of_joint,
    rgb_of,
)
from microgesture.pose.layouts import get_layout

COCO = get_layout("coco17")
GREY = np.full((200, 200, 3), 128, dtype=np.uint8)


def skeleton(**joints):
    points = np.zeros((1, COCO.num_joints, 3), dtype=np.float32)
    for name, values in joints.items():
        points[0, COCO.joints.index(name)] = values
    return points


def test_every_part_of_every_layout_has_a_colour():
    for name in ("h68", "coco17", "coco_wholebody133", "halpe136", "ntu25", "imigue22"):
        assert set(part_of_joint(get_layout(name))) <= set(PART_COLOURS)
    assert joint_colours(COCO).shape == (17, 3)
    assert rgb_of("#0a10ff") == (10, 16, 255)


def test_a_sure_bone_has_its_childs_colour():
    points = skeleton(left_elbow=(50, 100, 1), left_wrist=(150, 100, 1))
    drawn = draw_skeleton(GREY, points, COCO, thickness=5)
    colour = rgb_of(PART_COLOURS["left_arm"])
    np.testing.assert_array_equal(drawn[100, 100], colour)
    assert (drawn[90] == 128).all()  # ten pixels away nothing is drawn
    assert (GREY == 128).all()  # the picture itself is left alone


def test_an_unsure_bone_is_fainter_and_a_missing_one_is_not_drawn():
    colour = np.array(rgb_of(PART_COLOURS["left_arm"]))
    half = skeleton(left_elbow=(50, 100, 1), left_wrist=(150, 100, 0.5))
    drawn = draw_skeleton(GREY, half, COCO, thickness=5)
    np.testing.assert_allclose(drawn[100, 100], (colour + 128) / 2, atol=1)
    missing = skeleton(left_elbow=(50, 100, 1), left_wrist=(0, 0, 0))
    drawn = draw_skeleton(GREY, missing, COCO, thickness=5)
    assert (drawn[100, 100] == 128).all()
    assert (drawn[0, 0] == 128).all()
    assert (draw_skeleton(GREY, skeleton(), COCO) == 128).all()


def test_joints_far_outside_do_no_harm():
    points = skeleton(left_elbow=(-1e9, 1e9, 1), left_wrist=(100, 100, 1))
    assert draw_skeleton(GREY, points, COCO).shape == GREY.shape
