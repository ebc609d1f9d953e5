"""The learning rate at a step, as a pure function: nothing to save, nothing to go wrong."""

import math


def learning_rate_at(step: int, steps_per_epoch: int, settings: dict, peak: float) -> float:
    """Rate of step 0, 1, ... counted over all epochs.

    Warm-up: linear from peak / warm-up steps to peak within `warmup_epochs`. Then `cosine` falls
    from peak to 0 at the end of `epochs`, `step` falls to a tenth at every epoch in `milestones`,
    `constant` stays. With cyclic `snapshots` the cosine falls once in every cycle, the warm-up
    stands before the first.
    """
    warmup = round(settings["warmup_epochs"] * steps_per_epoch)
    if settings["schedule"] == "cosine" and settings["snapshots"]["cyclic"]:
        begin, end = _cycle(step, steps_per_epoch, settings)
        step, warmup = step - begin, 0 if begin else warmup
        settings = {**settings, "epochs": (end - begin) // steps_per_epoch}
    if step < warmup:
        return peak * (step + 1) / warmup
    if settings["schedule"] == "cosine":
        total = settings["epochs"] * steps_per_epoch - warmup
        return 0.5 * peak * (1 + math.cos(math.pi * (step - warmup) / max(total, 1)))
    if settings["schedule"] == "step":
        epoch = step / steps_per_epoch  # a stretched recipe's milestones may lie within one
        return peak * 0.1 ** sum(epoch >= milestone for milestone in settings["milestones"])
    return peak


def _cycle(step: int, steps_per_epoch: int, settings: dict) -> tuple[int, int]:
    """The first step of a step's cycle, and of the next one."""
    ends = cycle_ends(settings["epochs"], settings["snapshots"]["count"])
    borders = [0, *(end * steps_per_epoch for end in ends)]
    begin = max(border for border in borders[:-1] if border <= step)
    return begin, borders[borders.index(begin) + 1]


def cycle_ends(epochs: int, count: int) -> list[int]:
    """The epochs (from 1) after which each of `count` cycles ends; they are as even as may be."""
    return [(number + 1) * epochs // count for number in range(count)]


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
