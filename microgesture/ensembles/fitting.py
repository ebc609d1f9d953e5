"""Fit a vote on validation clips: temperatures, weights, and what stands behind them.

weights: equal; search (lowest validation loss, drawn towards equal); given by name; cross_fitted
(whose ballots count and how many, over people left out: microgesture/ensembles/ballots.py);
stacking (a regression in place of weights: microgesture/ensembles/stacking.py).
"""

import logging
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from microgesture.ensembles.ballots import choose_ballots
from microgesture.ensembles.cross_fitting import parts_of_people, predicted_apart
from microgesture.ensembles.log_linear import fit_log_linear_weights
from microgesture.ensembles.stack import COEFFICIENTS, Stack, stack_cells
from microgesture.ensembles.stacking import STRENGTHS, fit_stack
from microgesture.ensembles.temperature import (
    Temperature,
    fit_temperature,
    mean_log_loss,
    softmax,
)
from microgesture.ensembles.vote import VOTE, Vote, log_probabilities
from microgesture.ensembles.weights import (
    PRIOR_CLIPS_PER_MEMBER,
    equal_weights,
    given_weights,
    search_weights,
)
from microgesture.provenance.errors import BadInput

LOGGER = logging.getLogger(__name__)

OVER_PEOPLE = ("cross_fitted", "stacking")  # weights that need to know who is in which clip


def fit_vote(
    logits: list[np.ndarray],
    labels: np.ndarray,
    counts: np.ndarray,
    members: list[str],
    settings: dict,
    prior_correction: float = 0.0,
    groups: np.ndarray | None = None,
) -> tuple[Vote, pd.DataFrame]:
    """Fit everything on validation clips: the vote, and the table of it (`vote_table`).

    logits: M times (n, K) of the validation clips; labels (n,) int; counts (K,) training clips of
    every class; settings: fit_temperatures of the config; groups (n,): the person of every clip,
    which the weights cross_fitted and stacking ask for. Raises BadInput for unknown weights, and
    for those with clips of one person alone.
    """
    calibrate = settings.get("calibrate", True)
    heats = [fit_temperature(values, labels, name) for values, name in zip(logits, members)]
    if not calibrate:
        heats = [_kept(heat) for heat in heats]
    temperatures = np.array([heat.value for heat in heats])
    calibrated = [softmax(values, heat) for values, heat in zip(logits, temperatures)]
    weights = _weights(logits, calibrated, labels, members, settings, groups)
    kind = settings.get("vote", "soft")
    vote = Vote(kind, list(members), temperatures, weights, float(prior_correction))
    if settings.get("weights") == "stacking":
        vote, decided = _stacked(vote, logits, calibrated, labels, counts, groups, calibrate)
    else:
        decided = log_probabilities(vote.decided(logits, counts))
    last = fit_temperature(decided, labels, "the vote")
    if not (calibrate and settings.get("vote_temperature", True)):
        last = _kept(last)
    vote = replace(vote, temperature=last.value)
    if len(labels):
        LOGGER.info(
            "validation loss of the vote: %.4f mixed, %.4f with the classes' frequencies divided "
            "out (power %g), %.4f behind its temperature of %.3f",
            mean_log_loss(log_probabilities(vote.mixture(logits)), labels),
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
    without and with the row's temperature; of a stack on people left out), validation_clips, vote
    (soft | log_linear | stacking); of a stack also coefficients (`stack_cells`).
    """
    count = len(vote.members)
    columns = {
        "member": [*vote.members, VOTE],
        "temperature": [heat.value for heat in heats],
        "weight": [*vote.weights, np.nan],
        "prior_correction": [np.nan] * count + [vote.prior_correction],
        "nll_before": [heat.nll_before for heat in heats],
        "nll_after": [heat.nll_after for heat in heats],
        "validation_clips": validation_clips,
        "vote": vote.kind,
    }
    if vote.stack is not None:
        columns[COEFFICIENTS] = stack_cells(vote.stack)
    return pd.DataFrame(columns)


def _weights(
    logits: list[np.ndarray],
    calibrated: list[np.ndarray],
    labels: np.ndarray,
    members: list[str],
    settings: dict,
    groups: np.ndarray | None,
) -> np.ndarray:
    weights, prior = settings.get("weights", "equal"), settings.get("prior")
    kind = settings.get("vote", "soft")
    if weights in ("equal", "stacking"):
        return equal_weights(members)
    if weights == "search" and kind == "log_linear":
        guard = PRIOR_CLIPS_PER_MEMBER * len(members) if prior is None else prior
        return fit_log_linear_weights(np.stack(calibrated), labels, guard)
    if weights == "search":
        return search_weights(np.stack(calibrated), labels, prior)
    if weights == "cross_fitted":
        calibrate = settings.get("calibrate", True)
        sharpen = calibrate and settings.get("vote_temperature", True)
        parts, options = parts_of_people(groups), {"kind": kind, "calibrate": calibrate}
        ballots, losses = choose_ballots(logits, labels, groups, parts, **options, sharpen=sharpen)
        told = "ballots: %s; loss on people left out: %.4f with them, %.4f of the best member alone"
        names = ", ".join(members[ballot] for ballot in ballots)
        LOGGER.info(told, names, losses[len(ballots) - 1], losses[0])
        return np.bincount(ballots, minlength=len(members)) / len(ballots)
    if isinstance(weights, dict):
        return given_weights(members, weights)
    raise BadInput(
        f"fit_temperatures: weights: {weights!r} is unknown; write equal, search, cross_fitted, "
        f"stacking, or a dictionary such as {{{members[0]}: 0.6, ...}}"
    )


def _stacked(
    vote: Vote,
    logits: list[np.ndarray],
    calibrated: list[np.ndarray],
    labels: np.ndarray,
    counts: np.ndarray,
    groups: np.ndarray,
    calibrate: bool,
) -> tuple[Vote, np.ndarray]:
    """The vote with a stack on all clips, and log exp(u) (n, K) of each clip by a stack that was
    fitted without its person: behind its own clips a regression is surer than it may be."""
    parts = parts_of_people(groups)

    def fit(values, known, rows, strength):
        heats = [fit_temperature(z, known, "").value if calibrate else 1.0 for z in values]
        stack = fit_stack([softmax(z, t) for z, t in zip(values, heats)], known, strength)
        own = replace(vote, kind="stacking", temperatures=np.array(heats), stack=stack)
        return own.mixture

    apart = [
        predicted_apart(logits, labels, parts, partial(fit, strength=strength))
        for strength in STRENGTHS
    ]
    losses = [mean_log_loss(log_probabilities(found), labels) for found in apart]
    best = int(np.argmin(losses))
    LOGGER.info("stacking: C %.3g, loss on people left out %.4f", STRENGTHS[best], losses[best])
    stack: Stack = fit_stack(calibrated, labels, STRENGTHS[best])
    decided = vote.corrected(apart[best], counts)
    return replace(vote, kind="stacking", stack=stack), log_probabilities(decided)


def _kept(heat: Temperature) -> Temperature:
    """No temperature: the loss stays what it was."""
    return Temperature(1.0, heat.nll_before, heat.nll_before)
