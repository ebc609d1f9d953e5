"""The vote: calibrated members, one mixture, a correction for the classes' frequencies, and one
temperature behind it all.

    member m        p_m = softmax(z_m / T_m)                       T_m: lowest validation loss of m
    mixture         v = sum_m w_m p_m, or prod_m p_m ^ w_m         (soft, log_linear)
                    or a regression on all of them                 (stacking)
    decision        u(k) = log v(k) - s log prior(k)               s = prior_correction
    confidence      p = softmax(u / T)                             T: lowest validation loss of u

The decision is the most probable class of p, which T does not change; the confidence is its
probability in p. The correction comes before the temperature, not behind it: dividing the classes'
frequencies out of calibrated probabilities leaves them uncalibrated, and a mixture of calibrated
members is too modest. One number mends both on few validation clips. Without validation clips, or
with `calibrate: false`, every temperature is 1; `vote_temperature: false` leaves out the last one.

The correction takes decisions from common classes to rare ones: it buys mean-class accuracy with
top-1 and some log loss, which no temperature brings back.

How weights and temperatures are found: microgesture/ensembles/fitting.py.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from microgesture.ensembles.log_linear import corrected_for_prior, log_linear_vote
from microgesture.ensembles.soft_vote import soft_vote
from microgesture.ensembles.stack import COEFFICIENTS, Stack, read_stack
from microgesture.ensembles.temperature import softmax
from microgesture.provenance.errors import BadInput

VOTE = "(vote)"  # its row in the table: no modality can be called so
KINDS = ("soft", "log_linear", "stacking")


@dataclass(frozen=True)
class Vote:
    """What turns the members' logits into the ensemble's probabilities.

    kind: one of `KINDS`; members: M names; temperatures, weights: float64 (M,); prior_correction:
    power of the training classes' frequencies that the mixture is divided by; temperature: behind
    it; stack: of the kind "stacking" alone, which reads no weight.
    """

    kind: str
    members: list[str]
    temperatures: np.ndarray
    weights: np.ndarray
    prior_correction: float = 0.0
    temperature: float = 1.0
    stack: Stack | None = None

    def mixture(self, logits: list[np.ndarray]) -> np.ndarray:
        """The members' mixture v, (N, K) float64, from M logits (N, K)."""
        calibrated = np.stack([softmax(z, heat) for z, heat in zip(logits, self.temperatures)])
        if self.stack is not None:
            return self.stack.probabilities(calibrated)
        if self.kind == "log_linear":
            return log_linear_vote(calibrated, self.weights)
        return soft_vote(calibrated, self.weights / self.weights.sum())  # the file rounds them

    def decided(self, logits: list[np.ndarray], counts: np.ndarray) -> np.ndarray:
        """exp(u), rows adding up to 1: the mixture corrected for training `counts` (K,)."""
        return self.corrected(self.mixture(logits), counts)

    def corrected(self, mixed: np.ndarray, counts: np.ndarray) -> np.ndarray:
        """A mixture (N, K) with the classes' frequencies divided out."""
        if not self.prior_correction:
            return mixed
        return corrected_for_prior(mixed, counts, self.prior_correction)

    def probabilities(self, logits: list[np.ndarray], counts: np.ndarray) -> np.ndarray:
        """The ensemble's probabilities p, (N, K) float64."""
        decided = self.decided(logits, counts)
        if self.temperature == 1:
            return decided
        return softmax(log_probabilities(decided), self.temperature)


def read_vote(path: str | Path, members: list[str] | None = None) -> Vote:
    """The vote of a table that fit_temperatures made, its members in the order of `members`.

    Raises BadInput where the table holds other members, or no row of the vote.
    """
    types = {"member": str, COEFFICIENTS: str}
    table = pd.read_csv(path, sep="\t", dtype=types).set_index("member")
    if VOTE not in table.index:
        raise BadInput(f"{path}: has no row {VOTE}; run fit_temperatures again")
    own, table = table.loc[VOTE], table.drop(index=VOTE)
    members = list(table.index) if members is None else list(members)
    if sorted(table.index) != sorted(members):
        raise BadInput(
            f"{path}: holds the members {', '.join(table.index)}, the config names "
            f"{', '.join(members)}; run fit_temperatures again"
        )
    return Vote(
        str(own["vote"]),
        members,
        table["temperature"][members].to_numpy(float),
        table["weight"][members].to_numpy(float),
        float(own["prior_correction"]),
        float(own["temperature"]),
        _stack_of(path, table, own, members) if own["vote"] == "stacking" else None,
    )


def _stack_of(path: str | Path, table: pd.DataFrame, own: pd.Series, members: list[str]) -> Stack:
    cells = [own.get(COEFFICIENTS), *table.get(COEFFICIENTS, pd.Series()).reindex(members)]
    try:
        return read_stack(*cells)
    except (ValueError, AttributeError) as error:
        raise BadInput(f"{path}: {COEFFICIENTS}: {error}; run fit_temperatures again") from error


def log_probabilities(probabilities: np.ndarray) -> np.ndarray:
    """Logarithms, of a 0 that of the smallest float."""
    return np.log(np.clip(probabilities, 1e-300, 1))
