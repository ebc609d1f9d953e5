"""Faces of rendered people, whose true keypoints are known."""

from itertools import islice

import cv2
import numpy as np
import pytest

from microgesture.demo.render import prepare_video
from microgesture.figures.faces import (
    Anonymise,
    Heads,
    anonymised,
    apply,
    find_heads,
    head_breadths,
    hold_boxes,
    read_heads,
    without_face_points,
)
from microgesture.pose.convert import convert_points
from microgesture.pose.layouts import get_layout
from microgesture.provenance.errors import BadInput
from microgesture.stores.sequences import Sequence, Track, write_sequences

WHOLE, COCO = get_layout("coco_wholebody133"), get_layout("coco17")
FPS, COUNT = 15.0, 30
HEAD = list(range(5))  # nose, eyes, ears of COCO


@pytest.fixture(scope="module")
def person():
    """Frames uint8 (30, 240, 320, 3) and true points float32 (1, 30, 133, 3)."""
    _, _, renderer = prepare_video("s14", {})
    frames = np.stack(list(islice(renderer.frames(), COUNT)))
    return frames, renderer.truth().points[None, :COUNT]


def face_of(points: np.ndarray) -> tuple[int, int, int, int]:
    """The box around the 68 points of the face in one frame: what a face detector would find."""
    face = points[23:91]
    face = face[face[:, 2] > 0, :2]
    x0, y0 = np.floor(face.min(axis=0)).astype(int)
    x1, y1 = np.ceil(face.max(axis=0)).astype(int)
    return x0, y0, x1, y1


def is_recognisable(hidden: np.ndarray, frame: np.ndarray, points: np.ndarray) -> bool:
    """Whether the face can be found again by its looks, or has edges left."""
    x0, y0, x1, y1 = face_of(points)
    grey, before = (cv2.cvtColor(f, cv2.COLOR_RGB2GRAY) for f in (hidden, frame))
    template = before[y0:y1, x0:x1]
    alike = cv2.matchTemplate(
        grey[y0 - 8 : y1 + 8, x0 - 8 : x1 + 8], template, cv2.TM_CCOEFF_NORMED
    )
    edges = [cv2.Laplacian(g[y0:y1, x0:x1], cv2.CV_64F).var() for g in (grey, before)]
    return bool(alike.max() > 0.6 or edges[0] > 0.1 * edges[1])


def test_the_test_knows_a_weak_blur(person):
    frames, points = person
    for sigma in (1, 2, 4):
        weak = cv2.GaussianBlur(frames[0], (0, 0), sigma)
        assert is_recognisable(weak, frames[0], points[0, 0])


def coco(points: np.ndarray) -> np.ndarray:
    return points[:, :, :17].copy()


@pytest.mark.parametrize("how", ["blur", "mask"])
@pytest.mark.parametrize("layout", [WHOLE, COCO], ids=lambda layout: layout.name)
def test_no_face_is_left_in_any_frame(person, how, layout):
    frames, points = person
    given = points if layout is WHOLE else coco(points)
    settings = Anonymise(how)
    heads = find_heads(given, layout, FPS, settings)
    assert not heads.unknown.any()
    hidden = list(anonymised(frames, heads, settings))
    for number in range(COUNT):
        assert is_recognisable(frames[number], frames[number], points[0, number])
        assert not is_recognisable(hidden[number], frames[number], points[0, number]), number
        # What lies apart from the head is as it was: the hands stay to be seen.
        x0, y0, x1, y1 = heads.boxes[0, number]
        outside = np.ones(frames.shape[1:3], bool)
        outside[max(0, int(y0)) : int(y1) + 2, max(0, int(x0)) : int(x1) + 2] = False
        assert (hidden[number][outside] == frames[number][outside]).all()
        assert outside.mean() > 0.8


def test_the_box_holds_hair_to_chin(person):
    """Seen from the renderer's own geometry: brows to chin with a good margin."""
    _, points = person
    boxes = find_heads(coco(points), COCO, FPS, Anonymise("blur")).boxes[0]
    for number in range(COUNT):
        x0, y0, x1, y1 = face_of(points[0, number])
        left, top, right, bottom = boxes[number]
        assert left < x0
        assert right > x1
        assert bottom > y1
        assert top < y0 - 0.3 * (y1 - y0)  # the forehead and hair above the brows


