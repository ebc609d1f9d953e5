"""Orthogonal semantic embedding: features are drawn to an orthonormal frame of class vectors.

The frame is the orthonormal one nearest to the class texts' vectors (polar decomposition). The
form `squared_error` is that of Li et al. 2023, which regresses the raw vectors.

Any two orthonormal frames are a rotation apart, and the linear layer between features and frame can
undo it: so with `softmax` and `cosine` the texts decide where that layer starts and no more
(tests/losses/test_semantic.py). Only `squared_error` can learn what the texts mean.
"""

import numpy as np
import torch.nn.functional as F
from torch import Tensor

from microgesture.provenance.errors import BadInput

EPS = 1e-8
SQUARED_ERROR_FACTOR = 20.0  # Li et al. 2023


def gaussian_class_vectors(num_classes: int, dimension: int, seed: int) -> np.ndarray:
    """Seeded standard normal vectors float64 (num_classes, dimension)."""
    return np.random.default_rng([seed, 7919]).standard_normal((num_classes, dimension))


def read_class_vectors(path: str, labels: list[str]) -> np.ndarray:
    """Class vectors float64 (K, d) from a .npz of label name -> vector, in the labels' order."""
    try:
        with np.load(path, allow_pickle=False) as file:
            missing = [name for name in labels if name not in file]
            if missing:
                raise BadInput(
                    f"{path}: holds no vector for {', '.join(missing[:5])}; write one array per "
                    f"label name"
                )
            vectors = [np.asarray(file[name], np.float64).reshape(-1) for name in labels]
    except (OSError, ValueError) as error:
        raise BadInput(f"{path}: is no .npz of class vectors ({error})") from error
    if len({len(vector) for vector in vectors}) > 1:
        raise BadInput(f"{path}: the class vectors differ in length; write equal lengths")
    return np.stack(vectors)


def orthogonal_frame(vectors: np.ndarray) -> np.ndarray:
    """The nearest matrix with orthonormal rows: T = U S V^T -> E = U V^T, float64 (K, d).

    Raises BadInput when the vectors are shorter than there are classes.
    """
    classes, dimension = vectors.shape
    if dimension < classes:
        raise BadInput(
            f"semantic loss: {classes} classes need vectors of at least {classes} numbers, these "
            f"have {dimension}; write semantic_loss: dimension: {classes} or more"
        )
    left, _, right = np.linalg.svd(vectors, full_matrices=False)
    return left @ right


def semantic_loss(
    embeddings: Tensor,
    labels: Tensor,
    targets: Tensor,
    form: str = "softmax",
    temperature: float = 0.1,
    sample_weights: Tensor | None = None,
) -> Tensor:
    """Mean over the samples of one of three forms.

    embeddings: (N, d); labels: int64 (N,); targets: (K, d), the orthonormal frame E, or the raw
    vectors for `squared_error`. softmax: -log softmax_c(cos(g, e_c) / temperature) at the label.
    cosine: 1 - cos(g, e_y). squared_error: 20 x mean squared error over the d numbers.
    """
    if form == "squared_error":
        losses = SQUARED_ERROR_FACTOR * (embeddings - targets[labels]).square().mean(dim=1)
    else:
        cosines = F.normalize(embeddings, dim=1, eps=EPS) @ F.normalize(targets, dim=1, eps=EPS).T
        if form == "softmax":
            losses = F.cross_entropy(cosines / temperature, labels, reduction="none")
        elif form == "cosine":
            losses = 1 - cosines.gather(1, labels[:, None])[:, 0]
        else:
            raise ValueError(f"unknown form {form!r}")
    if sample_weights is not None:
        losses = losses * sample_weights
    return losses.mean()
