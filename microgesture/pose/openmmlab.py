"""Configs and weights of OpenMMLab's packages (mmpose, mmdet), read with care.

A config is a Python program that runs when it is read: one that the package does not ship itself
is looked at first. Weights are numbers alone.
"""

from pathlib import Path

import torch
from mmengine.config import Config

from microgesture.configuration.pose_models import index_folder
from microgesture.pose.checkpoints import read_checkpoint
from microgesture.pose.config_check import check_config, check_types
from microgesture.provenance.errors import BadInput


def config_file(name: str, package: str) -> Path:
    """The file that a name stands for: '<package>::<folder>/<name>.py' or a path; it may be
    missing."""
    inside = name.removeprefix(f"{package}::")
    return Path(name) if inside == name else index_folder(package) / "configs" / inside


def read_plain_config(name: str, package: str, trust: bool) -> Config:
    """A config that is there (`config_file`). Raises BadInput for one that holds more than plain
    assignments, unless the package ships it or `trust` says that the caller knows it, and for a
    file that is no config."""
    file, shipped = config_file(name, package), name.startswith(f"{package}::")
    if not shipped:
        check_config(file, trust=trust)
    try:
        config = Config.fromfile(str(file))
    except Exception as error:
        raise BadInput(f"{name}: not a readable {package} config ({error})") from error
    if not (trust or shipped):
        check_types(name, config.to_dict())
    return config


def load_weights(
    network: torch.nn.Module, checkpoint: str | Path, config: str | Path, kind: str
) -> None:
    """Load a checkpoint into the network of a config; kind: "model" or "detector", for messages.

    Raises BadInput where they do not belong together.
    """
    weights = read_checkpoint(checkpoint)["state_dict"]
    other = f"{checkpoint}: the weights are of another {kind} than {config}"
    try:
        missing, unexpected = network.load_state_dict(weights, strict=False)
    except RuntimeError as error:
        detail = str(error).splitlines()
        first = detail[1].strip() if len(detail) > 1 else detail[0]
        raise BadInput(f"{other} ({first})") from error
    missing = [name for name in missing if not name.startswith("data_preprocessor.")]
    if missing or unexpected:
        raise BadInput(
            f"{other}: {len(missing)} missing ({', '.join(missing[:3])}), {len(unexpected)} "
            f"unknown ({', '.join(unexpected[:3])})"
        )