@pytest.mark.parametrize("unknown", ["blur", "keep"])
def test_a_gap_lets_no_face_through(person, unknown):
    frames, points = person
    given = coco(points)
    given[:, 8:20, HEAD] = 0  # 12 frames = 0.8 s without a head, of a person who is there
    settings = Anonymise("blur", unknown=unknown, hold_seconds=0.5)
    heads = find_heads(given, COCO, FPS, settings)
    assert not heads.unknown.any()  # twice half a second holds 0.8
    hidden = list(anonymised(frames, heads, settings))
    for number in range(COUNT):
        assert not is_recognisable(hidden[number], frames[number], points[0, number]), number


def test_frames_with_an_unknown_head_are_blurred_whole(person):
    frames, points = person
    given = coco(points)
    given[:, 6:, HEAD] = 0
    settings = Anonymise("blur", hold_seconds=0.2)  # three frames
    heads = find_heads(given, COCO, FPS, settings)
    assert heads.unknown.tolist() == [False] * 9 + [True] * 21
    hidden = list(anonymised(frames, heads, settings))
    for number in range(COUNT):
        assert not is_recognisable(hidden[number], frames[number], points[0, number]), number
    blurred = hidden[20].astype(float)
    assert np.abs(np.diff(blurred, axis=1)).max() <= 16  # no edge is left anywhere
    kept = list(anonymised(frames, heads, Anonymise("blur", "keep", hold_seconds=0.2)))
    assert (kept[20] == frames[20]).all()


def test_nobody_found_and_people_not_followed_count_as_unknown(person):
    _, points = person
    nobody = np.zeros((1, 4, 17, 3))
    assert find_heads(nobody, COCO, FPS, Anonymise("blur")).unknown.all()
    two = Track(start=10, end=12, people=2, reason="largest", size=0.5, score=1.0, jump=False)
    heads = find_heads(points, WHOLE, FPS, Anonymise("blur"), [two])
    assert np.flatnonzero(heads.unknown).tolist() == [10, 11, 12]


def test_blur_leaves_a_few_means_and_mask_nothing():
    generator = np.random.default_rng(0)
    frame = generator.integers(0, 255, (80, 80, 3), dtype=np.uint8)
    box = (16, 16, 55, 55)  # 40 x 40 pixels: patches of 10 x 10
    hidden = apply(frame, box, "blur")[16:56, 16:56].astype(float)
    means = frame[16:56, 16:56].reshape(4, 10, 4, 10, 3).mean(axis=(1, 3))
    # At a patch's centre stands its mean; 20 pictures of noise with these means give the same.
    np.testing.assert_allclose(hidden[[4, 14, 24, 34]][:, [4, 14, 24, 34]], means, atol=6)
    other = frame.copy()
    block = other[16:26, 16:26].reshape(-1, 3)
    other[16:26, 16:26] = block[generator.permutation(len(block))].reshape(10, 10, 3)
    assert (apply(other, box, "blur")[16:56, 16:56] == hidden).all()
    masked = apply(frame, box, "mask")[16:56, 16:56]
    assert (masked == masked[0, 0]).all()
    assert (apply(frame, (200, 200, 300, 300), "mask") == frame).all()
    assert (apply(frame, (-50, -50, 10, 10), "mask")[:11, :11] == masked[0, 0]).all()
    assert (apply(frame, box, "none") == frame).all()


def test_boxes_between_and_behind():
    boxes = np.full((12, 4), np.nan)
    boxes[2] = (0, 0, 10, 10)
    boxes[6] = (8, 4, 18, 14)
    held = hold_boxes(boxes, 2)
    # Half way, and the box has grown by half on its whole way of two frames: 2.5 at each side.
    np.testing.assert_allclose(held[4], (4 - 2.5, 2 - 2.5, 14 + 2.5, 12 + 2.5))
    np.testing.assert_allclose(held[7], (8 - 1.25, 4 - 1.25, 18 + 1.25, 14 + 1.25))
    assert np.isnan(held[9:]).all()
    np.testing.assert_allclose(held[0], (-2.5, -2.5, 12.5, 12.5))
    # A gap of more than twice that is not crossed.
    assert np.isnan(hold_boxes(boxes, 1)[4]).all()
    assert not np.isnan(hold_boxes(boxes, 1)[[3, 5]]).any()
    assert np.isnan(hold_boxes(np.full((3, 4), np.nan), 5)).all()


