"""A layout of the user's own: read, checked, drawn, and known by its content."""

import numpy as np
import pytest
import yaml

from microgesture.configuration.checked import checked_configuration
from microgesture.pose.convert import convert_points
from microgesture.pose.layout_files import identified, read_layout_file
from microgesture.pose.layouts import get_layout
from microgesture.provenance.errors import BadInput

GOOD = {
    "joints": ["chest", "nose", "left_wrist", "right_wrist", "mic"],
    "edges": [
        ["nose", "chest"],
        ["chest", "left_wrist"],
        ["right_wrist", "chest"],
        ["mic", "nose"],
    ],
    "pairs": [["left_wrist", "right_wrist"]],
}


def write(tmp_path, **changes):
    path = tmp_path / "mine.yaml"
    content = {key: value for key, value in {**GOOD, **changes}.items() if value != "left out"}
    path.write_text(yaml.safe_dump(content))
    return str(path)


def test_a_good_file_becomes_a_layout(tmp_path):
    layout = read_layout_file(write(tmp_path))
    assert layout.joints == tuple(GOOD["joints"])
    assert layout.center == 0 and layout.parents == (0, 0, 0, 0, 1)
    assert layout.edges == ((1, 0), (2, 0), (3, 0), (4, 1))
    assert layout.flip_pairs == ((2, 3),)
    assert sorted(joint for part in layout.parts.values() for joint in part) == [0, 1, 2, 3, 4]
    assert get_layout(write(tmp_path)).joints == layout.joints


def test_pairs_and_center_may_be_left_out_or_given(tmp_path):
    assert read_layout_file(write(tmp_path, pairs="left out")).flip_pairs == ((2, 3),)
    assert read_layout_file(write(tmp_path, center="nose")).parents == (1, 1, 0, 0, 1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"joints": ["chest", "nose", "nose"]}, "'nose' comes 2 times"),
        ({"joints": "chest"}, "is no list of names"),
        ({"joints": ["chest", 3, "nose"]}, "(number 1) is no name"),
        ({"edges": GOOD["edges"][:3]}, "'mic' hangs on nothing"),
        ({"edges": [*GOOD["edges"], ["nose", "left_wrist"]]}, "'nose - left_wrist' closes a ring"),
        ({"edges": [*GOOD["edges"][:3], ["mic", "nos"]]}, "did you mean 'nose'?"),
        ({"edges": [["nose", "nose"], *GOOD["edges"]]}, "is joined with itself"),
        ({"edges": [*GOOD["edges"], ["nose"]]}, "is no pair of joints"),
        ({"edges": "left out"}, "is no list of pairs of joints"),
        ({"pairs": [["right_wrist", "left_wrist"]]}, "names the right one first"),
        ({"pairs": []}, "'left_wrist' has no counterpart"),
        ({"pairs": [["left_wrist", "nose"]]}, "is no left and right"),
        ({"pairs": [*GOOD["pairs"], ["nose", "left_wrist"]]}, "stands in more than one pair"),
        ({"pairs": [*GOOD["pairs"], ["nose", "mic"]]}, "its mirror image"),
        ({"center": "middle"}, "is no joint"),
        ({"joint": ["a"]}, "did you mean 'joints'?"),
    ],
)
def test_each_mistake_has_its_message(tmp_path, changes, message):
    with pytest.raises(BadInput) as error:
        read_layout_file(write(tmp_path, **changes))
    assert message in str(error.value) and "mine.yaml" in str(error.value)


def test_all_mistakes_are_told_at_once(tmp_path):
    with pytest.raises(BadInput, match="4 problems in the layout"):
        read_layout_file(write(tmp_path, center="x", edges=GOOD["edges"][:3], pairs=[]))


@pytest.mark.parametrize("text", ["[1, 2", "- a\n- b\n", ""])
def test_no_yaml_mapping(tmp_path, text):
    path = tmp_path / "mine.yml"
    path.write_text(text)
    with pytest.raises(BadInput, match=r"mine\.yml"):
        get_layout(str(path))
    with pytest.raises(BadInput, match="cannot be read"):
        get_layout(str(tmp_path / "other.yaml"))


def test_points_go_to_other_layouts_by_name(tmp_path):
    mine = identified(write(tmp_path))
    points = np.arange(1, 16, dtype=np.float32).reshape(5, 3) / 15
    moved = convert_points(points, mine, "coco17")
    coco = get_layout("coco17").joints
    assert np.array_equal(moved[coco.index("left_wrist")], points[2])
    assert np.array_equal(moved[coco.index("nose")], points[1])
    assert (moved[:, 2] > 0).sum() == 3
    assert np.array_equal(convert_points(points, mine, mine), points)


def test_the_name_holds_the_content_and_not_its_layout(tmp_path):
    first = identified(write(tmp_path))
    path = first.split("#")[0]
    with open(path, "a") as file:
        file.write("# a remark\n")
    assert identified(path) == first
    other = identified(write(tmp_path, center="nose"))
    assert other != first and other.startswith(path)
    with pytest.raises(BadInput, match="has changed"):
        read_layout_file(first)


def test_the_configuration_takes_a_file_and_says_what_is_wrong_with_it(tmp_path):
    sheets = {"videos": "v.tsv", "clips": "c.tsv", "labels": "l.tsv"}
    rest = {**sheets, "modalities": {"joint": {"preset": "demo_joint"}}}
    checked = checked_configuration({**rest, "layout": write(tmp_path)})
    assert checked["layout"].startswith(str(tmp_path)) and "#" in checked["layout"]
    for wrong, message in (
        ("h69", "did you mean 'h68'"),
        (write(tmp_path, pairs=[]), "counterpart"),
    ):
        with pytest.raises(BadInput, match=message):
            checked_configuration({**rest, "layout": wrong})
