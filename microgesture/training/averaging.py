"""A moving average of a network's weights (`weight_averaging`), which is validated and written.

As in Mean Teacher (Tarvainen and Valpola, NIPS 2017) and EfficientNet (Tan and Le, ICML 2019). It
has a decay of its own in the first steps, min(decay, (1 + t) / (10 + t)) after t steps (as in
TensorFlow's ExponentialMovingAverage), or a short training would end near its first weights.

Everything of floating point is averaged, the running statistics of batch normalisation and the
prototypes too, so that they lag behind as the weights do; counts and flags are the latest ones.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class WeightAverage:
    """The average of a network's state, on the network's device. steps: updates so far."""

    def __init__(self, network: nn.Module, decay: float):
        self.decay = decay
        self.begin(network)

    def begin(self, network: nn.Module) -> None:
        """Forget all that was before the network's present state."""
        self.steps, self.tensors = 0, _copied(network)

    def decay_now(self) -> float:
        """Share of the average that the next update keeps."""
        return min(self.decay, (1 + self.steps) / (10 + self.steps))

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        """Take in the network's state after an optimiser step."""
        share = 1 - self.decay_now()
        averages, states = [], []
        for name, state in network.state_dict().items():
            if state.is_floating_point():
                averages.append(self.tensors[name])
                states.append(state.detach())
            else:
                self.tensors[name].copy_(state)
        torch._foreach_lerp_(averages, states, share)
        self.steps += 1

    @contextmanager
    def in_place(self, network: nn.Module) -> Iterator[None]:
        """Inside, the network has the averaged state; behind it its own again, bit for bit."""
        own = _copied(network)
        _set(network, self.tensors)
        try:
            yield
        finally:
            _set(network, own)

    def state(self) -> dict:
        """What `load` takes, for the state of an interrupted training."""
        return {"steps": self.steps, "tensors": self.tensors}

    def load(self, state: dict) -> None:
        """Go on from what `state` gave."""
        self.steps = state["steps"]
        for name, tensor in self.tensors.items():
            tensor.copy_(state["tensors"][name])


def _copied(network: nn.Module) -> dict[str, Tensor]:
    return {name: state.detach().clone() for name, state in network.state_dict().items()}


@torch.no_grad()
def _set(network: nn.Module, tensors: dict[str, Tensor]) -> None:
    for name, state in network.state_dict().items():
        state.copy_(tensors[name])
