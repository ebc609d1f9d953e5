"""A fitted stack: a multinomial regression on what all members of a vote say.

    p = softmax(b + sum_m x_m A_m),   x_m = log p_m less its mean over the classes

How it is fitted: microgesture/ensembles/stacking.py.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import softmax

COEFFICIENTS = "coefficients"  # the column of the vote's table that holds them
SMALLEST = 1e-12


@dataclass(frozen=True)
class Stack:
    """coefficients: float64 (M, K, K), from what a member says of the classes (rows) to the
    classes; intercepts: float64 (K,)."""

    coefficients: np.ndarray
    intercepts: np.ndarray

    def probabilities(self, calibrated: np.ndarray) -> np.ndarray:
        """(N, K) float64 from the members' probabilities (M, N, K)."""
        scores = np.einsum("mnk,mkl->nl", stack_features(calibrated), self.coefficients)
        return softmax(scores + self.intercepts, axis=1)


def stack_features(calibrated: np.ndarray) -> np.ndarray:
    """(M, N, K): log probabilities less their mean over the classes."""
    logs = np.log(np.clip(np.asarray(calibrated, dtype=np.float64), SMALLEST, 1))
    return logs - logs.mean(axis=2, keepdims=True)


def stack_cells(stack: Stack) -> list[str]:
    """A cell for each member, its K x K numbers row by row, and one for the intercepts."""
    rows = [*stack.coefficients.reshape(len(stack.coefficients), -1), stack.intercepts]
    return [" ".join(f"{value:.9g}" for value in row) for row in rows]


def read_stack(intercepts: str, *coefficients: str) -> Stack:
    """The stack of such cells. Raises ValueError where they do not hold K and K x K numbers."""
    own = np.array([float(value) for value in intercepts.split()])
    rows = [np.array([float(value) for value in cell.split()]) for cell in coefficients]
    classes = len(own)
    if any(len(row) != classes**2 for row in rows) or not classes:
        raise ValueError(
            f"{classes} intercepts need {classes**2} numbers a member, found "
            f"{', '.join(str(len(row)) for row in rows)}"
        )
    values = np.stack(rows).reshape(-1, classes, classes)
    if not (np.isfinite(values).all() and np.isfinite(own).all()):
        raise ValueError("they are not finite")
    return Stack(values, own)
