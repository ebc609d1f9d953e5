"""The PYSKL format: what is read equals what was written; every fault has its message."""

import copy
import logging
import pickle

import numpy as np
import pytest

from microgesture.importers.pyskl_format import (
    Annotation,
    choose_scores,
    read_skeletons,
    to_sequence,
    write_skeletons,
)
from microgesture.provenance.errors import BadInput
from microgesture.stores.sequences import Sequence


def content(dims=2, frames=(5, 3)):
    generator = np.random.default_rng(0)
    annotations = [
        {
            "frame_dir": f"clip{number}",
            "total_frames": count,
            "img_shape": (240, 320),
            "original_shape": (240, 320),
            "label": number,
            "keypoint": generator.uniform(1, 200, (1, count, 20, dims)).astype(np.float32),
            "keypoint_score": np.full((1, count, 20), 0.5, np.float32),
        }
        for number, count in enumerate(frames)
    ]
    return {"split": {"train": ["clip0"], "test": ["clip1"]}, "annotations": annotations}


def save(path, value):
    path.write_bytes(pickle.dumps(value))
    return path


def read(path, **arguments):
    return read_skeletons(path, **({"layout": "msr20", "num_classes": 2} | arguments))


def test_reads_what_stands_there(tmp_path):
    written = content()
    skeletons = read(save(tmp_path / "a.pkl", written))
    assert skeletons.splits == {"train": ["clip0"], "test": ["clip1"]}
    annotation = skeletons.annotations["clip1"]
    assert (annotation.label, annotation.width, annotation.height) == (1, 320, 240)
    assert np.array_equal(annotation.points, written["annotations"][1]["keypoint"])
    assert np.array_equal(annotation.scores, written["annotations"][1]["keypoint_score"])


def test_lacking_extras_are_fine(tmp_path):
    written = content(dims=3)
    for row in written["annotations"]:
        for key in ("img_shape", "original_shape", "keypoint_score", "total_frames"):
            del row[key]
    annotation = read(save(tmp_path / "a.pkl", written)).annotations["clip0"]
    assert annotation.scores is None
    assert (annotation.width, annotation.height) == (0, 0)


def set_row(key, value):
    def change(written):
        written["annotations"][1][key] = value

    return change


def drop_row(key):
    def change(written):
        del written["annotations"][1][key]

    return change


def shape(*size):
    return np.ones(size, np.float32)


