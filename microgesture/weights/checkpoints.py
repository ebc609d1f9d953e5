"""Checkpoints: weights as safetensors, everything else beside them as json."""

import json
import platform
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from microgesture.provenance.errors import BadInput
from microgesture.provenance.files import written_whole

NETWORK = "network."
SNAPSHOTS = "snapshots."


def write_checkpoint(
    weights: dict[str, torch.Tensor],
    facts: dict,
    checkpoint: str | Path,
    metadata: str | Path,
    earlier: Sequence[dict[str, torch.Tensor]] = (),
) -> None:
    """Write a Recogniser's weights and the facts about them.

    The network's own weights stand under the network's own names, those of the losses' heads under
    "losses.". facts: plain values; the versions of Python and torch are added. earlier: weights of
    earlier snapshots; of each the network's own stand under "snapshots.0.", "snapshots.1.", ...
    """
    renamed = {
        name.removeprefix(NETWORK) if name.startswith(NETWORK) else f"losses.{name}": value
        for name, value in weights.items()
    }
    for number, snapshot in enumerate(earlier):
        renamed |= {
            f"{SNAPSHOTS}{number}.{name.removeprefix(NETWORK)}": value
            for name, value in snapshot.items()
            if name.startswith(NETWORK)
        }
    with written_whole(checkpoint) as temporary:
        save_file({name: renamed[name].contiguous() for name in sorted(renamed)}, temporary)
    versions = {"python": platform.python_version(), "torch": torch.__version__}
    with written_whole(metadata) as temporary:
        text = json.dumps({**facts, "versions": versions}, indent=2, ensure_ascii=False)
        temporary.write_text(text + "\n", encoding="utf-8")


def read_network_weights(checkpoint: str | Path) -> dict[str, torch.Tensor]:
    """The network's weights of a checkpoint, without the losses' heads and earlier snapshots.
    Raises BadInput."""
    weights = _read(checkpoint)
    others = ("losses.", SNAPSHOTS)
    return {name: value for name, value in weights.items() if not name.startswith(others)}


def read_snapshots(checkpoint: str | Path) -> list[dict[str, torch.Tensor]]:
    """The network's weights of every earlier snapshot in a checkpoint. Raises BadInput."""
    found: dict[int, dict[str, torch.Tensor]] = {}
    for name, value in _read(checkpoint).items():
        if name.startswith(SNAPSHOTS):
            number, _, own = name.removeprefix(SNAPSHOTS).partition(".")
            found.setdefault(int(number), {})[own] = value
    return [found[number] for number in sorted(found)]


def _read(checkpoint: str | Path) -> dict[str, torch.Tensor]:
    try:
        return load_file(checkpoint)
    except (OSError, SafetensorError) as error:
        raise BadInput(
            f"{checkpoint}: is no readable checkpoint ({error}); delete it and train again"
        ) from error


def read_metadata(metadata: str | Path) -> dict:
    """The facts about a checkpoint. Raises BadInput."""
    try:
        return json.loads(Path(metadata).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(f"{metadata}: is no readable checkpoint metadata ({error})") from error


def metadata_path(checkpoint: str | Path) -> Path:
    """Where the metadata of a checkpoint stand: beside it, with the suffix .json."""
    return Path(checkpoint).with_suffix(".json")


def limbs_of(facts: dict) -> str:
    """The limb set of a checkpoint by its metadata: those of an import say it, those of a training
    among their settings; it was always the bones before there was a choice."""
    return facts.get("limbs") or facts.get("settings", {}).get("limbs", "bones")


def check_metadata(
    facts: dict, path: str | Path, *, layout: str | None = None, labels: list[str] | None = None
) -> None:
    """BadInput when a checkpoint was made for another keypoint layout or other labels."""
    if layout is not None and facts["layout"] != layout:
        raise BadInput(
            f"{path}: was trained on the layout {facts['layout']}, the data have {layout}; train "
            f"again, or write layout: {facts['layout']}"
        )
    if labels is not None and facts["labels"] != list(labels):
        own, other = facts["labels"], list(labels)
        pairs = [pair for pair in zip(own, other) if pair[0] != pair[1]]
        first = f"; first difference: {pairs[0][0]!r} and {pairs[0][1]!r}" if pairs else ""
        raise BadInput(
            f"{path}: was trained on other labels ({len(own)} classes, the data have "
            f"{len(other)}{first}); train again with this labels table"
        )


def load_network(network: nn.Module, checkpoint: str | Path) -> None:
    """Load a checkpoint's weights into a network of the same build. BadInput names the layers
    that differ."""
    weights = read_network_weights(checkpoint)
    own = network.state_dict()
    problems = [f"{name} is missing" for name in own if name not in weights]
    problems += [f"{name} is not in the network" for name in weights if name not in own]
    problems += [
        f"{name} is {tuple(weights[name].shape)}, the network has {tuple(own[name].shape)}"
        for name in own
        if name in weights and weights[name].shape != own[name].shape
    ]
    if problems:
        raise BadInput(
            f"{checkpoint}: does not fit the network ({len(problems)} differences: "
            f"{'; '.join(problems[:5])}); train again with these model_options"
        )
    network.load_state_dict(weights)