def test_how_broad_a_head_is():
    points = np.zeros((3, 17, 3))
    points[0, [3, 4]] = [[10, 0, 1], [50, 0, 1]]  # ears 40 apart: that is the breadth
    points[1, [0, 3]] = [[0, 0, 1], [32, 0, 0.9]]  # from the side: ear to nose, 32 x 1.25
    points[2, [3, 4]] = [[10, 0, 1], [50, 0, 0.1]]  # an ear that is hardly believed
    assert head_breadths(points, COCO).tolist() == [40, 40, 0]


def test_one_stray_point_does_not_carry_the_box_away(person):
    _, points = person
    given = coco(points)
    given[0, 10, 4, :2] += 150
    boxes = find_heads(given, COCO, FPS, Anonymise("blur")).boxes[0]
    x0, _, x1, _ = face_of(points[0, 10])
    assert boxes[10, 0] < x0
    assert boxes[10, 2] > x1
    assert boxes[10, 2] - boxes[10, 0] < 2.5 * (boxes[9, 2] - boxes[9, 0])


def test_all_people_of_a_file(person, tmp_path):
    _, points = person
    small = convert_points(points, "coco_wholebody133", "h68")
    shifted = small.copy()
    shifted[..., 0] = np.where(shifted[..., 2] > 0, 319 - shifted[..., 0], 0)
    present = np.ones(COUNT, bool)
    pairs = [(name, Sequence(p, present, "h68", 320, 240, FPS)) for name, p in (("a", small), ("b", shifted))]  # fmt: skip
    write_sequences(tmp_path / "s.h5", pairs)
    store = dict.fromkeys(("a", "b"), str(tmp_path / "s.h5"))
    heads = read_heads(["a", "b"], store, FPS, Anonymise("mask"))
    assert heads.boxes.shape == (2, COUNT, 4)
    assert not heads.unknown.any()
    middles = heads.boxes[:, :, [0, 2]].mean(axis=2)
    np.testing.assert_allclose(middles[0] + middles[1], 319, atol=1)
    with pytest.raises(BadInput, match="'c' shows somebody whose skeleton is in no store"):
        read_heads(["a", "c"], store, FPS, Anonymise("mask"))
    metres = Sequence(np.ones((1, COUNT, 68, 4)), present, "h68", 0, 0, FPS)
    write_sequences(tmp_path / "s3.h5", [("a", metres)])
    with pytest.raises(BadInput, match=r"keypoints in metres.*keypoints_2d"):
        read_heads(["a"], {"a": str(tmp_path / "s3.h5")}, FPS, Anonymise("mask"))


def test_more_frames_than_heads_stop(person):
    frames, points = person
    heads = find_heads(points, WHOLE, FPS, Anonymise("blur")).cut(0, 4)
    with pytest.raises(ValueError, match="frame 5"):
        list(anonymised(frames, heads, Anonymise("blur")))
    assert len(list(anonymised(frames, heads, Anonymise("none")))) == COUNT


def test_face_points_are_not_drawn():
    points = np.ones((1, 2, 133, 3))
    kept = without_face_points(points, WHOLE)
    assert kept[..., 23:91, :].sum() == 0
    assert kept[..., :23, :].all()
    assert points.all()
    assert without_face_points(points[:, :, :17], COCO).all()


def test_settings_say_what_is_wrong():
    with pytest.raises(BadInput, match="how 'pixel'; write one of none, blur, mask"):
        Anonymise("pixel")
    with pytest.raises(BadInput, match="unknown 'show'; write one of blur, keep"):
        Anonymise("blur", "show")
    with pytest.raises(BadInput, match="margin"):
        Anonymise("blur", margin=0)
    given = {"anonymise": "mask", "anonymise_hold_seconds": 2, "scale": 1}
    assert Anonymise.from_settings(given) == Anonymise("mask", hold_seconds=2)
    assert Heads(np.zeros((1, 3, 4)), np.zeros(3, bool)).unknown.tolist() == [False] * 3
