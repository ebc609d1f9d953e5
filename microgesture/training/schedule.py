"""The learning rate at a step, as a pure function: nothing to save, nothing to go wrong."""

import math


def learning_rate_at(step: int, steps_per_epoch: int, settings: dict, peak: float) -> float:
    """Rate of step 0, 1, ... counted over all epochs.

    Warm-up: linear from peak / warm-up steps to peak within `warmup_epochs`. Then `cosine` falls
    from peak to 0 at the end of `epochs`, `step` falls to a tenth at every epoch in `milestones`,
    `constant` stays.
    """
    warmup = round(settings["warmup_epochs"] * steps_per_epoch)
    if step < warmup:
        return peak * (step + 1) / warmup
    if settings["schedule"] == "cosine":
        total = settings["epochs"] * steps_per_epoch - warmup
        return 0.5 * peak * (1 + math.cos(math.pi * (step - warmup) / max(total, 1)))
    if settings["schedule"] == "step":
        epoch = step // steps_per_epoch
        return peak * 0.1 ** sum(epoch >= milestone for milestone in settings["milestones"])
    return peak


def peak_learning_rate(settings: dict) -> float:
    """The configured rate, scaled by batch_size / base_batch where `base_batch` is given."""
    factor = settings["batch_size"] / settings["base_batch"] if settings["base_batch"] else 1.0
    return settings["learning_rate"] * factor


def describe_learning_rate(settings: dict) -> str:
    """The peak rate for a log, with how it came about where it was scaled."""
    peak = f"learning rate {peak_learning_rate(settings):g}"
    if not settings["base_batch"]:
        return peak
    own, batch, base = (settings[n] for n in ("learning_rate", "batch_size", "base_batch"))
    return f"{peak} (learning_rate {own:g} x batch_size {batch} / base_batch {base})"
