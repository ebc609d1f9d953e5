"""First weights of a network: those of a checkpoint, as far as they fit."""

import logging
from pathlib import Path

from torch import nn

from microgesture.bundles.layout import layout_of
from microgesture.pose.layouts import Layout, get_layout
from microgesture.provenance.errors import BadInput
from microgesture.weights.checkpoints import (
    limbs_of,
    metadata_path,
    read_metadata,
    read_network_weights,
)
from microgesture.weights.fitting import fit_weights
from microgesture.weights.inflate import load_weights
from microgesture.weights.networks import classifier_names

LOGGER = logging.getLogger(__name__)


def load_initial_weights(
    network: nn.Module,
    checkpoint: str | Path,
    *,
    model: str,
    stream: str,
    layout: Layout,
    labels: list[str],
    limbs: str = "bones",
) -> list[str]:
    """Load a checkpoint of this workflow, with its json beside it, into `network`.

    A classifier for other labels stays the network's own. For other keypoints the first layer of a
    heatmap network is matched joint by joint (limb by limb), the joints' vectors of a transformer
    by their names, and a graph network keeps its own graph and input norm. A member of a bundle is
    a checkpoint like any other. The heads of the losses are left out. model, stream, layout,
    labels, limbs: of `network`; the stream of the two-branch network is its pose branch's. What was
    done is logged; returns what was changed, in words. Raises BadInput that lists the first
    differing layers when the rest does not fit; nothing is loaded then.
    """
    facts = _facts(checkpoint)
    made_for = f"{facts['model']}, {facts.get('stream', 'two streams')}, {facts['layout']}"
    made_stream = facts["stream"] if "stream" in facts else facts["streams"][-1]
    heads = classifier_names(network)
    heads += ["auxiliary_classifier"] if hasattr(network, "auxiliary_classifier") else []
    state, own = read_network_weights(checkpoint), network.state_dict()
    if facts["labels"] != list(labels):  # as many classes may still be other classes
        names = tuple(f"{head}." for head in heads)
        state = {name: value for name, value in state.items() if not name.startswith(names)}
    fitted, changes = fit_weights(
        state,
        own,
        str(checkpoint),
        model=model,
        stream=stream if made_stream == stream else None,
        source=get_layout(layout_of(facts, metadata_path(checkpoint))),
        target=layout,
        heads=heads,
        source_limbs=limbs_of(facts),
        limbs=limbs,
    )
    load_weights(network, fitted, f"{checkpoint} (made for {made_for})")
    loaded = sum(name in own and fitted[name] is value for name, value in state.items())
    LOGGER.info("%s (%s): %d of %d tensors taken over", checkpoint, made_for, loaded, len(own))
    for change in changes:
        LOGGER.info("%s: %s", checkpoint, change)
    return changes


def pretraining_of(checkpoint: str | Path) -> dict | None:
    """What is known of a pre-training that a checkpoint started from, or is: method, choice, number
    and digest of its clips, and how many people it saw and are scored; None without any."""
    facts = read_metadata(metadata_path(checkpoint))
    seen = facts.get("pretraining")
    if seen is None:
        return (facts.get("initial_weights") or {}).get("pretraining")
    # Names of people stay with the pre-training: later checkpoints travel in bundles.
    return {name: len(value) if isinstance(value, list) else value for name, value in seen.items()}


def _facts(checkpoint: str | Path) -> dict:
    checkpoint, metadata = Path(checkpoint), metadata_path(checkpoint)
    if checkpoint.suffix != ".safetensors" or not metadata.is_file():
        raise BadInput(
            f"initial_weights: {checkpoint}: is no checkpoint of this workflow (model.safetensors "
            f"with {metadata.name} beside it); take a published file over with import_weights and "
            f"write initial_weights: resources/weights/<name>/model.safetensors"
        )
    return read_metadata(metadata)
