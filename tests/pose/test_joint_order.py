"""Keypoints in another order than they are said to be: seen, and the right layout named."""

import os
from pathlib import Path

import numpy as np
import pytest

from microgesture.importers.restricted_pickle import load_pickle
from microgesture.pose.joint_order import better_layout, fit_of, sample_frames
from microgesture.pose.layouts import get_layout
from microgesture.pose.plausibility import order_problem

# A standing person from the front: (right / left from the middle, height), person's own left > 0.
BODY = {
    "nose": (0, 1.62), "left_eye": (0.03, 1.66), "left_ear": (0.08, 1.64), "neck": (0, 1.46),
    "head_top": (0, 1.78), "head_center": (0, 1.64), "spine_shoulder": (0, 1.44),
    "spine_middle": (0, 1.2), "middle_hip": (0, 0.96), "left_shoulder": (0.19, 1.42),
    "left_elbow": (0.26, 1.14), "left_wrist": (0.3, 0.9), "left_hand": (0.31, 0.82),
    "left_hip": (0.1, 0.93), "left_knee": (0.12, 0.51), "left_ankle": (0.13, 0.09),
    "left_foot": (0.16, 0.02), "left_big_toe": (0.18, 0.01), "left_small_toe": (0.22, 0.02),
    "left_heel": (0.12, 0.03), "left_hand_tip": (0.31, 0.76), "left_thumb": (0.28, 0.8),
}  # fmt: skip


def body(layout, frames=30, seed=0, arms=1.0):
    """(1, T, J, 3) of a named layout: arms and legs swing, the whole walks."""
    rng = np.random.default_rng(seed)
    joints = get_layout(layout).joints
    places = []
    for joint in joints:
        x, y = BODY[joint.replace("right_", "left_")]
        places.append((-x if joint.startswith("right_") else x, -y))
    points = np.array(places)[None] * 200 + (300, 500)
    points = points + rng.normal(0, 1.5, (frames, len(joints), 2))
    swing = arms * 25 * np.sin(np.arange(frames) / 4)
    for side, way in (("left", 1), ("right", -1)):
        for joint, much in (("wrist", 1), ("elbow", 0.5), ("hand", 1.1), ("knee", 0.3)):
            if f"{side}_{joint}" in joints:
                points[:, joints.index(f"{side}_{joint}")] += (way * much * swing)[:, None]
    points += 3 * np.arange(frames)[:, None, None]
    return np.concatenate([points, np.ones((frames, len(joints), 1))], -1)[None]


@pytest.mark.parametrize(
    "layout", ["coco17", "h36m17", "msr20", "kinect20", "utd20", "body25", "ntu25"]
)
def test_the_right_order_passes(layout):
    own, better = better_layout([body(layout, seed=s) for s in range(3)], layout)
    assert own.fits and better is None
    assert order_problem([body(layout)], layout) == (None, None)


@pytest.mark.parametrize(
    ("true", "said"),
    [
        ("kinect20", "msr20"), ("msr20", "kinect20"), ("utd20", "msr20"), ("utd20", "kinect20"),
        ("coco17", "h36m17"), ("h36m17", "coco17"), ("body25", "ntu25"), ("ntu25", "body25"),
    ],
)  # fmt: skip
def test_a_wrong_order_is_seen_and_the_right_one_named(true, said):
    own, better = better_layout([body(true, seed=s) for s in range(3)], said)
    assert not own.fits and better.layout == true
    wrong, doubtful = order_problem([body(true)], said)
    assert f"write {true}" in wrong and doubtful is None


def test_an_order_that_nobody_knows_is_a_doubt():
    order = np.random.default_rng(1).permutation(20)
    wrong, doubtful = order_problem([body("msr20")[:, :, order]], "msr20")
    assert wrong is None and "No layout of as many joints" in doubtful


def test_figures_of_a_fit_by_hand():
    frames = np.zeros((2, 17, 3))
    joints = get_layout("coco17").joints
    for joint, place in {
        "nose": (0, 0), "left_eye": (1, 0), "right_eye": (-2, 0), "left_ear": (1, 1),
        "right_ear": (-2, 1), "left_shoulder": (4, 0), "right_shoulder": (-4, 0),
    }.items():  # fmt: skip
        frames[:, joints.index(joint)] = (*place, 1)
    fit = fit_of(frames, get_layout("coco17"))
    # pairs: eyes 1 and 2, ears 1 and 1, shoulders 4 and 4; no other bone is known
    assert fit.asymmetry == pytest.approx(np.log(2) / 3)
    assert fit.worst == ("left_eye and right_eye", pytest.approx(0.5))
    assert fit.longest == ("left_shoulder - nose", pytest.approx(4 / np.hypot(8, 1)))
    # bones 1 + 2 + 1 + 1 + 4 + 4 = 13; spanning tree: 1, 2, 1, 1 and 3, 2 to the shoulders
    assert fit.detour == pytest.approx(13 / 10)


def test_nothing_to_judge_by():
    assert better_layout([np.zeros((1, 5, 17, 3))], "coco17") is None
    assert sample_frames([]).size == 0


def shared(name):
    root = os.environ.get(
        "MICROGESTURE_SHARED", Path(__file__).resolve().parents[2].parent / "shared"
    )
    path = Path(root) / "data" / "skeletons" / name
    if not path.is_file():
        pytest.skip(f"{path} is not here")
    return load_pickle(path)


@pytest.mark.parametrize("name", ["msr_action3d_3d.pkl", "msr_action3d_2d.pkl"])
def test_real_skeletons_in_three_orders(name):
    points = []
    for row in shared(name)["annotations"][::8]:
        places = np.where(np.abs(row["keypoint"]) < 1e5, row["keypoint"], 0)
        points.append(np.concatenate([places, places.any(-1)[..., None]], -1))
    ours = get_layout("msr20").joints
    for true in ("msr20", "kinect20", "utd20"):
        order = [ours.index(joint) for joint in get_layout(true).joints]
        moved = [each[:, :, order] for each in points]
        for said in ("msr20", "kinect20", "utd20"):
            better = better_layout(moved, said)[1]
            assert (better and better.layout) == (None if said == true else true)
