import pytest

from microgesture.configuration.settings import complete_settings
from microgesture.datasets.samples import EpochBatches
from microgesture.training.schedule import learning_rate_at
from microgesture.training.stretching import steps_per_epoch, stretched


def test_without_steps_nothing_changes():
    settings = complete_settings({"epochs": 7, "milestones": [3]})
    assert stretched(settings, 5) is settings


def test_a_recipe_is_stretched_by_hand():
    given = {"epochs": 80, "steps": 1440, "warmup_epochs": 5, "milestones": [40, 60]}
    settings = complete_settings({**given, "validate_every": 2, "schedule": "step"})
    # 18 steps an epoch: 80 epochs, as written. 2 steps: 720 epochs, everything nine times as late.
    assert stretched(settings, 18) == settings
    found = stretched(settings, 2)
    assert found["epochs"] == 720 and found["warmup_epochs"] == 45
    assert found["milestones"] == [360, 540] and found["validate_every"] == 18
    # 1000 steps: 2 epochs; the rate at the same share of the training is the same.
    short = stretched(settings, 1000)
    assert short["epochs"] == 2 and short["validate_every"] == 1
    for share in (0.01, 0.3, 0.55, 0.9):
        one = learning_rate_at(round(share * 1440), 18, settings, 1.0)
        other = learning_rate_at(round(share * 2000), 1000, short, 1.0)
        assert other == pytest.approx(one, rel=0.05)


@pytest.mark.parametrize("clips", [1, 16, 17, 33])
def test_steps_are_the_loaders(clips):
    settings = complete_settings({"batch_size": 16, "repeats": 3})
    assert steps_per_epoch(clips, settings) == len(EpochBatches(range(clips), 16, repeats=3))
