"""The vote of a bundle: its members' logits to probabilities, without any of the training clips."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from microgesture.bundles.reading import Bundle
from microgesture.ensembles.vote import Vote, read_vote


def bundle_vote(bundle: Bundle) -> Vote:
    """The vote of the members that the bundle was read with.

    With all of them it is the run's own. With fewer, the weights of the others are shared out in
    proportion (their sum, which is the temperature of a log-linear pool, stays), and the vote's own
    temperature and correction stay too: they were fitted to all members, so confidences of fewer
    are calibrated less well. A stack asks for all its members: fewer vote log-linearly, each with
    the same weight.
    """
    vote = read_vote(bundle.vote)
    if list(bundle.members) == vote.members:
        return vote
    chosen = [vote.members.index(name) for name in bundle.members]
    weights = vote.weights[chosen]
    if weights.sum() > 0:
        weights = weights * (vote.weights.sum() / weights.sum())
    else:  # members that the search left out, alone: they are all there is
        weights = np.full(len(chosen), vote.weights.sum() / len(chosen))
    return replace(
        vote,
        kind="log_linear" if vote.stack is not None else vote.kind,
        stack=None,
        members=list(bundle.members),
        temperatures=vote.temperatures[chosen],
        weights=weights,
    )


def vote_probabilities(bundle: Bundle, logits: Mapping[str, np.ndarray]) -> np.ndarray:
    """Probabilities (N, K) float64 from each member's logits (N, K), by name."""
    vote = bundle_vote(bundle)
    return vote.probabilities([np.asarray(logits[name]) for name in vote.members], bundle.counts)
