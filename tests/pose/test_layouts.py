"""Every layout: sound graph, sound mirror, and joints where the data sets document them."""

import numpy as np
import pytest

from microgesture.pose.layouts import LAYOUT_NAMES, get_layout
from microgesture.provenance.errors import BadInput

NUM_JOINTS = {
    "h68": 68, "coco17": 17, "coco_wholebody133": 133, "halpe136": 136, "openpose137": 137,
    "body25": 25, "imigue22": 22, "smg25": 25, "ma52_28": 28, "ntu25": 25, "msr20": 20,
    "kinect20": 20, "utd20": 20, "h36m17": 17, "halpe26": 26, "openpose18": 18,
}  # fmt: skip


def undirected(edges):
    return {tuple(sorted(edge)) for edge in edges}


def test_the_registry_holds_exactly_the_known_layouts():
    assert {name: get_layout(name).num_joints for name in LAYOUT_NAMES} == NUM_JOINTS


@pytest.mark.parametrize("name", LAYOUT_NAMES)
def test_names_are_unique_and_numbers_in_range(name):
    layout = get_layout(name)
    assert len(set(layout.joints)) == layout.num_joints == len(layout.parents)
    for a, b in (*layout.edges, *layout.flip_pairs):
        assert 0 <= a < layout.num_joints and 0 <= b < layout.num_joints and a != b


@pytest.mark.parametrize("name", LAYOUT_NAMES)
def test_parents_reach_the_root_without_a_cycle(name):
    layout = get_layout(name)
    roots = [joint for joint, parent in enumerate(layout.parents) if joint == parent]
    assert roots == [layout.center]
    for joint in range(layout.num_joints):
        for _ in range(layout.num_joints):
            joint = layout.parents[joint]
        assert joint == layout.center


@pytest.mark.parametrize("name", LAYOUT_NAMES)
def test_edges_connect_all_joints_and_are_symmetric(name):
    layout = get_layout(name)
    reached = {layout.center}
    for _ in range(layout.num_joints):
        reached |= {joint for edge in layout.edges if set(edge) & reached for joint in edge}
    assert reached == set(range(layout.num_joints))
    assert len(layout.edges) == layout.num_joints - 1
    assert all(layout.parents[child] == parent for child, parent in layout.edges)
    order = layout.flip_order
    mirrored = [(order[a], order[b]) for a, b in layout.edges]
    assert undirected(mirrored) == undirected(layout.edges)


@pytest.mark.parametrize("name", LAYOUT_NAMES)
def test_flip_order_is_an_involution_that_swaps_left_and_right(name):
    layout = get_layout(name)
    order = layout.flip_order
    assert np.array_equal(order[order], np.arange(layout.num_joints))
    sided = [joint.startswith(("left_", "right_")) for joint in layout.joints]
    assert all(order[joint] != joint for joint in range(layout.num_joints) if sided[joint])


@pytest.mark.parametrize("name", LAYOUT_NAMES)
def test_parts_divide_the_joints(name):
    layout = get_layout(name)
    joints = sorted(joint for part in layout.parts.values() for joint in part)
    assert joints == list(range(layout.num_joints))


def test_h68_flip_pairs():
    pairs = {(1, 2), (3, 4), (5, 6), (7, 8), (9, 10), (11, 12), (13, 14), (15, 16)}
    pairs |= {(20, 21), (22, 23), (24, 25)} | {(26 + i, 47 + i) for i in range(21)}
    assert set(get_layout("h68").flip_pairs) == pairs


def test_h68_hands_hang_on_the_wrists():
    layout = get_layout("h68")
    assert layout.parents[26] == 9 and layout.parents[47] == 10
    assert [layout.parents[joint] for joint in (27, 28, 29, 30, 31)] == [26, 27, 28, 29, 26]
    assert layout.joints[18] == "neck" and layout.joints[19] == "middle_hip"


def test_imigue22_graph_and_flip_pairs():
    layout = get_layout("imigue22")
    edges = [(1, 0), (1, 2), (2, 3), (3, 4), (1, 5), (5, 6), (6, 7), (0, 8), (8, 10), (0, 9)]
    edges += [(9, 11)] + [(4, tip) for tip in range(12, 17)] + [(7, tip) for tip in range(17, 22)]
    assert undirected(layout.edges) == undirected(edges)
    pairs = {(2, 5), (3, 6), (4, 7), (8, 9), (10, 11)} | {(12 + i, 17 + i) for i in range(5)}
    assert set(layout.flip_pairs) == pairs


def test_msr20_graph_and_flip_pairs():
    edges = [
        (19, 2), (0, 2), (1, 2), (0, 7), (7, 9), (9, 11), (1, 8), (8, 10), (10, 12), (2, 3),
        (3, 6), (6, 4), (6, 5), (4, 13), (5, 14), (13, 15), (14, 16), (15, 17), (16, 18),
    ]  # fmt: skip
    pairs = {(0, 1), (7, 8), (9, 10), (11, 12), (4, 5), (13, 14), (15, 16), (17, 18)}
    assert undirected(get_layout("msr20").edges) == undirected(edges)
    assert set(get_layout("msr20").flip_pairs) == pairs


def test_ntu25_graph_is_the_fields():
    # 1-based (joint, neighbour) pairs of NTU RGB+D as PYSKL has them
    edges = [
        (1, 2), (2, 21), (3, 21), (4, 3), (5, 21), (6, 5), (7, 6), (8, 7), (9, 21), (10, 9),
        (11, 10), (12, 11), (13, 1), (14, 13), (15, 14), (16, 15), (17, 1), (18, 17), (19, 18),
        (20, 19), (22, 8), (23, 8), (24, 12), (25, 12),
    ]  # fmt: skip
    assert undirected(get_layout("ntu25").edges) == {
        tuple(sorted((a - 1, b - 1))) for a, b in edges
    }


def test_coco17_tree_is_the_fields():
    edges = [
        (15, 13), (13, 11), (16, 14), (14, 12), (11, 5), (12, 6), (9, 7), (7, 5), (10, 8), (8, 6),
        (5, 0), (6, 0), (1, 0), (3, 1), (2, 0), (4, 2),
    ]  # fmt: skip
    assert set(get_layout("coco17").edges) == set(edges)


def test_face_mirror_of_the_wholebody_layout():
    order = get_layout("coco_wholebody133").flip_order - 23
    pairs = [(0, 16), (8, 8), (17, 26), (30, 30), (31, 35), (36, 45), (40, 47), (41, 46), (48, 54)]
    pairs += [(57, 57), (58, 56), (59, 55), (60, 64), (61, 63), (67, 65), (66, 66)]
    assert all(order[23 + a] == b and order[23 + b] == a for a, b in pairs)


def test_body25_and_ma52_order():
    body25 = get_layout("body25").joints
    assert (
        body25[2] == "right_shoulder" and body25[7] == "left_wrist" and body25[14] == "left_ankle"
    )
    assert body25[15:19] == ("right_eye", "left_eye", "right_ear", "left_ear")
    assert body25[19:25] == (
        "left_big_toe", "left_small_toe", "left_heel",
        "right_big_toe", "right_small_toe", "right_heel",
    )  # fmt: skip
    layout = get_layout("ma52_28")
    assert [layout.joints[layout.parents[joint]] for joint in (18, 23)] == [
        "left_wrist",
        "right_wrist",
    ]


def test_an_unknown_layout_names_the_nearest():
    with pytest.raises(BadInput, match="did you mean 'coco17'"):
        get_layout("coco_17")
