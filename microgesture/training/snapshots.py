"""Snapshots: several moments of one training that predict together, a vote for the price of one.

Snapshot ensembles (Huang et al., ICLR 2017): the rate falls as a cosine several times and begins
anew in between (`cyclic`), and each time it has come down the weights are kept. Without restarts
the last epochs' weights are kept, which differ less. Their logits are averaged.
"""

import copy
from collections.abc import Sequence
from pathlib import Path

from torch import Tensor, nn

from microgesture.provenance.errors import BadInput
from microgesture.training.recogniser import Recogniser
from microgesture.training.schedule import cycle_ends
from microgesture.weights.checkpoints import read_snapshots


def snapshot_epochs(settings: dict) -> list[int]:
    """The epochs (from 1) after which weights are kept, beside those that are kept anyway.

    Raises BadInput for more snapshots than epochs, and together with what they do not go with.
    """
    group, epochs = settings["snapshots"], settings["epochs"]
    if group["count"] == 1:
        return []
    if group["count"] > epochs:
        raise BadInput(
            f"snapshots: count is {group['count']} and epochs is {epochs}; write no more snapshots "
            f"than epochs"
        )
    if settings["checkpoint"] == "best":
        raise BadInput("snapshots are of the last epochs; write checkpoint: last beside them")
    if settings["classifier_retraining"]["epochs"]:
        raise BadInput(
            "snapshots keep classifiers that are not trained again; write snapshots: {count: 1}, "
            "or classifier_retraining: {epochs: 0}"
        )
    if not group["cyclic"]:
        return list(range(epochs - group["count"] + 1, epochs))
    if settings["schedule"] != "cosine":
        raise BadInput("snapshots: cyclic: true begins a cosine anew; write schedule: cosine")
    return cycle_ends(epochs, group["count"])[:-1]


class SnapshotMean(nn.Module):
    """A recogniser whose logits, branch by branch, are the mean over its snapshots."""

    def __init__(self, recogniser: Recogniser, earlier: Sequence[Recogniser]):
        super().__init__()
        self.recogniser, self.earlier = recogniser, nn.ModuleList(earlier)

    def forward(self, *inputs: Tensor) -> list[dict[str, Tensor]]:
        """One dictionary per branch: "logits" (N, K)."""
        outputs = [one(*inputs) for one in (self.recogniser, *self.earlier)]
        return mean_logits(outputs)


def mean_logits(outputs: list[list[dict[str, Tensor]]]) -> list[dict[str, Tensor]]:
    """The mean over recognisers, of each branch; outputs: what each of them gives."""
    return [
        {"logits": sum(output["logits"] for output in branch) / len(branch)}
        for branch in zip(*outputs)
    ]


def earlier_networks(network: nn.Module, checkpoint: str | Path) -> list[nn.Module]:
    """Copies of a network with the weights of the earlier snapshots of its checkpoint; none, where
    it holds none."""
    networks = []
    for weights in read_snapshots(checkpoint):
        networks.append(copy.deepcopy(network))
        networks[-1].load_state_dict(weights)
    return networks