FAULTS = {
    "no split": (lambda w: w.pop("split"), "keys 'split' and 'annotations'"),
    "no annotations": (lambda w: w.update(annotations=[]), "at least one"),
    "split a list": (lambda w: w.update(split=["clip0"]), "'split' must be a dictionary"),
    "ids a text": (lambda w: w["split"].update(train="clip0"), "expected a list of ids"),
    "unknown id": (lambda w: w["split"]["test"].append("clipX"), "'clipX'"),
    "id twice in a split": (lambda w: w["split"]["test"].append("clip1"), "names an id twice"),
    "no keypoint": (drop_row("keypoint"), "has no 'keypoint'"),
    "no label": (drop_row("label"), "has no 'label'"),
    "no name": (drop_row("frame_dir"), "has no 'frame_dir'"),
    "one person short": (set_row("keypoint", shape(3, 20, 2)), r"keypoint\[None\]"),
    "scores inside": (set_row("keypoint", shape(1, 3, 20, 4)), "put scores into keypoint_score"),
    "text keypoints": (set_row("keypoint", "x"), "expected numbers"),
    "other layout": (set_row("keypoint", shape(1, 3, 17, 2)), "17 joints, the layout msr20 has 20"),
    "no frames": (set_row("keypoint", shape(1, 0, 20, 2)), "no frame"),
    "frames differ": (set_row("total_frames", 4), "total_frames is 4, keypoint has 3 frames"),
    "label too large": (set_row("label", 2), "label 2 is out of range"),
    "label negative": (set_row("label", -2), "label -2 is out of range"),
    "label a text": (set_row("label", "wave"), "label is 'wave'"),
    "scores of another shape": (set_row("keypoint_score", shape(1, 3, 17)), "keypoint_score has"),
    "scores too large": (set_row("keypoint_score", 2 * shape(1, 3, 20)), "between 2 and 2"),
    "image size": (set_row("img_shape", 240), r"expected \(height, width\)"),
    "name twice": (set_row("frame_dir", "clip0"), "the id comes twice"),
    "row no dictionary": (lambda w: w["annotations"].append([1]), "is a list"),
    "mixed": (set_row("keypoint", shape(1, 3, 20, 3)), "some keypoints are 2D and some 3D"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_have_messages(tmp_path, fault):
    change, message = FAULTS[fault]
    written = copy.deepcopy(content())
    change(written)
    path = save(tmp_path / "faulty.pkl", written)
    with pytest.raises(BadInput, match=message) as error:
        read(path)
    assert str(path) in str(error.value)


def test_all_faults_at_once(tmp_path):
    written = content(frames=(4,) * 30)
    with pytest.raises(BadInput) as error:
        read(save(tmp_path / "a.pkl", written), num_classes=5)
    assert "25 problem(s)" in str(error.value)
    assert "annotation 5 ('clip5')" in str(error.value)
    assert "and 15 more" in str(error.value)


def test_no_pickle_of_the_format(tmp_path):
    with pytest.raises(BadInput, match="found list"):
        read(save(tmp_path / "a.pkl", content()["annotations"]))


def test_what_is_not_finite_is_missing(tmp_path, caplog):
    written = content()
    written["annotations"][0]["keypoint"][0, 2, 7, 1] = np.nan
    written["annotations"][0]["keypoint"][0, 3, 7, 0] = np.inf
    with caplog.at_level(logging.WARNING):
        skeletons = read(save(tmp_path / "a.pkl", written))
    assert "2 points in 1 sequences are NaN or infinite" in caplog.text
    assert "clip0" in caplog.text
    sequence = to_sequence(skeletons.annotations["clip0"], "msr20", 15.0, "given")
    assert (sequence.points[0, 2, 7] == 0).all()
    assert (sequence.points[0, 3, 7] == 0).all()
    assert np.isfinite(sequence.points).all()
    assert sequence.points[0, 2, 6, 2] == 0.5


def annotation(scores, points=None):
    points = np.ones((1, 4, 2, 3), np.float32) if points is None else points
    return Annotation("a", 0, points, None if scores is None else np.float32(scores), 320, 240)


def test_zero_scores_of_depth_cameras_are_not_believed():
    trusted = annotation([[[1, 1], [1, 0], [1, 0], [1, 1]]])  # joint 1 is lost in half the frames
    inferred = annotation([[[1, 0], [1, 0], [1, 0], [1, 1]]])  # ... in three of four
    assert choose_scores([trusted]) == "given"
    assert choose_scores([inferred]) == "coordinates"
    assert choose_scores([trusted, inferred]) == "coordinates"  # 5 of 8
    assert choose_scores([annotation(None)]) == "coordinates"


def test_points_at_the_origin_do_not_count_for_the_choice():
    points = np.ones((1, 4, 2, 3), np.float32)
    points[0, :3, 1] = 0
    assert choose_scores([annotation([[[1, 0], [1, 0], [1, 0], [1, 1]]], points)]) == "given"


def test_sequences():
    points = np.full((1, 3, 2, 3), 2.0, np.float32)
    points[0, 1] = 0  # nobody
    given = annotation([[[1, 0], [1, 1], [0.25, 1]]], points)
    sequence = to_sequence(given, "x", 15.0, "given")
    assert sequence.points[..., 3].tolist() == [[[1, 0], [0, 0], [0.25, 1]]]
    assert sequence.points[0, 0].tolist() == [[2, 2, 2, 1], [0, 0, 0, 0]]
    assert sequence.present.tolist() == [True, False, True]
    assert (sequence.width, sequence.height, sequence.fps) == (0, 0, 15.0)  # metres: no frame
    believed = to_sequence(given, "x", 15.0, "coordinates")
    assert believed.points[..., 3].tolist() == [[[1, 1], [0, 0], [1, 1]]]


def test_written_files_are_read_back(tmp_path):
    generator = np.random.default_rng(1)
    points = generator.uniform(1, 9, (1, 4, 20, 3)).astype(np.float32)
    points[..., 2] /= 10
    points[0, 1, 3] = 0
    sequence = Sequence(points, np.ones(4, bool), "msr20", 320, 240, 15.0)
    path = tmp_path / "out.pkl"
    write_skeletons(path, {"train": ["a"], "test": []}, [("a", 1, sequence)])
    with path.open("rb") as file:
        plain = pickle.load(file)["annotations"][0]
    assert plain["frame_dir"] == "a"
    assert plain["img_shape"] == (240, 320)
    assert plain["keypoint"].shape == (1, 4, 20, 2)
    assert plain["keypoint_score"].dtype == np.float32
    back = read(path)
    assert back.splits == {"train": ["a"], "test": []}
    again = to_sequence(back.annotations["a"], "msr20", 15.0, "given")
    assert np.array_equal(again.points, points)
    assert (again.width, again.height) == (320, 240)
