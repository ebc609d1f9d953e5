"""A checkpoint's weights for a network of the same kind with other keypoints or other classes."""

from collections.abc import Mapping, Sequence

from torch import Tensor

from microgesture.datasets.streams import HEATMAP_STREAMS
from microgesture.pose.layouts import Layout
from microgesture.provenance.errors import BadInput
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
) -> tuple[dict[str, Tensor], list[str]]:
    """Fit `state` (our names) to the network whose state is `own`; nothing is loaded.

    source, target: keypoints of the file and of the network. stream: of both; None where they
    differ. The channels of a heatmap network's first layer are matched by the names of the joints
    (without a common stream each gets the mean); a graph network keeps its own graph and input norm
    where the layouts differ. heads: classifiers, which stay the network's own where they differ in
    size. origin: the file's name for messages. Returns the new state and what was changed, in
    words. Raises BadInput when the file's channels are not those of `source`.
    """
    first = [name for name in FIRST_LAYERS.get(model, ()) if name in own]
    sources = channel_sources(stream, source, target)
    if sources is not None and first and first[0] in state:
        check_channels(origin, state[first[0]].shape[1], stream, source)
    fitted, changes = adapt_weights(
        state,
        own,
        first_layers=first,
        heads=heads,
        sources={first[0]: sources} if first and sources is not None else None,
    )
    if source.name != target.name:
        changes += keep_graph(fitted, own)
    return fitted, changes


def channel_sources(stream: str | None, source: Layout, target: Layout) -> list[int] | None:
    """For every heatmap channel of `target` the channel of `source` for the same joint or limb, -1
    where there is none. None for streams that are no heatmaps, and for equal layouts."""
    if stream not in HEATMAP_STREAMS or source.name == target.name:
        return None
    old, new = _channel_names(stream, source), _channel_names(stream, target)
    return [old.index(name) if name in old else -1 for name in new]


def _channel_names(stream: str, layout: Layout) -> list:
    if stream == "joint_heatmap":
        return list(layout.joints)
    return [frozenset((layout.joints[a], layout.joints[b])) for a, b in layout.edges]


def check_channels(origin: str, channels: int, stream: str, source: Layout) -> None:
    """BadInput unless a heatmap network takes as many channels as `source` has joints or limbs."""
    expected = len(_channel_names(stream, source))
    if channels != expected:
        raise BadInput(
            f"{origin}: its first layer takes {channels} channels, {source.name} has {expected} "
            f"for {stream}; write the source_layout that the weights were trained on"
        )


def keep_graph(fitted: dict[str, Tensor], own: Mapping[str, Tensor]) -> list[str]:
    """Put the network's own graph and input norm in place of the file's, where these depend on the
    keypoints. Changes `fitted`; returns what was changed, in words."""
    kept = [key for key in own if key.endswith(GRAPH_PARTS) or key.startswith("input_norm.")]
    for key in kept:
        fitted[key] = own[key]
    return [f"{len(kept)} tensors of the graph and the input norm: new"] if kept else []
