"""How different the members of a vote are, and what each adds: on validation clips, over people.

Every figure is made apart from the people it stands for: temperatures, weights and stacks are
fitted on some people and score the others (microgesture/ensembles/cross_fitting.py). No test clip
is read.
"""

from itertools import combinations

import numpy as np
import pandas as pd

from microgesture.ensembles.cross_fitting import error_of_mean, predicted_apart
from microgesture.ensembles.fitting import fit_vote
from microgesture.metrics.classification import (
    confusion_counts,
    log_losses,
    mean_class_accuracy,
    predicted_labels,
)


def disagreement_table(
    logits: list[np.ndarray], labels: np.ndarray, members: list[str]
) -> pd.DataFrame:
    """One row a pair of members, on all clips together; shares of the clips.

    logits: M times (N, K); labels (N,). Columns: member, other, clips, disagree (they guess
    different classes), one_right (just one of them is right: what a vote can win), both_wrong,
    same_mistake (both guess the same wrong class: what no vote of the two can mend).
    """
    guesses = [predicted_labels(values) for values in logits]
    rows = []
    for one, other in combinations(range(len(members)), 2):
        right = [guesses[member] == labels for member in (one, other)]
        wrong = ~right[0] & ~right[1]
        same = guesses[one] == guesses[other]
        shares = {
            "disagree": ~same,
            "one_right": right[0] ^ right[1],
            "both_wrong": wrong,
            "same_mistake": wrong & same,
        }
        names = {"member": members[one], "other": members[other], "clips": len(labels)}
        rows.append(names | {name: share.mean() for name, share in shares.items()})
    columns = ["member", "other", "clips", "disagree", "one_right", "both_wrong", "same_mistake"]
    return pd.DataFrame(rows, columns=columns)


class Votes:
    """Votes of some members on people left out. Fitted on M times (N, K) logits with labels (N,),
    people (N,) and their parts (N,); counts (K,): training clips of every class."""

    def __init__(
        self,
        logits: list[np.ndarray],
        labels: np.ndarray,
        groups: np.ndarray,
        parts: np.ndarray,
        counts: np.ndarray,
        members: list[str],
        prior_correction: float,
    ):
        self.logits, self.labels, self.counts = logits, labels, counts
        self.groups, self.parts = groups, parts
        self.members, self.prior_correction = members, prior_correction

    def apart(self, settings: dict, chosen: list[str]) -> np.ndarray:
        """Probabilities (N, K) of the vote of some members, each clip by people other than its own.

        settings: fit_temperatures of the configuration; weights by name are those of the chosen.
        """
        if isinstance(settings.get("weights"), dict):
            given = {name: settings["weights"].get(name, 0.0) for name in chosen}
            if not any(given.values()):
                return np.full(np.shape(self.logits[0]), np.nan)
            settings = {**settings, "weights": given}

        def fit(values, labels, rows):
            people = self.groups[rows]
            if len(set(people)) < 2 and settings.get("weights") in ("cross_fitted", "stacking"):
                return lambda held: np.full(np.shape(held[0]), np.nan)
            vote, _ = fit_vote(
                *(values, labels, self.counts, chosen, settings, self.prior_correction),
                groups=people,
            )
            return lambda held: vote.probabilities(held, self.counts)

        numbers = [self.members.index(name) for name in chosen]
        own = [self.logits[number] for number in numbers]
        return predicted_apart(own, self.labels, self.parts, fit)

    def scores(self, probabilities: np.ndarray) -> dict[str, float]:
        """nll, top1 and mean_class_accuracy; all NaN where a clip has no prediction."""
        if not np.isfinite(probabilities).all():
            return dict.fromkeys(("nll", "top1", "mean_class_accuracy"), float("nan"))
        guesses = predicted_labels(probabilities)
        confusion = confusion_counts(self.labels, guesses, probabilities.shape[1])
        return {
            "nll": float(log_losses(self.labels, probabilities).mean()),
            "top1": float((guesses == self.labels).mean()),
            "mean_class_accuracy": float(mean_class_accuracy(confusion)),
        }

    def gain(self, without: np.ndarray, with_it: np.ndarray) -> tuple[float, float]:
        """(difference, its standard error over people) of the losses: positive, where it helps."""
        if not (np.isfinite(without).all() and np.isfinite(with_it).all()):
            return float("nan"), float("nan")
        lost = log_losses(self.labels, without) - log_losses(self.labels, with_it)
        return float(lost.mean()), error_of_mean(lost, self.groups)


def worth_table(votes: Votes, settings: dict) -> pd.DataFrame:
    """One row a member: its scores alone, those of the vote without it, and what it adds.

    Columns: member, clips, people, nll, top1, mean_class_accuracy (alone), without_nll,
    without_top1, without_mean_class_accuracy (the vote of all others), adds_nll (loss without it
    less loss with it: positive where it helps) with its standard error over people adds_nll_error,
    adds_top1, adds_mean_class_accuracy. NaN where a member is alone in the vote.
    """
    whole = votes.apart(settings, votes.members)
    all_scores = votes.scores(whole)
    rows = []
    for name in votes.members:
        alone = votes.scores(votes.apart({**settings, "weights": "equal"}, [name]))
        others = [other for other in votes.members if other != name]
        without = votes.apart(settings, others) if others else np.full(whole.shape, np.nan)
        left = votes.scores(without)
        difference, error = votes.gain(without, whole)
        row = {"member": name, "clips": len(votes.labels), "people": len(set(votes.groups))}
        row |= alone | {f"without_{metric}": value for metric, value in left.items()}
        row |= {"adds_nll": difference, "adds_nll_error": error}
        for metric in ("top1", "mean_class_accuracy"):
            row[f"adds_{metric}"] = all_scores[metric] - left[metric]
        rows.append(row)
    return pd.DataFrame(rows)


def ways_table(votes: Votes, settings: dict, ways: list) -> pd.DataFrame:
    """One row a way to weigh the members, the configured one first.

    ways: values of fit_temperatures: weights. Columns: weights, configured (yes for the first),
    clips, people, nll, top1, mean_class_accuracy, and better_nll (the configured way's loss less
    this one's: positive where this way is better) with its standard error better_nll_error.
    """
    configured = settings.get("weights", "equal")
    rows, first = [], None
    for way in [configured, *(way for way in ways if way != configured)]:
        found = votes.apart({**settings, "weights": way}, votes.members)
        first = found if first is None else first
        better, error = votes.gain(first, found)
        rows.append(
            {
                "weights": way if isinstance(way, str) else "by name",
                "configured": "yes" if way == configured else "",
                "clips": len(votes.labels),
                "people": len(set(votes.groups)),
                **votes.scores(found),
                "better_nll": better,
                "better_nll_error": error,
            }
        )
    return pd.DataFrame(rows)
