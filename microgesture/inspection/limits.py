"""From which values on the inspection speaks up: all of them config values."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """few_clips: training clips below which a class is hard to learn. long_clip: times the median
    length. short_clip: frames. absent: share of a video's frames without a person. hands: share of
    frames with a person in which at least one hand is found. outside: share in which a wrist lies
    out of the picture. small_hand: pixels, diagonal of a hand. small_person: share of the picture's
    height, diagonal of the body. uncertain: mean score of the body. rates: how far two frame rates
    may lie apart, as a share. dark, bright: mean levels (0 to 255). flat: standard deviation of the
    levels. shaky: share of neighbouring frames between which the whole picture moves. frozen: share
    of neighbouring frames with a person between which no pixel changes.
    """

    few_clips: int = 5
    long_clip: float = 10.0
    short_clip: int = 3
    absent: float = 0.2
    hands: float = 0.5
    outside: float = 0.3
    small_hand: float = 10.0
    small_person: float = 0.3
    uncertain: float = 0.4
    rates: float = 0.05
    dark: float = 40.0
    bright: float = 225.0
    flat: float = 12.0
    shaky: float = 0.1
    frozen: float = 0.3
