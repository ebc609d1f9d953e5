"""How often do the intervals of the scores hold the true value? The table of docs/intervals.md.

    python bench/coverage.py

Test sets of few people are drawn from a known population, whose score is worked out on 20,000
people; every interval ought to hold it in 95 % of the sets.

- Scores: ten classes with a long tail (each has three quarters of the clips of the one before), 10
  to 34 clips a person, right with a chance that depends on the class and the person (logit: person
  0.6); a wrong clip goes to a neighbouring class.
- Differences between two equally good systems over seeds: the clips are common to both; what each
  makes of a person (logit 0.2), of a seed, and of a person in a seed (0.2) is not.
"""

import sys
from functools import cache
from pathlib import Path

import numpy as np
from scipy.special import expit

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from microgesture.metrics.intervals import difference_over_seeds, interval  # noqa: E402
from microgesture.metrics.sums import METRICS, Sums, collect_sums  # noqa: E402

CLASSES = 10
SCORES = ("top1", "macro_f1", "mean_class_accuracy")
EASE = np.linspace(1.2, -0.3, CLASSES)  # logit of being right, by class
POPULATION = 20_000


def draw_people(
    people: int, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """labels (N,), predictions (N,), person (N,) of one test set."""
    shares = 0.75 ** np.arange(CLASSES) * generator.gamma(4, 1 / 4, (people, CLASSES))
    edges = np.cumsum(shares / shares.sum(axis=1, keepdims=True), axis=1)
    person = np.repeat(np.arange(people), generator.integers(10, 35, people))
    labels = (generator.random(len(person))[:, None] > edges[person, :-1]).sum(axis=1)
    skill = generator.normal(0, 0.6, people)[person]
    right = generator.random(len(person)) < expit(EASE[labels] + skill)
    away = generator.choice([1, 2, CLASSES - 1], len(person))
    return labels, np.where(right, labels, (labels + away) % CLASSES), person


def sums_of(labels: np.ndarray, predictions: np.ndarray, person: np.ndarray) -> Sums:
    """The sums of hard predictions."""
    return collect_sums(labels, 0.9 * np.eye(CLASSES)[predictions] + 0.01, person)


@cache
def true_scores(seed: int = 99) -> dict[str, float]:
    """The population's scores."""
    labels, predictions, person = draw_people(POPULATION, np.random.default_rng(seed))
    sums = sums_of(labels, predictions, np.zeros(len(person)))
    return {name: float(METRICS[name](sums)[0]) for name in SCORES}


def percentile_interval(sums: Sums, metric, resamples: int = 400) -> tuple[float, float]:
    """The percentile bootstrap over people, for comparison."""
    groups = len(sums.clips)
    draws = np.random.default_rng(0).multinomial(groups, np.full(groups, 1 / groups), resamples)
    return tuple(np.nanquantile(metric(sums.weighted(draws.astype(float))), [0.025, 0.975]))


def coverage_of_scores(people: int, sets: int, method=interval, seed: int = 0) -> dict[str, float]:
    """Share of test sets whose interval holds the population's score, by metric."""
    generator, truth = np.random.default_rng(seed), true_scores()
    held = dict.fromkeys(SCORES, 0)
    for _ in range(sets):
        sums = sums_of(*draw_people(people, generator))
        for name in SCORES:
            low, high = method(sums, METRICS[name])
            held[name] += low <= truth[name] <= high
    return {name: count / sets for name, count in held.items()}


def draw_two_systems(
    people: int, seeds: int, seed_effect: float, generator: np.random.Generator
) -> tuple[list[Sums], list[Sums]]:
    """Two systems over seeds on the same clips: sums of right (class 0) and wrong answers."""
    person = np.repeat(np.arange(people), generator.integers(10, 35, people))
    skill = generator.normal(0, 0.6, people)[person] + 0.7 * generator.logistic(size=len(person))
    systems = []
    for _ in range(2):
        own = skill + 0.7 + generator.normal(0, 0.2, people)[person]
        runs = []
        for _ in range(seeds):
            noise = generator.normal(0, seed_effect) + generator.normal(0, 0.2, people)[person]
            right = own + noise + 0.5 * generator.logistic(size=len(person)) > 0
            values = np.where(right[:, None], [[0.9, 0.1]], [[0.1, 0.9]])
            runs.append(collect_sums(np.zeros(len(person), int), values, person))
        systems.append(runs)
    return systems[0], systems[1]


def coverage_of_differences(
    people: int, seeds: int, seed_effect: float, sets: int, of_people_only: bool = False
) -> float:
    """Share of test sets whose interval holds the true difference over people and seeds: none.

    of_people_only: a percentile bootstrap over people of the mean over seeds, for comparison.
    """
    metric, generator, held = METRICS["top1"], np.random.default_rng(1), 0
    for _ in range(sets):
        own, other = draw_two_systems(people, seeds, seed_effect, generator)
        if of_people_only:
            draws = np.random.default_rng(0).multinomial(people, np.full(people, 1 / people), 400)
            drawn = [[metric(s.weighted(draws.astype(float))) for s in one] for one in (own, other)]
            gaps = np.mean(drawn[0], axis=0) - np.mean(drawn[1], axis=0)
            low, high = np.quantile(gaps, [0.025, 0.975])
        else:
            _, low, high, _ = difference_over_seeds(own, other, metric)
        held += low <= 0 <= high
    return held / sets


def main() -> None:
    """Print both tables as Markdown."""
    print("| people | interval | top-1 | macro-F1 | mean-class accuracy |\n" + "| --- " * 5 + "|")
    for people in (3, 5, 8, 12, 36):
        for name, method in (("this", interval), ("percentile bootstrap", percentile_interval)):
            found = coverage_of_scores(people, 2000, method)
            print(f"| {people} | {name} | " + " | ".join(f"{v:.3f}" for v in found.values()) + " |")
    print("\n| people | seeds | seed effect (logit) | this | bootstrap over people |")
    print("| --- " * 5 + "|")
    for effect in (0.0, 0.08, 0.15, 0.4):
        for people, seeds in ((5, 3), (8, 3), (36, 3), (8, 5)):
            cells = [coverage_of_differences(people, seeds, effect, 1000, o) for o in (False, True)]
            print(f"| {people} | {seeds} | {effect} | {cells[0]:.3f} | {cells[1]:.3f} |")


if __name__ == "__main__":
    main()
