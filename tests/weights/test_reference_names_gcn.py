"""Names of published graph networks' weights, mapped to ours."""

import pytest
import torch

from microgesture.models import st_gcn_pp
from microgesture.pose.layouts import get_layout
from microgesture.weights import reference_names_gcn


def test_unknown_names_stay_and_are_reported():
    network = st_gcn_pp.build(
        4, in_channels=3, layout=get_layout("coco17"), base_channels=8, num_stages=2
    )
    renamed = reference_names_gcn.rename_st_gcn_pp({"backbone.extra.weight": torch.zeros(1)})
    with pytest.raises(RuntimeError, match=r"backbone\.extra\.weight"):
        network.load_state_dict(renamed)


def test_head_of_mmaction_and_parallel_prefix_are_known():
    renamed = reference_names_gcn.rename_st_gcn(
        {"cls_head.fc.weight": torch.zeros(2, 2), "module.backbone.data_bn.bias": torch.zeros(3)}
    )
    assert sorted(renamed) == ["classifier.weight", "input_norm.bias"]


def test_branches_are_stacked_by_number_not_by_position():
    name = "backbone.gcn.3.tcn.branches.{}.0.bias"
    published = {name.format(k): torch.full((2,), float(k)) for k in (2, 0, 4, 1, 3)}
    renamed = reference_names_gcn.rename_st_gcn_pp(published)
    assert list(renamed) == ["blocks.3.temporal.branches.expand.bias"]
    assert renamed["blocks.3.temporal.branches.expand.bias"].tolist() == [
        0, 0, 1, 1, 2, 2, 3, 3, 4, 4,
    ]  # fmt: skip


def test_ctr_gcn_norms_at_the_branches_ends_are_one():
    start = "backbone.net.0.tcn1.branches"
    published = {
        f"{start}.3.1.bias": torch.tensor([3.0]),
        f"{start}.2.4.bias": torch.tensor([2.0]),
        f"{start}.1.3.bn.bias": torch.tensor([1.0]),
        f"{start}.0.3.bn.bias": torch.tensor([0.0]),
        f"{start}.2.1.bias": torch.tensor([7.0]),
        f"{start}.3.0.bias": torch.tensor([8.0]),
    }
    renamed = reference_names_gcn.rename_ctr_gcn(published)
    assert renamed.pop("blocks.0.temporal.norm.bias").tolist() == [0, 1, 2, 3]
    assert renamed.pop("blocks.0.temporal.branches.expand_norm.bias").tolist() == [7]
    assert renamed.pop("blocks.0.temporal.branches.point.bias").tolist() == [8]
    assert not renamed


def test_aagcn_and_ctr_gcn_leave_out_the_graph_that_they_do_not_use():
    published = {"backbone.A": torch.zeros(3, 17, 17)}
    assert reference_names_gcn.rename_aagcn(published) == {}
    assert reference_names_gcn.rename_ctr_gcn(published) == {}
