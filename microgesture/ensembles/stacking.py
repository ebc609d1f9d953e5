"""Stacking: fit a multinomial regression on what all members say (Wolpert 1992).

A log-linear vote gives every member one trust. The regression (microgesture/ensembles/stack.py) may
also learn that one member knows some classes better than others, and which it mistakes for which.
It has M K^2 numbers, so it is held back twice: by a quadratic penalty, whose strength is the one
with the lowest loss on people left out, and by K clips of its own, one a class, as the members'
equal vote takes that class to look. So a class without a validation clip is known too.
"""

import numpy as np
from scipy.special import softmax

from microgesture.ensembles.stack import Stack, stack_features

# scikit-learn's C, the weight of the clips against the penalty.
STRENGTHS = tuple(float(value) for value in np.geomspace(1e-4, 1, 9))


def fit_stack(calibrated: np.ndarray, labels: np.ndarray, strength: float) -> Stack:
    """The regression on clips with labels (N,); calibrated (M, N, K): the members' probabilities.

    strength: how much the clips weigh against the penalty, one of `STRENGTHS` or another.
    """
    from sklearn.linear_model import LogisticRegression  # seconds that other votes need not wait

    members, clips, classes = np.shape(calibrated)
    features = stack_features(calibrated)
    pooled = softmax(features.mean(axis=0), axis=1)  # (N, K): the equal log-linear vote
    looks = np.einsum("nk,mnl->mkl", pooled / pooled.sum(axis=0), features)
    rows = np.concatenate([features, looks], axis=1).transpose(1, 0, 2)
    regression = LogisticRegression(C=strength, max_iter=2000, tol=1e-6)
    regression.fit(
        rows.reshape(clips + classes, members * classes),
        np.concatenate([labels, np.arange(classes)]),
    )
    coefficients, intercepts = regression.coef_, regression.intercept_
    if classes == 2:  # scikit-learn then keeps the second class's odds alone
        coefficients = np.concatenate([np.zeros_like(coefficients), coefficients])
        intercepts = np.array([0.0, intercepts[0]])
    return Stack(coefficients.T.reshape(members, classes, classes), intercepts)
