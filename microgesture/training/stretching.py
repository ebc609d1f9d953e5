"""Steps instead of epochs: a recipe that lasts equally long on a small set and on a large one.

An epoch of 20 clips is two steps, one of 13,000 is a thousand: eighty epochs are too few there and
too many here. With `steps` the number of epochs follows from the number of clips.
"""

import math


def stretched(settings: dict, steps_per_epoch: int) -> dict:
    """The settings with as many epochs as make `steps` steps, the last one whole.

    Everything that is counted in epochs keeps its place in the training: warm-up, milestones, the
    looks at the validation clips. With `steps: 0` the settings are as they were.
    """
    if not settings["steps"]:
        return settings
    epochs = max(1, math.ceil(settings["steps"] / steps_per_epoch))
    factor = epochs / settings["epochs"]
    return {
        **settings,
        "epochs": epochs,
        "warmup_epochs": settings["warmup_epochs"] * factor,
        "milestones": [milestone * factor for milestone in settings["milestones"]],
        "validate_every": max(1, round(settings["validate_every"] * factor)),
    }


def steps_per_epoch(clips: int, settings: dict) -> int:
    """Steps of an epoch of so many clips; a last batch that is smaller counts unless dropped."""
    samples, size = clips * settings["repeats"], settings["batch_size"]
    return samples // size if settings["last_batch"] == "dropped" else -(-samples // size)
