"""Tracking with a pose model that is known: it sees a bright square, if its box holds it."""

import numpy as np
import pytest

from microgesture.pose.subjects import Choice
from microgesture.pose.tracking import (
    TrackingSettings,
    estimate_batch,
    overlaps,
    person_scores,
    point_boxes,
    track_person,
)

BODY = tuple(range(4))
SETTINGS = TrackingSettings(box_margin=0.1, refine_overlap=0.5, memory=2)


def frames_with_square(corners, size=20, height=100, width=200):
    """One frame per corner (x, y); None = an empty frame."""
    frames = np.zeros((len(corners), height, width, 3), np.uint8)
    for frame, corner in zip(frames, corners):
        if corner is not None:
            x, y = corner
            frame[y : y + size, x : x + size] = 255
    return frames


class SquareFinder:
    """The four corners of the bright square if it lies in the box, with score 0.9; else 0.1."""

    def __init__(self):
        self.calls = []

    def __call__(self, frames, boxes):
        self.calls.append(np.array(boxes))
        points = np.zeros((len(frames), 4, 3), np.float32)
        for frame, (x0, y0, x1, y1), row in zip(frames, boxes, points):
            rows, columns = np.nonzero(frame[..., 0])
            row[:, 2] = 0.1
            if len(rows):
                left, top, right, bottom = columns.min(), rows.min(), columns.max(), rows.max()
                if left >= x0 and top >= y0 and right <= x1 and bottom <= y1:
                    row[:, :2] = [(left, top), (right, top), (right, bottom), (left, bottom)]
                    row[:, 2] = 0.9
        return points


def test_person_scores_are_the_mean_of_the_better_half():
    points = np.zeros((1, 5, 3))
    points[0, :, 2] = [0.1, 0.8, 0.2, 0.6, 1.0]
    assert person_scores(points, BODY) == pytest.approx([0.7])


def test_point_boxes_ignore_uncertain_points_and_stay_in_the_frame():
    points = np.array([[[10, 20, 0.9], [30, 60, 0.9], [20, 30, 0.9], [190, 90, 0.1]]] * 2)
    points[1, :3, 2] = 0
    boxes = point_boxes(points, 200, 100, SETTINGS)
    np.testing.assert_allclose(boxes, [[8, 16, 32, 64], [0, 0, 200, 100]])
    points[0, 0, :2] = -50
    assert point_boxes(points, 200, 100, SETTINGS)[0, 0] == 0


def test_overlaps():
    first = np.array([[0, 0, 10, 10], [0, 0, 10, 10], [0, 0, 1, 1]], float)
    second = np.array([[5, 0, 15, 10], [0, 0, 10, 10], [2, 2, 3, 3]], float)
    np.testing.assert_allclose(overlaps(first, second), [1 / 3, 1, 0])


def test_the_first_batch_is_refined_and_the_next_needs_one_call():
    finder = SquareFinder()
    batches = [frames_with_square([(50, 40)] * 4)] * 2
    results = list(track_person(batches, finder, BODY, SETTINGS))
    assert all(present.all() for _, present, _ in results)
    assert [len(call) for call in finder.calls] == [4, 4, 4]
    np.testing.assert_allclose(finder.calls[0][0], [0, 0, 200, 100])
    np.testing.assert_allclose(finder.calls[1][0], [48.1, 38.1, 70.9, 60.9], atol=1e-4)
    np.testing.assert_allclose(finder.calls[2], np.tile(finder.calls[1][0], (4, 1)), atol=1e-4)


def test_a_person_who_jumps_out_of_the_box_is_found_in_the_whole_frame():
    finder = SquareFinder()
    box = np.array([48.0, 38, 71, 61])
    frames = frames_with_square([(50, 40), (150, 10), (50, 40)])
    points, present, following, _ = estimate_batch(frames, box, finder, BODY, SETTINGS)
    assert present.all()
    np.testing.assert_allclose(points[:, 0, :2], [(50, 40), (150, 10), (50, 40)])
    # the whole frame for the one that was lost, then its own box
    assert [len(call) for call in finder.calls] == [3, 1, 1]
    np.testing.assert_allclose(finder.calls[1], [[0, 0, 200, 100]])
    # the next box holds the last `memory` frames: both places
    assert following[0] < 50 and following[2] > 169 and following[1] < 10


