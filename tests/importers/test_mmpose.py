"""mmpose's own JSON: the inferencer's list and the demos' dictionary, written by mmpose's own code."""

import json

import numpy as np
import pytest

from microgesture.importers.mmpose import main, read_predictions, read_recording
from microgesture.importers.recordings import Options, Picture
from microgesture.pose.layouts import get_layout
from microgesture.provenance.errors import BadInput
from microgesture.stores.sequences import read_sequence

PICTURE = Picture(640, 480, 25.0)


def instance(joints, x=100.0, seed=0):
    rng = np.random.default_rng(seed)
    places = rng.uniform(0, 1, (joints, 2)) * (100, 300) + (x, 80)
    scores = np.linspace(0.3, 1.05, joints)  # some models give a little more than 1
    return {"keypoints": places.tolist(), "keypoint_scores": scores.tolist(),
            "bbox": [[x, 80.0, x + 100, 380.0]], "bbox_score": 0.9}  # fmt: skip


def write(tmp_path, content, name="talk.json"):
    path = tmp_path / name
    path.write_text(json.dumps(content))
    return path


@pytest.mark.parametrize(
    ("joints", "layout"),
    [(17, "coco17"), (133, "coco_wholebody133"), (26, "halpe26"), (136, "halpe136")],
)
def test_the_inferencers_list(tmp_path, joints, layout):
    frames = [{"frame_id": t, "instances": [instance(joints, 100 + t)]} for t in range(6)]
    frames[2]["instances"] = []
    sequence = read_recording(write(tmp_path, frames), PICTURE, Options(out=""))
    assert (sequence.layout, sequence.points.shape) == (layout, (1, 6, joints, 3))
    assert sequence.present.tolist() == [True, True, False, True, True, True]
    given = frames[4]["instances"][0]
    assert np.allclose(sequence.points[0, 4, :, :2], given["keypoints"])
    assert sequence.points[..., 2].max() == 1


def test_what_mmpose_splits_into_instances_is_read(tmp_path):
    structures = pytest.importorskip("mmengine.structures")
    from mmpose.structures import split_instances

    rng = np.random.default_rng(0)
    found = structures.InstanceData()
    found.keypoints = rng.uniform(50, 400, (2, 17, 2))
    found.keypoint_scores = rng.uniform(0.2, 1, (2, 17))
    found.bboxes = rng.uniform(0, 400, (2, 4))
    found.bbox_scores = np.array([0.9, 0.8])
    frames = [{"frame_id": 0, "instances": split_instances(found)}]
    people = read_predictions(write(tmp_path, frames))[0][0]
    assert np.allclose(people[..., :2], found.keypoints)
    assert np.allclose(people[..., 2], found.keypoint_scores)


def test_the_demos_file_counts_from_1_and_has_names(tmp_path):
    names = [*get_layout("body25").joints[:3], "left_wrist"]  # points of a model of one's own
    content = {
        "meta_info": {"keypoint_id2name": {str(k): name for k, name in enumerate(names)}},
        "instance_info": [
            {"frame_id": t + 1, "instances": [instance(4, seed=1), instance(4, 400, seed=2)][:: -1 if t else 1]}
            for t in range(3)
        ],
    }  # fmt: skip
    options = Options(out="", layout="body25")
    sequence = read_recording(write(tmp_path, content), PICTURE, options)
    assert sequence.points.shape == (2, 3, 25, 3)
    wrist = get_layout("body25").joints.index("left_wrist")
    expected = instance(4, seed=1)["keypoints"][3]
    assert np.allclose(sequence.points[0, :, wrist, :2], expected)


def test_the_command(tmp_path):
    frames = [{"frame_id": t, "instances": [instance(17)]} for t in range(5)]
    path = write(tmp_path, frames, "results_talk.json")
    main([str(path), "--size", "640x480", "--out", str(tmp_path / "o")])
    assert read_sequence(tmp_path / "o/keypoints.h5", "talk").layout == "coco17"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([instance(17)], "a single picture's prediction"),
        ({"a": 1}, "no prediction of mmpose for a video"),
        ([], "no prediction of mmpose for a video"),
        ([{"frame_id": 0, "instances": []}], "nobody is seen"),
        ([{"frame_id": 0, "instances": [{"keypoints": [[1, 2]]}]}], "no keypoints and keypoint_scores"),
        ([{"frame_id": 0, "instances": [instance(21)]}], "21 points a person and no names"),
        ([{"frame_id": 0, "instances": [instance(17), instance(26)]}], "another number of points"),
        ([{"frame_id": 0, "instances": []}] * 2, "each once"),
        (
            [{"frame_id": 0, "instances": [{"keypoints": [[1, 2, 3]], "keypoint_scores": [1]}]}],
            "not in space",
        ),
    ],
)  # fmt: skip
def test_broken_files(tmp_path, content, message):
    with pytest.raises(BadInput, match=r"talk\.json") as error:
        read_recording(write(tmp_path, content), PICTURE, Options(out=""))
    assert message in str(error.value)
