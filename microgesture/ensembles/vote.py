"""The vote: calibrated members, one mixture, a correction for the classes' frequencies, and one
temperature behind it all.

    member m        p_m = softmax(z_m / T_m)                       T_m: lowest validation loss of m
    mixture         v = sum_m w_m p_m, or prod_m p_m ^ w_m         (soft, log_linear)
    decision        u(k) = log v(k) - s log prior(k)               s = prior_correction
    confidence      p = softmax(u / T)                             T: lowest validation loss of u

The decision is the most probable class of p, which T does not change; the confidence is its
probability in p. The correction comes before the temperature, not behind it: dividing the classes'
frequencies out of calibrated probabilities leaves them uncalibrated, and a mixture of calibrated
members is too modest. One number mends both on few validation clips. Without validation clips, or
with `calibrate: false`, every temperature is 1; `vote_temperature: false` leaves out the last one.

The correction takes decisions from common classes to rare ones: it buys mean-class accuracy with
top-1 and some log loss, which no temperature brings back.
"""

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from microgesture.ensembles.log_linear import (
    corrected_for_prior,
    fit_log_linear_weights,
    log_linear_vote,
)
from microgesture.ensembles.soft_vote import soft_vote
from microgesture.ensembles.temperature import (
    Temperature,
    fit_temperature,
    mean_log_loss,
    softmax,
)
from microgesture.ensembles.weights import (
    PRIOR_CLIPS_PER_MEMBER,
    equal_weights,
    given_weights,
    search_weights,
)
from microgesture.provenance.errors import BadInput

LOGGER = logging.getLogger(__name__)

VOTE = "(vote)"  # its row in the table: no modality can be called so


@dataclass(frozen=True)
class Vote:
    """What turns the members' logits into the ensemble's probabilities.

    kind: "soft" | "log_linear"; members: M names; temperatures, weights: float64 (M,);
    prior_correction: power of the training classes' frequencies that the mixture is divided by;
    temperature: behind it.
    """

    kind: str
    members: list[str]
    temperatures: np.ndarray
    weights: np.ndarray
    prior_correction: float = 0.0
    temperature: float = 1.0

    def mixture(self, logits: list[np.ndarray]) -> np.ndarray:
        """The members' mixture v, (N, K) float64, from M logits (N, K)."""
        calibrated = np.stack([softmax(z, heat) for z, heat in zip(logits, self.temperatures)])
        if self.kind == "log_linear":
            return log_linear_vote(calibrated, self.weights)
        return soft_vote(calibrated, self.weights / self.weights.sum())  # the file rounds them

    def decided(self, logits: list[np.ndarray], counts: np.ndarray) -> np.ndarray:
        """exp(u), rows adding up to 1: the mixture corrected for training `counts` (K,)."""
        mixed = self.mixture(logits)
        if not self.prior_correction:
            return mixed
        return corrected_for_prior(mixed, counts, self.prior_correction)

    def probabilities(self, logits: list[np.ndarray], counts: np.ndarray) -> np.ndarray:
        """The ensemble's probabilities p, (N, K) float64."""
        decided = self.decided(logits, counts)
        return decided if self.temperature == 1 else softmax(_logs(decided), self.temperature)


def fit_vote(
    logits: list[np.ndarray],
    labels: np.ndarray,
    counts: np.ndarray,
    members: list[str],
    settings: dict,
    prior_correction: float = 0.0,
) -> tuple[Vote, pd.DataFrame]:
    """Fit everything on validation clips: the vote, and the table of it (`vote_table`).

    logits: M times (n, K) of the validation clips; labels (n,) int; counts (K,) training clips of
    every class; settings: fit_temperatures of the config. Raises BadInput for unknown weights.
    """
    calibrate, kind = settings.get("calibrate", True), settings.get("vote", "soft")
    heats = [fit_temperature(values, labels, name) for values, name in zip(logits, members)]
    if not calibrate:
        heats = [_kept(heat) for heat in heats]
    temperatures = np.array([heat.value for heat in heats])
    calibrated = [softmax(values, heat) for values, heat in zip(logits, temperatures)]
    weights = _weights(calibrated, labels, members, settings)
    vote = Vote(kind, list(members), temperatures, weights, float(prior_correction))
    decided = _logs(vote.decided(logits, counts))
    last = fit_temperature(decided, labels, "the vote")
    if not (calibrate and settings.get("vote_temperature", True)):
        last = _kept(last)
    vote = Vote(kind, list(members), temperatures, weights, float(prior_correction), last.value)
    if len(labels):
        LOGGER.info(
            "validation loss of the vote: %.4f mixed, %.4f with the classes' frequencies divided "
            "out (power %g), %.4f behind its temperature of %.3f",
            mean_log_loss(_logs(vote.mixture(logits)), labels),
            last.nll_before,
            prior_correction,
            last.nll_after,
            last.value,
        )
    return vote, vote_table(vote, [*heats, last], len(labels))


def vote_table(vote: Vote, heats: list[Temperature], validation_clips: int) -> pd.DataFrame:
    """A row a member and one, "(vote)", for what stands behind them.

    heats: the members' temperatures and the vote's. Columns: member, temperature, weight (NaN for
    the vote), prior_correction (NaN for members), nll_before, nll_after (mean validation loss
    without and with the row's temperature), validation_clips, vote (soft | log_linear).
    """
    count = len(vote.members)
    return pd.DataFrame(
        {
            "member": [*vote.members, VOTE],
            "temperature": [heat.value for heat in heats],
            "weight": [*vote.weights, np.nan],
            "prior_correction": [np.nan] * count + [vote.prior_correction],
            "nll_before": [heat.nll_before for heat in heats],
            "nll_after": [heat.nll_after for heat in heats],
            "validation_clips": validation_clips,
            "vote": vote.kind,
        }
    )


def read_vote(path: str | Path, members: list[str] | None = None) -> Vote:
    """The vote of a table that `vote_table` made, its members in the order of `members`.

    Raises BadInput where the table holds other members, or no row of the vote.
    """
    table = pd.read_csv(path, sep="\t", dtype={"member": str}).set_index("member")
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
    )


def _weights(
    calibrated: list[np.ndarray], labels: np.ndarray, members: list[str], settings: dict
) -> np.ndarray:
    weights, prior = settings.get("weights", "equal"), settings.get("prior")
    if weights == "equal":
        return equal_weights(members)
    if weights == "search" and settings.get("vote", "soft") == "log_linear":
        guard = PRIOR_CLIPS_PER_MEMBER * len(members) if prior is None else prior
        return fit_log_linear_weights(np.stack(calibrated), labels, guard)
    if weights == "search":
        return search_weights(np.stack(calibrated), labels, prior)
    if isinstance(weights, dict):
        return given_weights(members, weights)
    raise BadInput(
        f"fit_temperatures: weights: {weights!r} is unknown; write equal, search, or a "
        f"dictionary such as {{{members[0]}: 0.6, ...}}"
    )


def _kept(heat: Temperature) -> Temperature:
    """No temperature: the loss stays what it was."""
    return Temperature(1.0, heat.nll_before, heat.nll_before)


def _logs(probabilities: np.ndarray) -> np.ndarray:
    return np.log(np.clip(probabilities, 1e-300, 1))
