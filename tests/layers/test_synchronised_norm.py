"""Two processes with synchronised batch normalisation are one with the whole batch."""

import pytest
import torch
import torch.distributed
from torch import nn

from microgesture.layers.recomputation import running_statistics_left_alone
from microgesture.layers.synchronised_norm import SynchronisedBatchNorm, synchronised
from microgesture.training.processes import run_in_processes

SHARES = ((0, 2), (2, 5))  # clips of the two processes: not equally many


def network():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(2, 3, 1), nn.BatchNorm2d(3), nn.Tanh(), nn.Conv2d(3, 2, 1), nn.BatchNorm2d(2)
    )


def clips():
    generator = torch.Generator().manual_seed(3)
    return torch.randn(5, 2, 4, 3, generator=generator) * 3 + 50  # far from 0: no cancellation


def answer(net, x, factor=1.0):
    """Output and gradients of a sum over clips."""
    x = x.requires_grad_()
    y = net(x)
    (factor * y.pow(3).mean(dim=(1, 2, 3)).sum()).backward()
    return {
        "output": y.detach(),
        "input": x.grad,
        **{f"gradient {name}": p.grad for name, p in net.named_parameters()},
        **{f"buffer {name}": value for name, value in net.named_buffers()},
    }


def work(folder):
    torch.distributed.init_process_group("gloo")
    rank = torch.distributed.get_rank()
    first, end = SHARES[rank]
    net = synchronised(network()).train()
    assert (
        isinstance(net[1], SynchronisedBatchNorm) and net[1].weight is net[1]._parameters["weight"]
    )
    found = answer(net, clips()[first:end])
    for name in found:
        if name.startswith("gradient"):
            torch.distributed.all_reduce(found[name])
    with running_statistics_left_alone(net):
        net(clips()[first:end])
    assert int(net[1].num_batches_tracked) == 1
    net.eval()
    found["evaluated"] = net(clips()[first:end]).detach()
    torch.save(found, f"{folder}/{rank}.pt")


@pytest.mark.slow
def test_two_processes_equal_the_whole_batch(tmp_path):
    run_in_processes(work, 2, folder=str(tmp_path))
    net = network().train()
    expected = answer(net, clips())
    net.eval()
    expected["evaluated"] = net(clips()).detach()
    for rank, (first, end) in enumerate(SHARES):
        found = torch.load(tmp_path / f"{rank}.pt", weights_only=True)
        assert set(found) == set(expected)
        for name, value in expected.items():
            own = value[first:end] if name in ("output", "input", "evaluated") else value
            torch.testing.assert_close(found[name], own, rtol=1e-4, atol=1e-4, msg=name)


def test_names_and_values_stay():
    plain = network()
    before = {name: value.clone() for name, value in plain.state_dict().items()}
    plain.eval()
    x = clips()
    expected = plain(x)
    changed = synchronised(plain)
    assert list(changed.state_dict()) == list(before)
    assert not any(type(module) is nn.BatchNorm2d for module in changed.modules())
    assert torch.equal(changed.eval()(x), expected)
