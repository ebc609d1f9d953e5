"""The person of a clip, rows that keep to one person, people out of unordered frames."""

import numpy as np
import pytest

from microgesture.pose.persons import choose_persons, link_people, relink_rows, track_weights


def person(frames=12, middle=(300.0, 200.0), size=100.0, score=0.9, joints=10, seed=0):
    """(T, J, 3): a body that trembles by a pixel."""
    rng = np.random.default_rng(seed)
    shape = rng.uniform(-0.5, 0.5, (1, joints, 2)) * size + middle
    places = shape + rng.normal(0, 1, (frames, joints, 2))
    return np.concatenate([places, np.full((frames, joints, 1), score)], -1).astype(np.float32)


def test_weight_is_frames_times_score_times_area():
    one = np.zeros((1, 4, 2, 3), np.float32)
    one[0, :2] = [[0, 0, 0.5], [4, 2, 0.5]]  # two frames, mean score 0.5, area 8
    assert track_weights(one) == pytest.approx([2 * 0.5 * 8])
    assert track_weights(one, np.array([True, False, True, True])) == pytest.approx([1 * 0.5 * 8])


def test_an_empty_first_row_is_not_chosen():
    points = np.stack([np.zeros_like(person()), person()])
    assert choose_persons(points, np.ones(12, bool), 1).tolist() == [1]


def test_one_person_is_row_0_whatever_it_holds():
    assert choose_persons(np.zeros((1, 3, 4, 3)), None, 1).tolist() == [0]
    assert choose_persons(person()[None], None, 2).tolist() == [0]


@pytest.mark.parametrize(
    "better", [{"size": 200.0}, {"score": 0.99, "size": 130.0}, {"size": 101.0, "score": 0.95}]
)
def test_the_larger_and_surer_one_is_chosen(better):
    points = np.stack([person(seed=3), person(seed=3, **better)])
    assert choose_persons(points, None, 1).tolist() == [1]


def test_who_is_there_in_more_frames_is_chosen_and_two_keep_their_order():
    short = person()
    short[4:] = 0
    points = np.stack([short, person(seed=1), person(seed=2)])
    assert choose_persons(points, None, 2).tolist() == [1, 2]


def test_equal_weights_take_the_first_row():
    assert choose_persons(np.stack([person(), person()]), None, 1).tolist() == [0]


def swapped(points, start):
    out = points.copy()
    out[:, start:] = points[::-1, start:]
    return out


@pytest.mark.parametrize("start", [1, 5, 11])
@pytest.mark.parametrize("away", [150.0, 900.0])
def test_people_who_change_rows_are_put_back(start, away):
    right = np.stack([person(seed=1), person(middle=(300 + away, 210), seed=2)])
    linked, changes = relink_rows(swapped(right, start))
    assert changes == [start]
    assert np.array_equal(linked, right)


def test_three_people_in_rows_that_turn_every_frame():
    right = np.stack([person(middle=(300.0 * k, 200), seed=k) for k in range(1, 4)])
    mixed = np.stack([np.roll(right[:, t], t, axis=0) for t in range(12)], 1)
    linked, changes = relink_rows(mixed)
    assert np.array_equal(linked, right) and changes == list(range(1, 12))


def test_a_body_that_moves_to_the_second_row_stays_in_the_first():
    body = person()
    points = np.zeros((2, *body.shape), np.float32)
    points[0, :6], points[1, 6:] = body[:6], body[6:]
    linked, _ = relink_rows(points)
    assert np.array_equal(linked[0], body) and not linked[1].any()


def test_right_rows_are_left_alone_the_same_array():
    walk = person(60, seed=4)
    walk[..., 0] += 8 * np.arange(60)[:, None]  # walks through the other one
    points = np.stack([walk, person(60, middle=(520, 200), seed=5)])
    linked, changes = relink_rows(points)
    assert linked is points and changes == []
    one = person()[None]
    assert relink_rows(one)[0] is one


def test_three_dimensions_are_linked_alike():
    flat = np.stack([person(seed=1), person(middle=(900, 200), seed=2)])
    deep = np.insert(flat, 2, 3.0, axis=-1)
    assert np.array_equal(relink_rows(swapped(deep, 7))[0], deep)


def test_people_in_any_order_get_a_row_each():
    a, b = person(30, seed=1), person(30, middle=(700, 200), seed=2)
    frames = [np.stack([a[t], b[t]] if t % 2 else [b[t], a[t]]) for t in range(30)]
    frames[7] = np.zeros((0, 10, 3), np.float32)  # nobody
    frames[9] = a[9][None]  # one of them
    points, left = link_people(frames, 4)
    assert points.shape == (2, 30, 10, 3) and left == 0
    assert not points[:, 7].any()
    b[[7, 9]], a[7] = 0, 0
    assert np.array_equal(points, np.stack([b, a]))


def test_somebody_new_after_a_long_gap_may_take_the_empty_row():
    a, b = person(10, seed=1), person(10, middle=(900, 200), seed=2)
    nobody = [np.zeros((0, 10, 3), np.float32)] * 40
    points, _ = link_people([*a[:, None], *nobody, *b[:, None]], 4)
    assert len(points) == 1
    points, _ = link_people([*a[:, None], *nobody[:5], *b[:, None]], 4)
    assert len(points) == 2  # too soon: two people are two rows


def test_the_least_seen_are_left_out_and_counted():
    crowd = [person(5, middle=(400.0 * k, 200), size=20.0 + 20 * k, seed=k) for k in range(5)]
    points, left = link_people([np.stack([p[t] for p in crowd]) for t in range(5)], 2)
    assert left == 3 and np.array_equal(points, np.stack(crowd[3:]))


def test_nobody_at_all_is_one_empty_row():
    points, left = link_people([np.zeros((0, 7, 3), np.float32)] * 3, 4)
    assert points.shape == (1, 3, 7, 3) and not points.any() and left == 0
