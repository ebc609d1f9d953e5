"""Published weights for our networks: rename, fit to other keypoints and classes, write as ours.

Checkpoints of PYSKL, MMAction2, torchvision and VideoMAE (see `foreign_files`). The result is a
checkpoint of this project, which training can start from. docs/models.md lists the families that
are known.
"""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from microgesture.datasets.streams import in_channels
from microgesture.pose.layouts import Layout, get_layout
from microgesture.provenance.errors import BadInput
from microgesture.weights import (
    reference_names_cnn,
    reference_names_gcn,
    reference_names_transformer,
)
from microgesture.weights.channels import find_source_limbs
from microgesture.weights.checkpoints import write_checkpoint
from microgesture.weights.classifiers import fit_classifiers, read_source_labels
from microgesture.weights.download import digest_of
from microgesture.weights.families import check_family
from microgesture.weights.fitting import fit_weights
from microgesture.weights.foreign_files import read_checkpoint
from microgesture.weights.inflate import inflate_resnet, load_weights
from microgesture.weights.networks import build_network, call_build, model_module

LOGGER = logging.getLogger(__name__)


def rename_weights(model: str, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The names of PYSKL, MMAction2, torchvision or VideoMAE -> those of
    microgesture/models/<model>.py.

    Raises BadInput for a model that has no published counterpart.
    """
    tables = (reference_names_gcn, reference_names_transformer)
    for table in tables:
        rename = getattr(table, f"rename_{model}", None)
        if rename is not None:
            return rename(state)
    if model not in reference_names_cnn.NAMES:
        names = [name for table in tables for name in dir(table) if name.startswith("rename_")]
        names = [name.removeprefix("rename_") for name in names]
        raise BadInput(
            f"model {model!r} has no published weights that are known here; choose one of "
            f"{', '.join(sorted([*names, *reference_names_cnn.NAMES]))}"
        )
    return reference_names_cnn.translate_names(model, state)


def import_weights(
    file: str | Path,
    checkpoint: str | Path,
    metadata: str | Path,
    *,
    model: str,
    stream: str,
    layout: str,
    labels: list[str] | None = None,
    source_labels: Sequence[str] | str | None = None,
    source_layout: str | None = None,
    limbs: str = "bones",
    source_limbs: str | None = None,
    dims: int = 2,
    persons: int = 1,
    options: dict | None = None,
    name: str = "imported",
    url: str | None = None,
) -> list[str]:
    """Write a published checkpoint as one of ours: `checkpoint` (safetensors), `metadata` (json).

    file: see `read_checkpoint`. model, stream, dims, persons, options: as for training; they must
    be those of the published network; of the two-branch network `stream` is the pose branch's.
    layout, limbs: keypoints and limb set of the new network; source_layout, source_limbs: those of
    the published one (default: the same layout, and the limb set of as many limbs), by whose names
    the channels of a heatmap network are matched, while graph networks start with the new layout's
    graph and input norm. labels: the new classes; those that `source_labels` names as the file's
    keep their rows of the classifier, the others start afresh, and all do where the file's are not
    named. labels None keeps the file's classes under these names, or by number. Returns what was
    changed, in words (also logged and in the metadata). Raises BadInput that lists the first
    differing layers when the file does not fit, and where channels cannot be told apart.
    """
    target, source = get_layout(layout), get_layout(source_layout or layout)
    published = read_checkpoint(file)
    check_family(str(file), model, published)
    image = is_image_network(published) and model != "tsm"  # TSM is an image network itself
    state = inflate_resnet(published, {}) if image else rename_weights(model, published)
    heads = reference_names_cnn.HEADS.get(model, ("classifier",))
    own_labels = read_source_labels(source_labels)
    if labels is None:
        labels = own_labels = own_labels or _numbered_classes(file, state, heads[0])
    torch.manual_seed(0)  # the new head is the same at every import
    network = build_imported(model, stream, len(labels), target, limbs, dims, persons, options)
    own = network.state_dict()
    if image:
        state = inflate_resnet(published, own)
    # Colours are no joints: what an image network saw is averaged for every heatmap channel.
    matched = None if image else stream
    source_limbs = _source_limbs(file, state, model, matched, source, source_limbs)
    if source_layout is None and source_limbs == "bones" and matched not in (None, "rgb"):
        LOGGER.warning(
            "%s: no source_layout is written: its keypoints are taken for those of %s, in this "
            "order",
            *(file, source.name),
        )
    state = dict(state)
    changes = fit_classifiers(
        state, own, str(file), heads=heads, labels=labels, source_labels=own_labels
    )
    fitted, more = fit_weights(
        state,
        own,
        str(file),
        model=model,
        stream=matched,
        source=source,
        target=target,
        heads=heads,
        source_limbs=source_limbs,
        limbs=limbs,
    )
    changes += more
    load_weights(network, fitted, str(file))
    for change in changes:
        LOGGER.info("%s: %s", file, change)
    facts = {
        "modality": name,
        "round": 0,
        **({"streams": ["rgb", stream]} if is_two_branch(model) else {"stream": stream}),
        "model": model,
        "options": dict(options or {}),
        "layout": layout,
        "limbs": limbs,
        "coordinates": dims,
        "num_classes": len(labels),
        "labels": list(labels),
        "source": {
            "file": Path(file).name,
            "url": url,
            "sha256": digest_of(file),
            "layout": source.name,
            "limbs": source_limbs,
            "labels": own_labels,
            "changes": changes,
        },
    }
    weights = {f"network.{key}": value for key, value in network.state_dict().items()}
    write_checkpoint(weights, facts, checkpoint, metadata)
    return changes


def is_image_network(state: Mapping[str, Tensor]) -> bool:
    """The state dict is that of torchvision's 2D ResNet."""
    return "conv1.weight" in state and state["conv1.weight"].dim() == 4


def is_two_branch(model: str) -> bool:
    """The model takes RGB and a heatmap stream at once."""
    return hasattr(model_module(model), "POSE_STREAMS")


def _numbered_classes(file: str | Path, state: Mapping[str, Tensor], head: str) -> list[str]:
    weight = state.get(f"{head}.weight")
    if weight is None:
        raise BadInput(f"{file}: holds no classifier; give the labels of the new network")
    return [f"class {number}" for number in range(len(weight))]


def build_imported(
    model: str,
    stream: str,
    num_classes: int,
    layout: Layout,
    limbs: str,
    dims: int,
    persons: int,
    options: dict | None,
) -> nn.Module:
    """The network that the weights are for; of two branches with the published pose branch."""
    if not is_two_branch(model):
        return build_network(
            model,
            stream,
            num_classes,
            layout,
            dims=dims,
            persons=persons,
            options=options,
            limbs=limbs,
        )
    module = model_module(model)
    if stream not in module.POSE_STREAMS:
        raise BadInput(
            f"model {model} has an RGB and a pose branch; write the pose branch's stream, one of "
            f"{', '.join(module.POSE_STREAMS)}, not {stream}"
        )
    return call_build(
        module,
        num_classes,
        in_channels=in_channels(stream, layout, dims, limbs),
        layout=layout,
        **(options or {}),
    )


def _source_limbs(
    file: str | Path,
    state: Mapping[str, Tensor],
    model: str,
    stream: str | None,
    source: Layout,
    given: str | None,
) -> str:
    """The limb set of the file."""
    first = next(iter(reference_names_cnn.FIRST_LAYERS.get(model, ())), None)
    if stream != "limb_heatmap" or first not in state:
        return given or "bones"
    return find_source_limbs(str(file), state[first].shape[1], source, given)
