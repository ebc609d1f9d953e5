"""The constant rate behind a row of time stamps, where there is one."""

from collections.abc import Iterable
from fractions import Fraction

import numpy as np

_COMMON = (5, 10, 12, Fraction(25, 2), 15, 20, 24, 25, 30, 48, 50, 60, 90, 100, 120, 200, 240)
COMMON_RATES = tuple(Fraction(rate) for rate in _COMMON) + tuple(
    Fraction(rate * 1000, 1001) for rate in (15, 24, 30, 48, 60, 120, 240)
)


def constant_rate(
    stamps: np.ndarray, unit: Fraction, candidates: Iterable[Fraction]
) -> Fraction | None:
    """The rate at which every frame follows the one before, None where the time between varies.

    stamps: int64 (T,) in `unit` seconds. A stamp may be rounded to the unit, up or down.
    """
    for rate in candidates:
        places = grid_places(stamps, unit, rate)
        if places is not None and (np.diff(places) == 1).all():
            return rate
    return None


def gapped_rate(
    stamps: np.ndarray, unit: Fraction, candidates: Iterable[Fraction]
) -> Fraction | None:
    """The rate of a video that is constant but for missing frames; None where it is not.

    Nine of ten frames follow directly on the one before, the others whole frames later.
    """
    for rate in candidates:
        places = grid_places(stamps, unit, rate)
        if places is not None and len(places) > 1:
            steps = np.diff(places)
            if (steps >= 1).all() and (steps == 1).mean() >= 0.9:
                return rate
    return None


def grid_places(stamps: np.ndarray, unit: Fraction, rate: Fraction) -> np.ndarray | None:
    """int64 (T,) places of the frames on a grid of `rate`, from the first; None: not on a grid."""
    step = float(1 / (rate * unit))
    if step < 1:
        return None
    ticks = (stamps - stamps[0]).astype(np.float64)
    places = np.rint(ticks / step)
    # Both the stamp and the first one may be rounded by half a unit or cut by a whole one.
    return places.astype(np.int64) if np.abs(ticks - places * step).max() <= 1.01 else None
