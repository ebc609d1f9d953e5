import itertools

import numpy as np
import pandas as pd
import pytest

from microgesture.segments.viterbi import best_path, shortest_lengths, viterbi_labels


def runs(labels):
    """(label, length) of every stretch."""
    return [(label, len(list(part))) for label, part in itertools.groupby(labels)]


def score_of(labels, scores, switch):
    value = sum(scores[frame, label] for frame, label in enumerate(labels))
    return value + sum(switch[a, b] for a, b in itertools.pairwise(labels) if a != b)


def allowed(labels, shortest, cut_ends):
    stretches = runs(labels)
    for place, (label, length) in enumerate(stretches):
        end = place in (0, len(stretches) - 1)
        if length < shortest[label] and not (cut_ends and end):
            return False
    return True


@pytest.mark.parametrize("cut_ends", [True, False])
@pytest.mark.parametrize("seed", range(25))
def test_equals_every_path_tried(seed, cut_ends):
    generator = np.random.default_rng(seed)
    frames, classes = int(generator.integers(1, 9)), int(generator.integers(2, 4))
    scores = generator.normal(0, 1, (frames, classes))
    switch = -generator.uniform(0, 1.5, (classes, classes))
    shortest = generator.integers(1, 5, classes)
    found = best_path(scores, shortest, switch, cut_ends=cut_ends)
    paths = [
        path
        for path in itertools.product(range(classes), repeat=frames)
        if allowed(path, shortest, cut_ends)
    ]
    if not paths:  # nothing fits: one stretch
        assert len(runs(found)) == 1 and found[0] == scores.sum(axis=0).argmax()
        return
    assert allowed(found, shortest, cut_ends)
    best = max(score_of(path, scores, switch) for path in paths)
    assert score_of(found, scores, switch) == pytest.approx(best)


def test_a_blip_shorter_than_the_shortest_is_no_segment():
    probabilities = np.full((40, 3), 0.1)
    probabilities[:, 2] = 0.8  # background
    probabilities[10:13] = [0.8, 0.1, 0.1]  # three frames
    probabilities[20:28] = [0.1, 0.8, 0.1]  # eight
    # Six frames of class 0 would lose in the other three what they win in these.
    labels = viterbi_labels(probabilities, [6, 6, 1], switch_cost=1.0)
    assert runs(labels) == [(2, 20), (1, 8), (2, 12)]
    assert runs(viterbi_labels(probabilities, [1, 1, 1], switch_cost=1.0))[1] == (0, 3)
    # Eight frames bring 8 ln 8 = 16.6; two borders of 9 cost more.
    assert runs(viterbi_labels(probabilities, [1, 1, 1], switch_cost=9.0)) == [(2, 40)]
    # With background at e^-0.5 of its probability: 8 x (ln 8 + 0.5) = 20.6.
    biased = viterbi_labels(probabilities, [1, 1, 1], switch_cost=9.0, background_bias=-0.5)
    assert runs(biased) == [(2, 20), (1, 8), (2, 12)]


def test_a_gesture_that_the_video_cuts_may_be_short():
    probabilities = np.full((20, 2), 0.05)
    probabilities[:, 1] = 0.95
    probabilities[:3] = probabilities[17:] = [0.95, 0.05]
    labels = viterbi_labels(probabilities, [6, 1], switch_cost=0.5)
    assert runs(labels) == [(0, 3), (1, 14), (0, 3)]
    scores, switch = np.log(probabilities), np.full((2, 2), -0.5)
    assert runs(best_path(scores, [6, 1], switch, cut_ends=False)) == [(1, 20)]


def test_shapes_and_empty_videos():
    assert best_path(np.zeros((0, 2)), [1, 1], np.zeros((2, 2))).shape == (0,)
    with pytest.raises(ValueError, match="2 classes need 2 shortest lengths"):
        best_path(np.zeros((3, 2)), [1], np.zeros((2, 2)))
    with pytest.raises(ValueError, match="finite"):
        best_path(np.full((3, 2), -np.inf), [1, 1], np.zeros((2, 2)))


def test_an_hour_at_thirty_frames_takes_seconds():
    generator = np.random.default_rng(0)
    probabilities = generator.dirichlet(np.ones(11), 20_000)
    labels = viterbi_labels(probabilities, np.full(11, 9), switch_cost=3.0)
    inner = runs(labels)[1:-1]
    assert inner and min(length for _, length in inner) >= 9


def test_shortest_lengths_come_from_the_clips():
    ends = [9, 9, 9, 9, 9, 4, 29]
    clips = pd.DataFrame({"start": 0, "end": ends, "label": [0, 0, 0, 0, 0, 1, -1]})
    # Class 0 has five clips of 10 frames; class 1 a single one, so the six known ones count:
    # sorted 5, 10, ..; the 5 % quantile is 5 + .25 x 5 = 6.25.
    assert shortest_lengths(clips, 2, background=3).tolist() == [10, 6, 3]
    assert shortest_lengths(clips[:0], 2, fallback=4).tolist() == [4, 4, 1]
