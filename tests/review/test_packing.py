import base64

import numpy as np

from microgesture.review.packing import (
    kept_frames,
    pack_boxes,
    pack_numbers,
    pack_points,
    stride_for,
)


def unpacked(packed):
    raw = base64.b64decode(packed.text)
    count = packed.kept * packed.joints
    places = np.frombuffer(raw[: count * 4], "<i2").reshape(packed.kept, packed.joints, 2)
    scores = np.frombuffer(raw[count * 4 :], "u1").reshape(packed.kept, packed.joints)
    return places / packed.scale, scores / 255


def test_points_come_back_to_a_sixteenth_of_a_pixel():
    points = np.random.default_rng(0).uniform(-50, 700, (9, 5, 3))
    points[..., 2] = np.random.default_rng(1).uniform(0, 1, (9, 5))
    packed = pack_points(points, 640)
    places, scores = unpacked(packed)
    np.testing.assert_allclose(places, points[..., :2], atol=1 / 32 + 1e-9)
    np.testing.assert_allclose(scores, points[..., 2], atol=1 / 510 + 1e-9)
    assert len(base64.b64decode(packed.text)) == 9 * 5 * 5


def test_a_huge_picture_has_coarser_steps():
    points = np.array([[[7600.0, -100000.0, 1.0]]])
    packed = pack_points(points, 7680)
    places, _ = unpacked(packed)
    assert abs(places[0, 0, 0] - 7600) < 0.5
    assert places[0, 0, 1] < -7680  # out of sight, and no overflow


def test_what_is_not_finite_is_missing():
    packed = pack_points(np.full((1, 1, 3), np.nan), 100)
    places, scores = unpacked(packed)
    assert places.tolist() == [[[0, 0]]]
    assert scores.tolist() == [[0]]


def test_thinning_keeps_the_last_frame():
    assert kept_frames(10, 3).tolist() == [0, 3, 6, 9]
    assert kept_frames(11, 3).tolist() == [0, 3, 6, 9, 10]
    assert kept_frames(0, 3).tolist() == []
    assert stride_for([(100, 10), (100, 10)], 10_000) == 1
    assert stride_for([(100, 10), (100, 10)], 9_999) == 2
    assert stride_for([], 1) == 1


def test_boxes_tell_changes_only():
    boxes = np.array([[1.2, 2, 3, 4]] * 3 + [[np.nan] * 4] * 2 + [[5, 6, 7, 8.0]])
    assert pack_boxes(boxes) == [[0, 1, 2, 3, 4], [3], [5, 5, 6, 7, 8]]
    assert pack_boxes(None) == []


def test_numbers_are_little_endian():
    assert base64.b64decode(pack_numbers(np.array([1, 256]), "<i2")) == b"\x01\x00\x00\x01"
