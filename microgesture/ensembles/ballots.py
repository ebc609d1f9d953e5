"""Which members vote, and how often: a greedy selection with replacement over people.

Ensemble selection (Caruana et al., ICML 2004): the vote begins with the best member; then, again
and again, the member is added whose ballot lowers the validation loss most, be it one that has
voted before; a member's weight is its share of the ballots. Two things are this project's own:

- Diversity first: a ballot is tied with the best one where their losses differ by no more than the
  standard error of the difference over people. Among tied ballots that lower the loss, one of a
  member that has none yet is counted first, and of several such that of the member whose guesses
  differ most from the vote's so far: one more different voter before the same once more.
- How many ballots are cast is found by cross-fitting: cast by some people's clips, judged on the
  others'. The number with the lowest loss there counts, then all validation clips cast that many.

A member without a ballot has weight 0.
"""

import logging

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from microgesture.ensembles.cross_fitting import error_of_mean
from microgesture.ensembles.temperature import fit_temperature, softmax

LOGGER = logging.getLogger(__name__)

PER_MEMBER = 4  # ballots that are tried, times the members
LEAST_GAIN = 1e-4  # nats: what is less is the search for the temperature
SMALLEST = 1e-12


class Pool:
    """Sums of ballots and the loss of the vote that they make.

    kind: "soft" (mean of probabilities) or "log_linear" (geometric mean). sharpen: the loss is
    taken behind the one temperature that suits the vote best, as it will have one.
    """

    def __init__(self, kind: str, calibrated: np.ndarray, sharpen: bool):
        """calibrated: (M, N, K), each member's probabilities."""
        values = np.clip(np.asarray(calibrated, dtype=np.float64), SMALLEST, 1)
        self._logs, self._sharpen = kind == "log_linear", sharpen
        self.terms = np.log(values) if self._logs else values

    def logs(self, ballots: list[int]) -> np.ndarray:
        """Log probabilities (N, K) of the vote of these ballots (members' numbers)."""
        mean = self.terms[ballots].mean(axis=0)
        return log_softmax(mean, axis=1) if self._logs else np.log(mean)

    def heat(self, logs: np.ndarray, labels: np.ndarray) -> float:
        """The temperature behind the vote; 1 without `sharpen`."""
        if not self._sharpen:
            return 1.0
        found = minimize_scalar(
            lambda exponent: losses(logs, labels, np.exp(exponent)).mean(),
            bounds=(np.log(0.05), np.log(20)),
            method="bounded",
            options={"xatol": 1e-3},
        )
        return float(np.exp(found.x))


def losses(logs: np.ndarray, labels: np.ndarray, heat: float) -> np.ndarray:
    """(N,) negative log likelihoods of labels (N,) under softmax(logs (N, K) / heat)."""
    return -log_softmax(logs / heat, axis=1)[np.arange(len(labels)), labels]


def cast_ballots(pool: Pool, labels: np.ndarray, groups: np.ndarray, number: int) -> list[int]:
    """The members' numbers in the order in which their ballots are counted.

    labels (N,), groups (N,): the person of every clip.
    """
    members, ballots, reached = range(len(pool.terms)), [], np.inf
    while len(ballots) < number:
        votes = [pool.logs([*ballots, member]) for member in members]
        each = [losses(vote, labels, pool.heat(vote, labels)) for vote in votes]
        means = np.array([loss.mean() for loss in each])
        best = int(means.argmin())
        new = [
            member
            for member in members
            if ballots
            and member not in ballots
            and means[member] < reached - LEAST_GAIN
            and means[member] - means[best] <= error_of_mean(each[member] - each[best], groups)
        ]
        if new:
            guesses = pool.logs(ballots).argmax(axis=1)
            differ = {m: (pool.terms[m].argmax(axis=1) != guesses).mean() for m in new}
            best = min(new, key=lambda member: (-differ[member], means[member]))
        ballots.append(best)
        reached = means[best]
    return ballots


def choose_ballots(
    logits: list[np.ndarray],
    labels: np.ndarray,
    groups: np.ndarray,
    parts: np.ndarray,
    *,
    kind: str,
    calibrate: bool = True,
    sharpen: bool = True,
) -> tuple[list[int], np.ndarray]:
    """(ballots, losses): whose ballots count, and the loss on people left out by their number.

    logits: M times (N, K) of validation clips; labels (N,), groups (N,); parts (N,): from
    `parts_of_people`. The losses (S,) are of 1, 2, ... S ballots, means over the clips.
    """
    most = PER_MEMBER * len(logits)
    held_losses = np.empty((most, len(labels)))
    for part in np.unique(parts):
        rows, held = parts != part, parts == part
        heats = [_heat(values[rows], labels[rows], calibrate) for values in logits]
        pool, apart = (
            Pool(kind, [softmax(z[chosen], t) for z, t in zip(logits, heats)], sharpen)
            for chosen in (rows, held)
        )
        ballots = cast_ballots(pool, labels[rows], groups[rows], most)
        for number in range(1, most + 1):
            heat = pool.heat(pool.logs(ballots[:number]), labels[rows])
            own = losses(apart.logs(ballots[:number]), labels[held], heat)
            held_losses[number - 1, held] = own
    means = held_losses.mean(axis=1)
    heats = [_heat(values, labels, calibrate) for values in logits]
    pool = Pool(kind, [softmax(z, t) for z, t in zip(logits, heats)], sharpen)
    return cast_ballots(pool, labels, groups, int(means.argmin()) + 1), means


def _heat(logits: np.ndarray, labels: np.ndarray, calibrate: bool) -> float:
    return fit_temperature(logits, labels, "").value if calibrate else 1.0
