"""What a network's feature map looks like, asked of the network itself."""

import torch
from torch import Tensor, nn


@torch.no_grad()
def features_of(network: nn.Module, example: Tensor) -> Tensor:
    """The feature map of an example; the network and random numbers stay as they are."""
    training = network.training
    with torch.random.fork_rng(devices=[]):
        features = network.eval().forward_features(example)
    network.train(training)
    return features
