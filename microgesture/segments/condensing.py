"""Features of very wide networks in fewer numbers, before they are kept for every window.

An hour of video has tens of thousands of windows, and what is fitted on their features works with
all numbers at once. Networks of usual width are taken as they are.
"""

from functools import cache

import numpy as np
import torch
from torch import Tensor

WIDEST = 4096  # features up to here stay as they are: a ResNet-50 has 2,048
WIDTH = 512


def condensed(features: Tensor) -> Tensor:
    """float (N, F) -> (N, F), or (N, WIDTH) where F is above WIDEST: a count sketch.

    Every feature is added, with a sign drawn for it, to one of WIDTH sums (Charikar, Chen,
    Farach-Colton, "Finding frequent items in data streams", 2002), so distances between windows are
    kept on average. The draws depend on F alone: windows of all videos fit together.
    """
    count = features.shape[1]
    if count <= WIDEST:
        return features
    return features @ _sketch(count).to(features)


@cache
def _sketch(count: int) -> Tensor:
    """float32 (count, WIDTH): 1 or -1 once in a row."""
    generator = np.random.default_rng(count)
    sums, signs = generator.integers(WIDTH, size=count), generator.choice((-1.0, 1.0), count)
    matrix = np.zeros((count, WIDTH), np.float32)
    matrix[np.arange(count), sums] = signs
    return torch.from_numpy(matrix)
