import numpy as np
import pytest

from microgesture.videos.sampling import sample_testing, sample_training, spread_positions


def test_training_takes_one_frame_of_each_segment():
    generator = np.random.default_rng(0)
    drawn = np.array([sample_training(100, 10, generator) for _ in range(500)])
    assert (drawn // 10 == np.arange(10)).all()
    # Every frame of a segment is drawn about equally often.
    assert np.bincount(drawn.ravel(), minlength=100).min() > 25


def test_training_of_a_clip_less_than_twice_as_long():
    generator = np.random.default_rng(0)
    drawn = np.array([sample_training(15, 10, generator) for _ in range(300)])
    gaps = np.diff(drawn, axis=1)
    assert drawn.min() == 0 and drawn.max() == 14
    assert set(gaps.ravel()) == {1, 2}
    assert (sample_training(10, 10, generator) == np.arange(10)).all()


def test_training_loops_a_short_clip():
    generator = np.random.default_rng(0)
    for _ in range(20):
        drawn = sample_training(3, 8, generator)
        assert (np.diff(drawn) % 3 == 1).all()


def test_testing_takes_centres():
    assert sample_testing(40, 4).tolist() == [[5, 15, 25, 35]]
    assert sample_testing(4, 4).tolist() == [[0, 1, 2, 3]]
    assert sample_testing(12, 2, clips=3).tolist() == [[1, 7], [3, 9], [5, 11]]


def test_testing_loops_a_short_clip():
    assert sample_testing(3, 5).tolist() == [[0, 1, 2, 0, 1]]
    assert sample_testing(4, 5, clips=2).tolist() == [[0, 1, 2, 3, 0], [2, 3, 0, 1, 2]]


@pytest.mark.parametrize(("frames", "length", "clips"), [(1, 1, 1), (7, 3, 10), (90, 64, 4)])
def test_testing_stays_in_the_clip(frames, length, clips):
    sampled = sample_testing(frames, length, clips)
    assert sampled.shape == (clips, length)
    assert sampled.min() >= 0 and sampled.max() < frames


def test_motion_draws_more_where_it_moves():
    motion = np.zeros(100)
    motion[40:50] = 2.0
    generator = np.random.default_rng(0)
    drawn = np.array([sample_training(100, 20, generator, motion, 0.5) for _ in range(200)])
    inside = ((drawn >= 40) & (drawn < 50)).mean()
    # Half of the density lies on the ten moving frames, and a tenth of the other half.
    assert inside == pytest.approx(0.55, abs=0.02)
    assert (np.diff(drawn, axis=1) >= 0).all()


def test_a_clip_that_does_not_move_is_sampled_uniformly():
    generator = np.random.default_rng(0)
    drawn = sample_training(100, 10, generator, np.zeros(100), 1.0)
    assert (drawn // 10 == np.arange(10)).all()


def test_wrong_arguments():
    generator = np.random.default_rng(0)
    with pytest.raises(ValueError, match="one value per frame"):
        sample_training(10, 4, generator, np.zeros(9))
    with pytest.raises(ValueError, match="at least one frame"):
        sample_training(0, 4, generator)
    with pytest.raises(ValueError, match="clips"):
        sample_testing(10, 4, 0)


def test_spread_positions():
    assert spread_positions(5, 8).tolist() == [0, 1, 2, 3, 4]
    assert spread_positions(8, 4).tolist() == [1, 3, 5, 7]
    assert len(set(spread_positions(101, 32).tolist())) == 32
