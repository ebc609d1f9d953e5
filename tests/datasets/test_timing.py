import numpy as np
import pytest

from microgesture.datasets.samples import ClipSamples, Key
from microgesture.datasets.timing import (
    between_frames,
    nearest_frames,
    short_positions,
    stretched_places,
)
from tests.datasets.synthetic import write_stores
from tests.datasets.test_clips import load


def test_positions_by_hand():
    # Four frames, eight samples: sample i at (i + 1/2) / 8 of the clip, frame f at (f + 1/2) / 4.
    expected = [0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3]  # the ends are -0.25 and 3.25
    assert short_positions(4, 8).tolist() == pytest.approx(expected)
    # Two views: u = 1/4 and 3/4.
    assert short_positions(4, 8, view=0, views=2)[1] == pytest.approx(1.25 / 8 * 4 - 0.5)
    assert nearest_frames(np.array([0, 0.25, 0.75, 2.5])).tolist() == [0, 0, 1, 3]
    one = short_positions(1, 5)
    assert one.tolist() == [0] * 5


def test_points_between_frames():
    points = np.zeros((1, 3, 2, 3), np.float32)
    points[0, :, 0] = [[0, 0, 0.4], [1, 2, 0.8], [3, 0, 1]]
    points[0, 1, 1] = [5, 5, 0.9]  # the second joint is seen in the middle frame alone
    found = between_frames(points, np.array([0.25, 1.0, 1.75]))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[0, :, 0], [[0.25, 0.5, 0.5], [1, 2, 0.8], [2.5, 0.5, 0.95]])
    np.testing.assert_allclose(found[0, :, 1], [[0, 0, 0], [5, 5, 0.9], [0, 0, 0]])


def test_stretches():
    places, generator = np.arange(10, 20), np.random.default_rng(0)
    lengths = set()
    for _ in range(300):
        found = stretched_places(places, 0.5, generator)
        lengths.add(len(found))
        assert set(found) <= set(places) and (np.diff(found) >= 0).all()
        if len(found) <= 10:  # a part of the clip, frame by frame
            assert (np.diff(found) == 1).all()
        else:  # all of it, its ends held
            assert set(found) == set(places)
            inner = found[(found > 10) & (found < 19)]
            assert len(inner) == 8
    assert lengths == set(range(5, 16))
    assert stretched_places(np.array([3]), 0.9, generator).tolist()[0] == 3


def numbered(tmp_path):
    """Clips whose coordinates are the number of their frame."""
    clips = load(write_stores(tmp_path))
    clips.points = list(clips.points)
    for number, length in enumerate(clips.lengths):
        frames = np.arange(1, length + 1, dtype=np.float32)[None, :, None, None]
        clips.points[number] = np.broadcast_to(frames, clips.points[number].shape).copy()
    return clips


@pytest.mark.parametrize("training", [False, True])
def test_a_short_clip_keeps_its_order(tmp_path, training):
    clips, number = numbered(tmp_path), 2
    length, count = int(clips.lengths[number]), 32
    given = {"frames": count, "training": training, "seed": 3}
    found = {
        kind: ClipSamples(clips, short_clips=kind, **given)[Key(number, 1)]["skeleton"][0, :, 0, 0]
        for kind in ("loop", "repeat", "interpolate")
    }
    assert (np.diff(found["loop"]) < 0).any()
    for kind in ("repeat", "interpolate"):
        assert (np.diff(found[kind]) >= 0).all() and found[kind].min() >= 1
    assert set(found["repeat"]) == set(range(1, length + 1))
    steps = np.diff(found["interpolate"])
    inner = steps[(found["interpolate"][1:] < length) & (found["interpolate"][:-1] > 1)]
    np.testing.assert_allclose(inner, length / count, atol=1e-4)  # an even pace
    assert abs(found["repeat"] - found["interpolate"]).max() <= 0.5


def test_a_long_clip_is_sampled_as_ever(tmp_path):
    clips = numbered(tmp_path)
    number = int(np.argmax(clips.lengths))
    for kind in ("repeat", "interpolate"):
        one, other = (
            ClipSamples(clips, frames=6, training=True, seed=1, short_clips=short)[Key(number)]
            for short in ("loop", kind)
        )
        assert all(np.array_equal(one[name], other[name]) for name in one)


def test_pictures_of_a_short_clip_go_with_its_frames(tmp_path):
    clips = numbered(tmp_path)

    class Spy:
        def read(self, number, frames):
            self.frames = frames
            return np.zeros((len(frames), 2, 2, 3), np.uint8)

    clips.rgb = Spy()
    samples = ClipSamples(clips, frames=32, rgb_frames=4, short_clips="interpolate")
    drawn = samples[Key(4)]["skeleton"][0, :, 0, 0] - 1
    for part, taken in enumerate(clips.rgb.frames):
        assert np.abs(drawn[part * 8 : (part + 1) * 8] - taken).min() <= 0.5
