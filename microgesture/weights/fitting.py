"""A checkpoint's weights for a network of the same kind with other keypoints or other classes."""

from collections.abc import Mapping, Sequence

from torch import Tensor

from microgesture.datasets.streams import HEATMAP_STREAMS
from microgesture.pose.layouts import Layout
from microgesture.provenance.errors import BadInput
from microgesture.weights.channels import (
    channel_names,
    channel_sources,
    check_channels,
    describe_sources,
)
from microgesture.weights.inflate import adapt_weights
from microgesture.weights.reference_names_cnn import FIRST_LAYERS

# Tensors whose shape or meaning follows from the keypoints, by the end of their name: learned
# graphs, hyperedges and distances, attention along the joints, and one factor per joint.
GRAPH_PARTS = (
    ".spatial.adjacency",
    ".spatial.adaptation",
    ".attention.incidence",
    ".attention.relative",
    ".attention.shared",
    ".attention.joints.weight",
    ".attention.joints.bias",
    ".temporal.coefficient",
)
# Tables with a row for every joint.
JOINT_ROWS = ("joint_embedding",)
# Parts of the two-branch network that a file may lack as a whole: the fusion modules, which
# RGBPoseConv3D has not, and the lateral connections, which its merged parents have not.
OPTIONAL_PARTS = (".fusion.", ".pose_to_rgb.", ".rgb_to_pose.")


def fit_weights(
    state: Mapping[str, Tensor],
    own: Mapping[str, Tensor],
    origin: str,
    *,
    model: str,
    stream: str | None,
    source: Layout,
    target: Layout,
    heads: Sequence[str],
    source_limbs: str = "bones",
    limbs: str = "bones",
) -> tuple[dict[str, Tensor], list[str]]:
    """Fit `state` (our names) to the network whose state is `own`; nothing is loaded.

    source, target: keypoints of the file and of the network; source_limbs, limbs: the lines of
    their limb heatmaps. stream: of both; None where they differ. The channels of a heatmap
    network's first layer are matched by the names of the joints or limbs; where the streams differ
    there are none to match and every channel gets the mean, which is told. A graph network keeps
    its own graph and input norm where the layouts differ. heads: classifiers, which stay the
    network's own where they differ in size. origin: the file's name for messages. Returns the new
    state and what was changed, in words. Raises BadInput when the file's channels or joints are not
    those of `source`.
    """
    first = [name for name in FIRST_LAYERS.get(model, ()) if name in own]
    sources, described = None, "every one starts from the mean of the file's"
    if stream in HEATMAP_STREAMS and first and first[0] in state:
        check_channels(origin, state[first[0]].shape[1], stream, source, source_limbs)
        old = channel_names(stream, source, source_limbs)
        new = channel_names(stream, target, limbs)
        if old != new:
            sources = channel_sources(old, new)
            described = describe_sources(sources, new)
    fitted, changes = adapt_weights(
        state,
        own,
        first_layers=first,
        heads=heads,
        sources={first[0]: sources} if sources is not None else None,
        described=described,
    )
    changes += keep_optional(fitted, own)
    check_joints(origin, fitted, source)
    if source.name != target.name:
        changes += keep_graph(fitted, own)
        changes += match_joints(fitted, own, source, target)
    return fitted, changes


def keep_optional(fitted: dict[str, Tensor], own: Mapping[str, Tensor]) -> list[str]:
    """Leave the network's own parts of the two-branch network that the file has nothing of.
    Changes `fitted`; returns what was changed, in words."""
    changes = []
    for part in OPTIONAL_PARTS:
        names = [name for name in own if name.startswith("exchanges.") and part in name]
        if names and not any(name in fitted for name in names):
            fitted.update({name: own[name] for name in names})
            changes.append(f"exchanges{part}*: new, the file has none")
    return changes


def match_joints(
    fitted: dict[str, Tensor], own: Mapping[str, Tensor], source: Layout, target: Layout
) -> list[str]:
    """Give every joint its row of the file's tables by its name; joints that the file does not know
    keep the network's own. Changes `fitted`; returns what was changed, in words."""
    changes = []
    for key in [key for key in own if key.endswith(JOINT_ROWS) and key in fitted]:
        rows = own[key].clone()
        known = [joint for joint in target.joints if joint in source.joints]
        for joint in known:
            rows[target.joints.index(joint)] = fitted[key][source.joints.index(joint)]
        fitted[key] = rows
        changes.append(f"{key}: {len(known)} of {target.num_joints} joints by name, the rest new")
    return changes


def check_joints(origin: str, state: Mapping[str, Tensor], source: Layout) -> None:
    """BadInput when a graph network's graph has other numbers of joints than `source`."""
    sizes = {
        value.shape[-1] for name, value in state.items() if name.endswith(".spatial.adjacency")
    } | {len(value) for name, value in state.items() if name.endswith(JOINT_ROWS)}
    if sizes - {source.num_joints}:
        raise BadInput(
            f"{origin}: its graph has {max(sizes - {source.num_joints})} joints, {source.name} has "
            f"{source.num_joints}; write the source_layout that the weights were trained on"
        )


def keep_graph(fitted: dict[str, Tensor], own: Mapping[str, Tensor]) -> list[str]:
    """Put the network's own graph and input norm in place of the file's, where these depend on the
    keypoints. Changes `fitted`; returns what was changed, in words."""
    kept = [key for key in own if key.endswith(GRAPH_PARTS) or key.startswith("input_norm.")]
    for key in kept:
        fitted[key] = own[key]
    return [f"{len(kept)} tensors of the graph and the input norm: new"] if kept else []
