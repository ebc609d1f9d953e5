"""The figures of the page on the data: what must be in them, and that they are the same again."""

import numpy as np
import pandas as pd
import pytest

from microgesture.figures.clip_lengths import draw_clip_lengths
from microgesture.figures.confidence_strips import GAP, ROW, draw_confidence_strip
from microgesture.figures.example import WIDTH, draw_example
from microgesture.figures.people_and_classes import draw_people_and_classes
from microgesture.figures.skeletons import rgb_of
from microgesture.figures.style import BLUE, INK, MUTED, ORANGE, VERMILION
from microgesture.pose.layouts import get_layout


def strip(frames=10, **fields):
    plain = {
        "present": np.ones(frames, bool),
        "body": np.ones(frames),
        "hands": np.ones((2, frames)),
        "clips": [],
        "jumps": np.zeros(0, int),
    }
    return draw_confidence_strip(**(plain | fields))


def row_of(picture, number):
    return picture[number * (ROW + GAP) + ROW // 2].astype(int)


def test_rows_of_a_strip():
    present = np.ones(10, bool)
    present[7:] = False
    hands = np.ones((2, 10))
    hands[1, :4] = 0
    picture = strip(present=present, hands=hands, clips=[(2, 4), (6, 6)])
    assert picture.shape == (4 * (ROW + GAP), 10, 3)
    blue, nobody = rgb_of(BLUE), rgb_of(VERMILION)
    np.testing.assert_array_equal(row_of(picture, 0), [blue] * 7 + [nobody] * 3)
    np.testing.assert_array_equal(row_of(picture, 2)[4:], [blue] * 3 + [nobody] * 3)
    missing = row_of(picture, 2)[0]
    assert tuple(missing) not in (blue, nobody) and (row_of(picture, 2)[:4] == missing).all()
    clips = row_of(picture, 3)
    assert [tuple(c) for c in clips[2:5]] == [rgb_of(INK)] * 3 and tuple(clips[6]) == rgb_of(MUTED)
    assert len({tuple(c) for c in clips[[0, 1, 5, 7, 8, 9]]}) == 1


def test_a_long_video_is_averaged_into_columns():
    present = np.ones(4000, bool)
    present[2000:2002] = False  # half of a column of four frames
    row = row_of(strip(4000, present=present, body=np.ones(4000), hands=None, width=1000), 0)
    assert row.shape == (1000, 3)
    half = (np.array(rgb_of(BLUE)) + rgb_of(VERMILION)) / 2
    assert row[500] == pytest.approx(half, abs=1)
    assert tuple(row[499]) == tuple(row[501]) == rgb_of(BLUE)


def test_jumps_are_marked_and_layouts_without_hands_have_fewer_rows():
    picture = strip(hands=None, jumps=np.array([3]))
    assert picture.shape[0] == 2 * (ROW + GAP)
    assert tuple(row_of(picture, 0)[3]) == rgb_of(ORANGE)


def test_an_example_has_the_crop_and_the_skeleton_where_they_are():
    layout = get_layout("coco17")
    points = np.zeros((1, 17, 3))
    points[0, 5] = (20, 30, 0.9)
    frame = np.full((60, 80, 3), 90, np.uint8)
    picture = draw_example(frame, points, layout, (10, 10, 50, 50))
    scale = WIDTH / 80
    assert picture.shape == (round(60 * scale), WIDTH, 3)
    assert (picture[round(30.5 * scale), round(20.5 * scale)] != 90).any()
    assert (picture[round(10.5 * scale), round(30 * scale)] != 90).any()  # the upper edge
    assert (picture[round(40 * scale), round(70 * scale)] == 90).all()


def test_figures_are_the_same_again(tmp_path):
    generator = np.random.default_rng(0)
    splits = generator.choice(["train", "val", "unlabelled"], 40)
    clips = pd.DataFrame(
        {
            "subject": generator.choice(["ann", "ben", "cay"], 40),
            "split": "train",
            "label": generator.integers(0, 3, 40),
        }
    )
    for number in range(2):
        draw_clip_lengths(np.r_[np.linspace(0.5, 3, 39), 30], splits,
                          tmp_path / f"lengths{number}.svg", 10)  # fmt: skip
        draw_people_and_classes(clips, ["a", "b", "c"], tmp_path / f"people{number}.svg")
    for name in ("lengths", "people"):
        first = (tmp_path / f"{name}0.svg").read_bytes()
        assert first == (tmp_path / f"{name}1.svg").read_bytes() and len(first) > 3000
