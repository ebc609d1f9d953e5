"""The weight of each member of a soft vote: equal, given, or searched on validation.

Searched weights minimise the validation loss -mean log(sum_m w_m p_m(y)) over the simplex. That is
the likelihood of a mixture with fixed parts: convex in w, so expectation maximisation climbs to
the one optimum from anywhere (Dempster, Laird and Rubin 1977), without a grid or random starts.

Guard against a small validation set: a Dirichlet prior worth `prior` clips that are shared equally
between the members. With few validation clips the weights stay near equal, with many the data
speaks; no member's weight falls to zero.
"""

import difflib

import numpy as np

from microgesture.provenance.errors import BadInput

PRIOR_CLIPS_PER_MEMBER = 10.0


def equal_weights(members: list[str]) -> np.ndarray:
    """1 / M for each member, (M,) float64."""
    return np.full(len(members), 1.0 / len(members))


def given_weights(members: list[str], weights: dict[str, float]) -> np.ndarray:
    """The weights of a config, scaled to add up to 1, in the order of `members`.

    A member that is not named has weight 0. Raises BadInput for a name that is no member, a
    negative weight, and weights that are all zero.
    """
    for name, weight in weights.items():
        if name not in members:
            near = difflib.get_close_matches(name, members, n=1, cutoff=0)
            raise BadInput(
                f"fit_temperatures: weights: {name!r} is no member of the ensemble; "
                f"did you mean {near[0]!r}? Members: {', '.join(members)}"
            )
        if not weight >= 0:
            raise BadInput(
                f"fit_temperatures: weights: {name}: {weight} is no weight; write 0 or more"
            )
    values = np.array([float(weights.get(name, 0.0)) for name in members])
    if not values.sum() > 0:
        raise BadInput("fit_temperatures: weights: all are 0; give at least one member a weight")
    return values / values.sum()


def search_weights(
    probabilities: np.ndarray,
    labels: np.ndarray,
    prior: float | None = None,
    tolerance: float = 1e-9,
    steps: int = 20_000,
) -> np.ndarray:
    """Weights (M,) that maximise the (prior-guarded) likelihood of the validation labels.

    probabilities: (M, N, K) calibrated; labels: (N,) int; prior: weight of the guard in clips,
    10 per member by default, 0 for none. Deterministic; stops when no weight moves by more than
    `tolerance`.
    """
    probabilities = np.asarray(probabilities, dtype=np.float64)
    members, clips = probabilities.shape[:2]
    prior = PRIOR_CLIPS_PER_MEMBER * members if prior is None else float(prior)
    likely = np.clip(probabilities[:, np.arange(clips), labels], 1e-12, 1.0)
    weights = np.full(members, 1.0 / members)
    for _ in range(steps):
        shares = weights[:, None] * likely
        shares /= shares.sum(axis=0)
        moved = (shares.sum(axis=1) + prior / members) / (clips + prior)
        done = np.abs(moved - weights).max() < tolerance
        weights = moved
        if done:
            break
    return weights / weights.sum()
