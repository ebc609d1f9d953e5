"""Training recipes by name: presets/<name>.yaml, laid under what a configuration says itself.

A modality, or train_fusion, may say `preset: <name>`. Its own values stand above the preset, the
preset stands above train_modality. After `with_presets` nothing knows that there were any.
"""

import copy
from pathlib import Path

import yaml

from microgesture.configuration.runs import laid_over
from microgesture.configuration.settings import FUSION_SETTINGS, SETTINGS, complete_settings
from microgesture.provenance.errors import BadInput
from microgesture.tables.problems import Problem, nearest, raise_for

FOLDER = Path(__file__).resolve().parents[2] / "presets"
KEY = "preset"


def preset_names(folder: Path = FOLDER) -> list[str]:
    """Names of all presets, sorted."""
    return sorted(file.stem for file in folder.glob("*.yaml"))


def read_yaml(path: Path):
    """The content of a YAML file, plain values only; libyaml's loader is ten times as fast."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text(encoding="utf-8"), loader)


def read_preset(name: str, folder: Path = FOLDER) -> dict:
    """The settings of a preset, as written: not completed.

    A preset with a `stream` is for a modality, one without for train_fusion. Raises BadInput for a
    file that is no mapping, an unknown setting and a value that is not allowed.
    """
    path = folder / f"{name}.yaml"
    try:
        recipe = read_yaml(path)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadInput(f"{path}: cannot be read as YAML ({error})") from error
    if not isinstance(recipe, dict):
        raise BadInput(f"{path}: holds no settings; write one `name: value` a line")
    try:
        complete_settings(recipe, SETTINGS if "stream" in recipe else FUSION_SETTINGS)
    except BadInput as error:
        raise BadInput(f"{path}: {error}") from error
    return recipe


def with_presets(config: dict, folder: Path = FOLDER) -> dict:
    """A copy of `config` in which every `preset` is replaced by what it stands for.

    Mappings (augmentation, semantic_loss, ...) are merged value by value; the options of a model
    are left out where the modality names another model. Raises BadInput that lists every unknown
    preset (with the nearest right one) and every preset in the wrong place.
    """
    config = copy.deepcopy(config)
    sections = {"train_fusion": config.get("train_fusion")}
    if isinstance(config.get("modalities"), dict):
        sections |= {f"modalities: {name}": own for name, own in config["modalities"].items()}
    problems = []
    for place, own in sections.items():
        if isinstance(own, dict) and KEY in own:
            problems += _lay_under(own, place, folder)
    raise_for(problems, "the configuration")
    return config


def _lay_under(own: dict, place: str, folder: Path) -> list[Problem]:
    """Put the preset that `own` names under it, in place; returns what is wrong."""
    name, names = own.pop(KEY), preset_names(folder)
    if name not in names:
        similar = nearest(name, names)
        remedy = f"choose one of {', '.join(names)}"
        if similar:
            remedy = f"did you mean {similar!r}? {remedy}"
        return [Problem("config", None, f"{place}: {KEY}", name, "is no preset", remedy)]
    recipe = read_preset(name, folder)
    if ("stream" in recipe) == (place == "train_fusion"):
        other = "a modality" if "stream" in recipe else "train_fusion"
        remedy = f"it belongs to {other}; choose another one here"
        return [Problem("config", None, f"{place}: {KEY}", name, "does not fit here", remedy)]
    if "model" in recipe and own.get("model", recipe["model"]) != recipe["model"]:
        recipe.pop("model_options", None)
    merged = laid_over(recipe, own)
    own.clear()
    own.update(merged)
    return []
