"""Names of the graph networks' weights in PYSKL's (and MMAction2's) checkpoints, mapped to ours.

Each function takes a state dict with the reference's names ("backbone.gcn.0.gcn.A", ...) and
returns one for the network of microgesture/models with the same options. Tensors are the same;
where our network keeps several small convolutions as one, theirs are stacked in order. A name that
is not known stays as it is, so that strict loading reports it.
"""

import re
from collections.abc import Mapping

import torch

# pattern (must match the whole name) -> our name, or None for what we do not need. Tensors whose
# pattern has a group "part" are stacked along their first axis, in the order of that number.
Rules = list[tuple[str, str | None]]

_BLOCK = r"(?:module\.)?backbone\.(?:gcn|net)\.(?P<block>\d+)\."
_FRAME: Rules = [
    (r"(?:module\.)?backbone\.A", None),
    (r"(?:module\.)?backbone\.data_bn\.(?P<rest>.+)", "input_norm.{rest}"),
    (r"(?:module\.)?cls_head\.fc(?:_cls)?\.(?P<rest>.+)", "classifier.{rest}"),
    (_BLOCK + r"residual\.conv\.(?P<rest>.+)", "blocks.{block}.residual.conv.{rest}"),
    (_BLOCK + r"residual\.bn\.(?P<rest>.+)", "blocks.{block}.residual.norm.{rest}"),
    (_BLOCK + r"gcn1?\.A", "blocks.{block}.spatial.adjacency"),
    (_BLOCK + r"gcn1?\.PA", "blocks.{block}.spatial.adaptation"),
    (_BLOCK + r"gcn1?\.(?P<name>alpha|beta)", "blocks.{block}.spatial.{name}"),
    (_BLOCK + r"gcn1?\.bn\.(?P<rest>.+)", "blocks.{block}.spatial.norm.{rest}"),
    (_BLOCK + r"gcn1?\.down\.(?P<rest>.+)", "blocks.{block}.spatial.residual.{rest}"),
]
_SPATIAL_CONV: Rules = [
    (_BLOCK + r"gcn\.conv\.(?P<rest>.+)", "blocks.{block}.spatial.conv.{rest}"),
]
_ONE_KERNEL: Rules = [
    (_BLOCK + r"tcn\.conv\.(?P<rest>.+)", "blocks.{block}.temporal.conv.{rest}"),
    (_BLOCK + r"tcn\.bn\.(?P<rest>.+)", "blocks.{block}.temporal.norm.{rest}"),
]
_BRANCH = _BLOCK + r"tcn1?\.branches\."
_BRANCHES: Rules = [
    (_BRANCH + r"(?P<part>\d+)\.0\.(?P<rest>.+)", "blocks.{block}.temporal.branches.expand.{rest}"),
    (
        _BRANCH + r"(?P<part>\d+)\.1\.(?P<rest>.+)",
        "blocks.{block}.temporal.branches.expand_norm.{rest}",
    ),
    (
        _BRANCH + r"(?P<branch>\d+)\.3\.conv\.(?P<rest>.+)",
        "blocks.{block}.temporal.branches.convs.{branch}.{rest}",
    ),
    (
        _BRANCH + r"\d+\.(?P<rest>weight|bias)",
        "blocks.{block}.temporal.branches.point.{rest}",
    ),
    (_BLOCK + r"tcn\.transform\.0\.(?P<rest>.+)", "blocks.{block}.temporal.branch_norm.{rest}"),
    (_BLOCK + r"tcn\.transform\.2\.(?P<rest>.+)", "blocks.{block}.temporal.mix.{rest}"),
    (_BLOCK + r"tcn\.bn\.(?P<rest>.+)", "blocks.{block}.temporal.norm.{rest}"),
    (_BLOCK + r"tcn\.add_coeff", "blocks.{block}.temporal.coefficient"),
]