def test_frames_without_a_person_are_marked_and_hold_zeros():
    finder = SquareFinder()
    frames = frames_with_square([None, (60, 30), None, None])
    points, present, box, _ = estimate_batch(frames, None, finder, BODY, SETTINGS)
    assert present.tolist() == [False, True, False, False]
    assert not points[[0, 2, 3]].any() and points[1].all(axis=None)
    assert box is not None


def test_a_person_who_leaves_is_forgotten():
    finder = SquareFinder()
    batches = [frames_with_square([(50, 40)] * 2), frames_with_square([None] * 2)]
    batches += [frames_with_square([None, (100, 40)])]
    results = list(track_person(batches, finder, BODY, SETTINGS))
    assert [present.tolist() for _, present, _ in results] == [
        [True] * 2,
        [False] * 2,
        [False, True],
    ]
    # the third batch starts again from the whole frame
    np.testing.assert_allclose(finder.calls[-2], [[0, 0, 200, 100]] * 2)


def test_a_second_look_that_loses_the_person_is_not_taken():
    class Shy(SquareFinder):
        def __call__(self, frames, boxes):
            points = super().__call__(frames, boxes)
            points[(np.asarray(boxes)[:, 2] < 200), :, 2] = 0.1
            return points

    frames = frames_with_square([(50, 40)])
    points, present, _, _ = estimate_batch(frames, None, Shy(), BODY, SETTINGS)
    assert present.all() and points[0, 0, 2] == pytest.approx(0.9)


class SquareDetector:
    """Says where the square is, with a margin; near the last box alone, where one is given."""

    def __init__(self):
        self.asked = []

    def __call__(self, frame, last):
        self.asked.append(None if last is None else np.array(last).round(1).tolist())
        rows, columns = np.nonzero(frame[..., 0])
        if len(rows) == 0:
            return None
        box = np.array([columns.min(), rows.min(), columns.max(), rows.max()], np.float32)
        if last is not None and abs(box[0] - last[0]) > 40:
            return None
        return box + [-2, -2, 2, 2], Choice(0, 1, "alone", 0.2, 0.8)


def test_a_detector_is_asked_until_somebody_is_there_and_then_no_more():
    finder, detector = SquareFinder(), SquareDetector()
    batches = [frames_with_square([None, None]), frames_with_square([None, (50, 40), (50, 40)])]
    batches += [frames_with_square([(50, 40)] * 2)]
    results = list(track_person(batches, finder, BODY, SETTINGS, detector))
    assert [present.tolist() for _, present, _ in results] == [
        [False, False], [False, True, True], [True, True],
    ]  # fmt: skip
    assert [sorted(choices) for _, _, choices in results] == [[], [1], []]
    assert detector.asked == [None] * 4  # two empty frames, one more, and the one that shows it
    # What the detector said is what the pose model looked at, in that frame and those after it.
    assert [len(call) for call in finder.calls] == [0, 2, 2]
    np.testing.assert_allclose(finder.calls[1], [[48, 38, 71, 61]] * 2)
    points = results[1][0]
    assert not points[0].any() and points[1:].all(axis=None)


def test_a_detector_finds_the_one_who_moved_and_nobody_else():
    finder, detector = SquareFinder(), SquareDetector()
    box = np.array([48.0, 38, 71, 61])
    frames = frames_with_square([(50, 40), (80, 40), (150, 10), None])
    points, present, _, choices = estimate_batch(frames, box, finder, BODY, SETTINGS, detector)
    assert present.tolist() == [True, True, False, False]
    assert detector.asked == [box.tolist()] * 3 and sorted(choices) == [1]
    np.testing.assert_allclose(points[1, 0, :2], (80, 40))
