import pytest
import torch
from torch import nn

from microgesture.training.averaging import WeightAverage


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([1.0, -2.0]))
        self.register_buffer("mean", torch.tensor([10.0]))
        self.register_buffer("count", torch.tensor(0))

    def become(self, weight, mean, count):
        with torch.no_grad():
            self.weight.copy_(torch.tensor(weight))
            self.mean.fill_(mean)
            self.count.fill_(count)


def test_average_by_hand():
    """Decays min(d, (1 + t) / (10 + t)): 1/10, then 2/11, then d = .2."""
    network = Small()
    average = WeightAverage(network, 0.2)
    weights, mean = [1.0, -2.0], 10.0
    steps = [([2.0, 0.0], 20.0, 1), ([3.0, 4.0], 0.0, 2), ([0.0, 1.0], 5.0, 3)]
    for decay, (weight, new_mean, count) in zip((1 / 10, 2 / 11, 0.2), steps):
        network.become(weight, new_mean, count)
        assert average.decay_now() == pytest.approx(decay)
        average.update(network)
        weights = [decay * old + (1 - decay) * new for old, new in zip(weights, weight)]
        mean = decay * mean + (1 - decay) * new_mean
        assert average.tensors["weight"].tolist() == pytest.approx(weights, rel=1e-6)
        assert average.tensors["mean"].tolist() == pytest.approx([mean], rel=1e-6)
        assert average.tensors["count"] == count  # counts are the latest ones
    assert network.weight.tolist() == [0.0, 1.0]  # the network itself is left alone


def test_in_place_and_back():
    network = Small()
    average = WeightAverage(network, 0.9)
    network.become([5.0, 5.0], 0.1, 7)
    kept = network.weight
    with pytest.raises(ZeroDivisionError), average.in_place(network):
        assert network.weight is kept and network.weight.tolist() == [1.0, -2.0]
        assert network.mean.item() == 10 and network.count == 0
        raise ZeroDivisionError
    assert network.weight.tolist() == [5.0, 5.0] and network.count == 7
    assert network.mean.item() == torch.tensor(0.1).item()


def test_it_goes_on_where_it_stood():
    network, other = Small(), Small()
    whole, part = WeightAverage(network, 0.9), WeightAverage(network, 0.9)
    for number in range(6):
        network.become([number * 0.3, 1.0], number, number)
        whole.update(network)
        part.update(network)
        if number == 2:
            state = {**part.state(), "tensors": {k: v.clone() for k, v in part.tensors.items()}}
            part = WeightAverage(other, 0.9)
            part.load(state)
    assert part.steps == whole.steps == 6
    for name, value in whole.tensors.items():
        assert torch.equal(value, part.tensors[name])
    part.begin(other)
    assert part.steps == 0 and torch.equal(part.tensors["weight"], other.weight)