def rename_st_gcn(state_dict: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """PYSKL's STGCN with one temporal kernel -> microgesture.models.st_gcn."""
    return _rename(state_dict, _FRAME + _SPATIAL_CONV + _ONE_KERNEL)


def rename_st_gcn_pp(state_dict: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """PYSKL's STGCN with six temporal branches (ST-GCN++) -> microgesture.models.st_gcn_pp."""
    return _rename(state_dict, _FRAME + _SPATIAL_CONV + _BRANCHES)


def rename_aagcn(state_dict: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """PYSKL's AAGCN -> microgesture.models.aagcn."""
    names = {
        r"conv_d\.(?P<part>\d+)\.": "conv.",
        r"conv_a\.(?P<part>\d+)\.": "query.",
        r"conv_b\.(?P<part>\d+)\.": "key.",
        r"conv_sa\.": "attention.joints.",
        r"conv_ta\.": "attention.frames.",
        r"fc1c\.": "attention.squeeze.",
        r"fc2c\.": "attention.excite.",
    }
    return _rename(state_dict, _FRAME + _spatial_rules(names) + _ONE_KERNEL)


def rename_ctr_gcn(state_dict: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """PYSKL's CTRGCN -> microgesture.models.ctr_gcn."""
    names = {
        rf"convs\.(?P<part>\d+)\.conv{number}\.": f"{name}."
        for number, name in enumerate(("query", "key", "value", "refine"), start=1)
    }
    # each branch has batch norms of its own at its end, and the last one nothing before it
    found = [re.fullmatch(_BLOCK + r"tcn1\.branches\.(\d+)\..+", name) for name in state_dict]
    last = max((int(match[2]) for match in found if match), default=0)
    point = _BRANCH + rf"{last}\.0\.(?P<rest>.+)"
    ends = rf"(?:(?P<part>{last})\.1|(?P<conv_part>\d+)\.3\.bn|(?P<max_part>\d+)\.4)"
    branches: Rules = [
        (point, "blocks.{block}.temporal.branches.point.{rest}"),
        (_BRANCH + ends + r"\.(?P<rest>.+)", "blocks.{block}.temporal.norm.{rest}"),
    ]
    return _rename(state_dict, _FRAME + _spatial_rules(names) + branches + _BRANCHES)


def rename_dg_stgcn(state_dict: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """PYSKL's DGSTGCN -> microgesture.models.dg_stgcn.

    The reference makes 25 factors for the mean joint (`add_coeff`) whatever the skeleton, and uses
    the first V of them for V joints.
    """
    names = {
        r"pre\.0\.": "before.",
        r"pre\.1\.": "before_norm.",
        r"post\.": "after.",
        r"conv1\.": "query.",
        r"conv2\.": "key.",
    }
    renamed = _rename(state_dict, _FRAME + _spatial_rules(names) + _BRANCHES)
    for name in [name for name in renamed if name.endswith(".temporal.coefficient")]:
        graph = renamed.get(name.replace(".temporal.coefficient", ".spatial.adjacency"))
        if graph is not None:
            renamed[name] = renamed[name][: graph.shape[-1]]
    return renamed


def _spatial_rules(names: Mapping[str, str]) -> Rules:
    """Rules for what stands inside a block's graph convolution: pattern -> our name's beginning."""
    return [
        (
            _BLOCK + r"gcn1?\." + pattern + r"(?P<rest>.+)",
            "blocks.{block}.spatial." + ours + "{rest}",
        )
        for pattern, ours in names.items()
    ]


def _rename(state_dict: Mapping[str, torch.Tensor], rules: Rules) -> dict[str, torch.Tensor]:
    renamed: dict[str, torch.Tensor] = {}
    stacks: dict[str, list[tuple[int, torch.Tensor]]] = {}
    for name, tensor in state_dict.items():
        ours, groups = name, {}
        for pattern, target in rules:
            match = re.fullmatch(pattern, name)
            if match:
                groups = match.groupdict()
                ours = target and target.format(**groups)
                break
        parts = [groups[key] for key in ("part", "conv_part", "max_part") if groups.get(key)]
        if ours is None:
            continue
        if parts:
            stacks.setdefault(ours, []).append((int(parts[0]), tensor))
        else:
            renamed[ours] = tensor
    for ours, stack in stacks.items():
        tensors = [tensor for _, tensor in sorted(stack, key=lambda item: item[0])]
        # batch counters are single numbers, equal in all parts
        renamed[ours] = torch.cat(tensors) if tensors[0].ndim else tensors[0]
    return renamed
