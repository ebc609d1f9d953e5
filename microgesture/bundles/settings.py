"""The part of a configuration that a bundle keeps: what prediction on other videos needs.

Paths of files are rewritten to names within the bundle; nothing that only training, scoring or the
demo reads is kept, and no path of the machine where the run was made.
"""

import copy
from pathlib import Path

from microgesture.bundles.contents import LAYOUT, POSE
from microgesture.configuration.runs import laid_over
from microgesture.pose.layouts import is_layout_file
from microgesture.provenance.errors import BadInput

KEPT = (
    "layout",
    "mirror_images",
    "extract_keypoints",
    "clean_keypoints",
    "locate_saliency",
    "decode_rgb",
    "store_videos",
    "predict_windows",
    "find_segments",
    "modalities",
    "train_fusion",
    "predict_modality",
    "predict_fusion",
    "combine_scores",
)
SHIPPED = "mmpose::"  # configs that come with the package


def kept_settings(config: dict) -> tuple[dict, dict[str, Path]]:
    """(settings of the bundle, name in the bundle -> file to be put there).

    config: the whole checked configuration of a run (`checked_configuration`), its file names as
    seen from here. A modality is complete: its own numbers on top of those of train_modality.
    Sections that the configuration does not have are left out. Raises BadInput for a file that is
    not there.
    """
    settings = {key: copy.deepcopy(config[key]) for key in KEPT if key in config}
    shared = config.get("train_modality", {})
    settings["modalities"] = {
        name: _without(laid_over(shared, own), "threads", "pretrain")
        for name, own in config["modalities"].items()
    }
    if not settings.get("train_fusion", {}).get("enabled", False):
        settings["train_fusion"] = {"enabled": False}
    for entry in (*settings["modalities"].values(), settings["train_fusion"]):
        if "initial_weights" in entry:
            entry["initial_weights"] = ""  # where training began; a path of that machine
    files = _pose_files(settings.get("extract_keypoints", {}))
    if is_layout_file(settings["layout"]):
        files[LAYOUT] = _there(settings["layout"].partition("#")[0], "layout")
        settings["layout"] = LAYOUT
    return settings, files


def with_bundle(config: dict, settings: dict) -> dict:
    """A configuration in which every section that the bundle brings is the bundle's, whole: values
    of the demo's config.yaml below it must not shine through."""
    return {**copy.deepcopy(config), **copy.deepcopy(settings)}


def _pose_files(section: dict) -> dict[str, Path]:
    """Config and weights of mmpose that are files; in `section` they get their names in the bundle.

    With `model` (mmpose's index) or mediapipe there are none: both are found by their names.
    """
    if section.get("estimator", "mmpose") != "mmpose" or section.get("model"):
        for key in ("config", "checkpoint", "trust_config"):  # not read; a path of that machine
            section.pop(key, None)
        return {}
    section.pop("trust_config", None)  # who reads a bundle decides whom to trust
    files = {}
    for key in ("config", "checkpoint"):
        if key in section and not section[key].startswith(SHIPPED):
            path = _there(section[key], f"extract_keypoints: {key}")
            name = path.name if key == "config" else f"{path.stem}.safetensors"
            section[key] = f"{POSE}/{name}"
            files[section[key]] = path
    return files


def _there(name: str, key: str) -> Path:
    path = Path(name)
    if not path.is_file():
        raise BadInput(
            f"{key}: {name} is no file, and a bundle takes it along; run from the folder that the "
            f"configuration's paths are seen from"
        )
    return path


def _without(settings: dict, *keys: str) -> dict:
    return {key: value for key, value in settings.items() if key not in keys}
