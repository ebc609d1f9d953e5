import pytest
import torch
import torch.distributed

from microgesture.losses.prototype import PrototypeHead
from microgesture.provenance.errors import BadInput
from microgesture.training.processes import run_in_processes


def sum_ranks(folder):
    """Every process brings one rightly predicted sample; the prototypes must know both."""
    torch.distributed.init_process_group("gloo")
    rank = torch.distributed.get_rank()
    head = PrototypeHead(2, 2, dimension=2)
    features = torch.tensor([[1.0, 0.0], [0.0, 3.0]])[rank][None]
    head.update(features, torch.tensor([[2.0, 1.0]]), torch.tensor([0]))
    torch.save(head.prototypes, f"{folder}/{rank}.pt")


def refuse():
    raise BadInput("this is wrong; write that")


@pytest.mark.slow
def test_prototypes_are_shared_between_processes(tmp_path):
    run_in_processes(sum_ranks, 2, folder=str(tmp_path))
    for rank in (0, 1):  # 0.1 x the mean of (1, 0) and (0, 3)
        found = torch.load(tmp_path / f"{rank}.pt", weights_only=True)
        torch.testing.assert_close(found, torch.tensor([[0.05, 0.15], [0.0, 0.0]]))


@pytest.mark.slow
def test_bad_input_in_a_process_is_told():
    with pytest.raises(BadInput, match="this is wrong; write that"):
        run_in_processes(refuse, 2)


def test_one_process_is_a_plain_call():
    with pytest.raises(BadInput, match="this is wrong"):
        run_in_processes(refuse, 1)
