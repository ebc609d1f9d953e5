import time

import numpy as np
import pytest
import torch

from microgesture.segments.temporal_network import (
    TemporalNetwork,
    TemporalSettings,
    count_parameters,
    spread,
    temporal_probabilities,
    thinned,
    thinned_labels,
    train_temporal_network,
)

QUICK = TemporalSettings(width=16, layers=4, every=2, epochs=12, learning_rate=0.01, dropout=0.1)


def videos(count, seed, frames=240):
    """Inputs that say little in a frame and much in a dozen: (T, 3) noise on one-hot classes."""
    generator = np.random.default_rng(seed)
    inputs, labels = [], []
    for _ in range(count):
        own = np.full(frames, 2)
        for start in range(10, frames - 30, 45):
            own[start : start + int(generator.integers(12, 22))] = generator.integers(0, 2)
        inputs.append(np.eye(3)[own] + generator.normal(0, 1.0, (frames, 3)))
        labels.append(own)
    return inputs, labels


def test_blocks_and_back():
    values = np.arange(10.0).reshape(5, 2)
    np.testing.assert_allclose(thinned(values, 2), [[1, 2], [5, 6], [8, 9]])
    assert thinned_labels([7, 8, 9, 5, 6], 2).tolist() == [7, 9, 6]
    assert thinned_labels([7, 8, 9, 5, 6, 4], 3).tolist() == [8, 6]
    # Blocks of 2, 2 and 1 frames have their middles at 0.5, 2.5 and 4.
    found = spread(np.array([[0.0], [4.0], [7.0]]), 2, 5)[:, 0]
    np.testing.assert_allclose(found, [0, 1, 3, 5, 7])


def test_context_makes_sense_of_noise_and_the_seed_decides():
    network = train_temporal_network(*videos(6, 0), 2, QUICK, seed=3)
    inputs, labels = videos(3, 1)
    found = [temporal_probabilities(network, x) for x in inputs]
    assert all(np.allclose(p.sum(axis=1), 1) and p.shape == (240, 3) for p in found)
    right = np.mean([(p.argmax(axis=1) == y).mean() for p, y in zip(found, labels)])
    alone = np.mean([(x.argmax(axis=1) == y).mean() for x, y in zip(inputs, labels)])
    assert alone < 0.7 and right > 0.85
    before = torch.random.get_rng_state()
    again = train_temporal_network(*videos(6, 0), 2, QUICK, seed=3)
    assert torch.equal(torch.random.get_rng_state(), before)
    np.testing.assert_array_equal(temporal_probabilities(again, inputs[0]), found[0])
    other = train_temporal_network(*videos(6, 0), 2, QUICK, seed=4)
    assert not np.allclose(temporal_probabilities(other, inputs[0]), found[0])


def test_validation_keeps_the_best_weights():
    inputs, labels = videos(2, 0, frames=120)
    long = TemporalSettings(
        width=32, layers=4, every=1, epochs=30, learning_rate=0.01, dropout=0, noise=0
    )
    held = videos(3, 5)

    def loss(network):
        found = [temporal_probabilities(network, x)[np.arange(240), y] for x, y in zip(*held)]
        return -np.log(np.concatenate(found)).mean()

    last = train_temporal_network(inputs, labels, 2, long)
    best = train_temporal_network(inputs, labels, 2, long, validation=held)
    assert loss(best) < loss(last)


def test_unknown_frames_are_left_out():
    inputs, labels = videos(4, 0)
    lies = [np.r_[y, np.zeros(60, int)] for y in labels]
    more = [np.concatenate([x, np.full((60, 3), 5.0)]) for x in inputs]
    masked = [np.r_[y, np.full(60, -1)] for y in labels]
    few = TemporalSettings(width=8, layers=2, epochs=15, every=2, learning_rate=0.02)
    believed = temporal_probabilities(train_temporal_network(more, lies, 2, few), more[0])
    unknown = temporal_probabilities(train_temporal_network(more, masked, 2, few), more[0])
    assert believed[-20:, 0].mean() > unknown[-20:, 0].mean() + 0.2
    with pytest.raises(ValueError, match="frames whose class is known"):
        train_temporal_network(inputs, [np.full(240, -1)] * 4, 2, few)


def test_the_default_is_small_and_quick_at_the_demos_size():
    network = TemporalNetwork(200, 11, TemporalSettings())
    assert count_parameters(network) < 300_000
    generator = np.random.default_rng(0)
    inputs = [generator.normal(size=(900, 200)) for _ in range(12)]  # the demo: a minute at 15 fps
    labels = [generator.integers(0, 11, 900) for _ in range(12)]
    begin = time.process_time()
    train_temporal_network(inputs, labels, 10, TemporalSettings(epochs=2))
    assert (time.process_time() - begin) * TemporalSettings().epochs / 2 < 60
