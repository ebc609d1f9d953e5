import numpy as np
import torch

from microgesture.datasets.bone_lengths import from_the_root, with_other_bones
from microgesture.pose.layouts import get_layout

LAYOUT = get_layout("coco17")
PARENTS = LAYOUT.parents


def people(seed=0, dims=3):
    generator = np.random.default_rng(seed)
    points = generator.uniform(0.2, 0.8, (2, 1, 3, 17, dims + 1)).astype(np.float32)
    points[..., -1] = 0.7
    return torch.from_numpy(points)


def lengths(points):
    bones = points[..., :-1] - points[..., list(PARENTS), :-1]
    return bones.norm(dim=-1)


def test_every_bone_is_scaled_in_all_frames():
    points, random = people(), torch.rand(2, 17, generator=torch.Generator().manual_seed(1))
    moved = with_other_bones(points, LAYOUT, random, 0.3)
    ratio = lengths(moved) / lengths(points)
    mirror = LAYOUT.flip_order
    for person in range(2):
        for joint, parent in enumerate(PARENTS):
            if joint == parent:  # the root stays where it is
                assert torch.equal(moved[person, :, :, joint], points[person, :, :, joint])
                continue
            own = random[person, min(joint, int(mirror[joint]))]
            expected = 1 + 0.3 * (2 * own - 1)
            torch.testing.assert_close(ratio[person, :, :, joint], expected.expand(1, 3))
            # the bone's direction is as it was
            one, other = (
                x[person, 0, 0, joint, :-1] - x[person, 0, 0, parent, :-1] for x in (points, moved)
            )
            torch.testing.assert_close(other / other.norm(), one / one.norm())
    left, right = LAYOUT.joints.index("left_elbow"), LAYOUT.joints.index("right_elbow")
    torch.testing.assert_close(ratio[..., left], ratio[..., right])


def test_missing_joints_stay_missing_and_children_go_along():
    points = people()
    elbow, wrist = (LAYOUT.joints.index(f"left_{name}") for name in ("elbow", "wrist"))
    shoulder = LAYOUT.joints.index("left_shoulder")
    assert PARENTS[wrist] == elbow and PARENTS[elbow] == shoulder
    points[..., elbow, :] = 0
    random = torch.full((2, 17), 0.5)
    random[:, min(shoulder, int(LAYOUT.flip_order[shoulder]))] = 1.0
    random[:, min(wrist, int(LAYOUT.flip_order[wrist]))] = 1.0  # cannot act: the elbow is missing
    moved = with_other_bones(points, LAYOUT, random, 0.5)
    assert not moved[..., elbow, :].any()
    shift = moved[..., shoulder, :-1] - points[..., shoulder, :-1]
    assert shift.abs().max() > 0.01
    torch.testing.assert_close(moved[..., wrist, :-1] - points[..., wrist, :-1], shift)
    assert torch.equal(moved[..., -1], points[..., -1])


def test_the_middle_number_changes_nothing():
    points = people(dims=2)
    torch.testing.assert_close(
        with_other_bones(points, LAYOUT, torch.full((2, 17), 0.5), 0.9), points
    )


def test_parents_come_first():
    for name in ("coco17", "h68", "msr20", "ntu25"):
        parents = get_layout(name).parents
        order = from_the_root(parents)
        assert sorted(order) == list(range(len(parents)))
        place = {joint: number for number, joint in enumerate(order)}
        assert all(place[parent] <= place[joint] for joint, parent in enumerate(parents))
