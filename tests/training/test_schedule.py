import math

import pytest

from microgesture.configuration.settings import complete_settings
from microgesture.training.schedule import (
    describe_learning_rate,
    learning_rate_at,
    peak_learning_rate,
)


def rates(steps_per_epoch=10, **given):
    settings = complete_settings(given)
    total = settings["epochs"] * steps_per_epoch
    return [learning_rate_at(step, steps_per_epoch, settings, 1.0) for step in range(total)]


def test_cosine_after_warm_up():
    found = rates(epochs=5, warmup_epochs=1)
    assert found[:10] == pytest.approx([(step + 1) / 10 for step in range(10)])
    assert found[10] == 1.0
    assert found[30] == pytest.approx(0.5)  # half of the 40 steps after the warm-up
    assert found[-1] == pytest.approx(0.5 * (1 + math.cos(math.pi * 39 / 40)))


def test_steps_and_constant():
    found = rates(epochs=4, schedule="step", milestones=[1, 3])
    assert [found[10 * epoch] for epoch in range(4)] == pytest.approx([1, 0.1, 0.1, 0.01])
    assert set(rates(epochs=2, schedule="constant")) == {1.0}


def test_rate_follows_the_batch_when_asked():
    given = {"learning_rate": 0.1, "batch_size": 32}
    assert peak_learning_rate(complete_settings(given)) == 0.1
    assert describe_learning_rate(complete_settings(given)) == "learning rate 0.1"
    scaled = complete_settings({**given, "base_batch": 128})
    assert peak_learning_rate(scaled) == 0.025
    words = "learning rate 0.025 (learning_rate 0.1 x batch_size 32 / base_batch 128)"
    assert describe_learning_rate(scaled) == words
