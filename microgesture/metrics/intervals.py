"""How far would a score move with other people? Intervals that cover with a handful of them, too.

Clips of one person resemble each other, so clips are no independent draws: people are (videos where
nobody is known; "groups" here). The variance of a score is the jackknife's over groups, each left
out once (Tukey 1958; Miller 1974), and the interval takes Student's t with G - 1 degrees of freedom
instead of the normal quantile. The percentile bootstrap over people, which stood here first, covers
82 to 89 % instead of 95 % with five or eight people (docs/intervals.md has the simulation).

A share lies between 0 and 1, and its variance shrinks towards both ends. As in Wilson's interval
(1927) the bounds are the values x that lie t standard errors from the score if the variance grows
with x (1 - x):

    (score - x)^2 = t^2 * c * x (1 - x),   c = jackknife variance / (score (1 - score)).

Where that ratio has no value (all right, all wrong, or all groups alike by chance) c = 1 / clips,
as for independent clips.
"""

import numpy as np
from scipy import stats

from microgesture.metrics.sums import Metric, Sums, score

LEVEL = 0.95


def left_out_scores(sums: Sums, metric: Metric) -> np.ndarray:
    """The metric without each group in turn, (G,) float64."""
    return metric(sums.without_each())


def jackknife_variance(left_out: np.ndarray) -> float:
    """Variance of a score from the scores without each group, (G,)."""
    groups = len(left_out)
    return float((groups - 1) / groups * ((left_out - left_out.mean()) ** 2).sum())


def interval(sums: Sums, metric: Metric, level: float = LEVEL) -> tuple[float, float]:
    """Interval of a share (top-1, macro-F1, ...) over groups; (NaN, NaN) with fewer than two."""
    sums = sums.of_groups(sums.clips > 0)
    groups, value = len(sums.clips), score(sums, metric)
    if groups < 2 or not np.isfinite(value):
        return float("nan"), float("nan")
    variance = jackknife_variance(left_out_scores(sums, metric))
    return bounds_of_share(value, variance, int(sums.clips.sum()), groups - 1, level)


def bounds_of_share(
    value: float, variance: float, clips: int, freedom: float, level: float = LEVEL
) -> tuple[float, float]:
    """(low, high) in [0, 1] of a share with a variance on `freedom` degrees of freedom."""
    quantile = stats.t.ppf((1 + level) / 2, freedom)
    room = value * (1 - value)
    ratio = variance / room if room > 0 and variance > 0 else 1 / clips
    spread = quantile**2 * ratio
    middle = value + spread / 2
    reach = np.sqrt(spread * max(room, 0.0) + spread**2 / 4)
    low, high = (middle - reach) / (1 + spread), (middle + reach) / (1 + spread)
    return float(max(low, 0.0)), float(min(high, 1.0))


def paired_difference(
    first: Sums, second: Sums, metric: Metric, level: float = LEVEL
) -> tuple[float, float, float]:
    """(difference, low, high) of metric(first) - metric(second), over the same groups.

    Both must come from the same clips and groups. What the systems share (hard subjects, easy
    subjects) cancels, so this interval is much narrower than two single ones suggest. The bounds
    are NaN with one group, and where all groups differ by the very same amount (other than 0).
    """
    difference, low, high, _ = difference_over_seeds([first], [second], metric, level)
    return difference, low, high


def difference_over_seeds(
    own: list[Sums], other: list[Sums], metric: Metric, level: float = LEVEL
) -> tuple[float, float, float, float]:
    """(difference, low, high, p): mean over seeds of metric(own) - metric(other).

    own, other: one entry a seed, all on the same clips and groups. Both levels could have been
    others, the people and the seeds, and every person meets every seed (crossed levels): the
    variance is the people's (jackknife of the mean over seeds) plus what the seeds add to it, their
    variance / number less the share of it that people and seeds make together and that the
    people's variance holds already; on Satterthwaite's (1946) degrees of freedom. With one seed it
    is the people's alone. p: two-sided, of no difference. NaN as in `paired_difference`; equal
    systems have the interval (0, 0) and p = 1.
    """
    for mine, theirs in zip(own, other, strict=True):
        if not np.array_equal(mine.clips, theirs.clips):
            raise ValueError("the two systems were not scored on the same clips and groups")
    by_seed = np.array([score(m, metric) - score(t, metric) for m, t in zip(own, other)])
    groups, value = len(own[0].clips), float(by_seed.mean())
    if groups < 2 or not np.isfinite(value):
        return value, float("nan"), float("nan"), float("nan")
    left_out = np.array(
        [left_out_scores(m, metric) - left_out_scores(t, metric) for m, t in zip(own, other)]
    )
    variance, freedom = crossed_variance(left_out, by_seed)
    if variance < 1e-24:
        same = abs(value) < 1e-12
        return (value, 0.0, 0.0, 1.0) if same else (value, *[float("nan")] * 3)
    error = np.sqrt(variance)
    reach = stats.t.ppf((1 + level) / 2, freedom) * error
    p = 2 * stats.t.sf(abs(value) / error, freedom)
    return value, max(value - reach, -1.0), min(value + reach, 1.0), float(p)


def crossed_variance(left_out: np.ndarray, by_seed: np.ndarray) -> tuple[float, float]:
    """(variance of a mean over seeds, its degrees of freedom) where people meet every seed.

    left_out (S, G): the value of every seed without each group; by_seed (S,): with all. G >= 2.
    """
    (seeds, groups), of_seeds, shared = left_out.shape, 0.0, 0.0
    of_people = jackknife_variance(left_out.mean(axis=0))
    if seeds > 1:
        together = left_out - left_out.mean(axis=0)
        shared = float(np.mean([jackknife_variance(row) for row in together])) / (seeds - 1)
        of_seeds = max(float(by_seed.var(ddof=1)) / seeds - shared, 0.0)
    variance = of_people + of_seeds
    if variance > shared:
        freedom = variance**2 / (of_people**2 / (groups - 1) + of_seeds**2 / max(seeds - 1, 1))
        return variance, freedom
    # Both levels cancel by chance: no less than what they make together.
    return shared, (groups - 1) * (seeds - 1)


def share_over_seeds(own: list[Sums], metric: Metric) -> tuple[float, float, float]:
    """(mean over seeds, low, high) of a share, for other people and other seeds.

    own: one entry a seed, on the same clips and groups. The variance is that of
    `difference_over_seeds`, the bounds are those of `interval`; NaN with fewer than two groups.
    """
    by_seed = np.array([score(sums, metric) for sums in own])
    value, groups = float(by_seed.mean()), len(own[0].clips)
    if groups < 2 or not np.isfinite(value):
        return value, float("nan"), float("nan")
    left_out = np.array([left_out_scores(sums, metric) for sums in own])
    variance, freedom = crossed_variance(left_out, by_seed)
    clips = int(own[0].clips.sum())
    return value, *bounds_of_share(value, variance, clips, max(freedom, 1))


def holm(p: np.ndarray) -> np.ndarray:
    """p values of several comparisons, adjusted so that they hold together (Holm 1979).

    p (M,) -> (M,): the smallest times M, the next times M - 1, ..., never falling, at most 1. NaN
    stays NaN and does not count.
    """
    p = np.asarray(p, dtype=np.float64)
    adjusted = np.full(p.shape, np.nan)
    known = np.flatnonzero(np.isfinite(p))
    order = known[np.argsort(p[known], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * factors), 1.0)
    return adjusted
