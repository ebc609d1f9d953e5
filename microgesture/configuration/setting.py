"""One number of training and prediction: its default, its meaning, what values it may have."""

from typing import Any, NamedTuple

MANY = 10**9  # as a highest value: no limit


class Setting(NamedTuple):
    """default; meaning (one line); choices: allowed values, or (lowest, highest) for numbers.

    changes: what another value can change. "training": the weights; "later_rounds": the weights of
    rounds with pseudo-labels; "prediction": the logits of finished weights; "execution": how long
    it takes and what it holds in memory, no number.
    """

    default: Any
    meaning: str
    choices: tuple | None = None
    changes: str = "training"
