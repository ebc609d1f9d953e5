"""The configuration against its schema: every problem at once, in words that help to mend it."""

import copy
from functools import cache
from pathlib import Path

import jsonschema

from microgesture.configuration.presets import read_yaml, with_presets
from microgesture.pose.layout_files import identified
from microgesture.provenance.errors import BadInput
from microgesture.tables.problems import Problem, nearest, raise_for
from microgesture.videos.magnification_settings import asked_magnification

SCHEMA = Path(__file__).resolve().parents[2] / "schemas" / "config.schema.yaml"


@cache
def load_schema(path: str | Path = SCHEMA) -> dict:
    """The schema of config.yaml as a dictionary, always the same one: do not change it."""
    schema = read_yaml(Path(path))
    training = read_yaml(Path(path).with_name("training.schema.yaml"))
    schema["$defs"] = {**training, **schema.get("$defs", {})}
    return schema


def checked_configuration(config: dict, schema: dict | None = None) -> dict:
    """`config` with its presets resolved and the schema's defaults filled in.

    A modality or variant set to null (`rgb: null` in a file that is laid over config.yaml) is left
    out. With `mirror_images: false` no network has any.

    Raises BadInput that lists every unknown key (with the nearest right one), wrong type and value
    out of range.
    """
    schema = schema or load_schema()
    config = copy.deepcopy(config)
    for group in (config, config.get("ablation")):
        for key in ("modalities", "variants"):
            if isinstance(group, dict) and isinstance(group.get(key), dict):
                named = group[key].items()
                group[key] = {name: entry for name, entry in named if entry is not None}
    config = with_presets(config)
    config = _filled(config, schema, schema)
    problems = schema_problems(config, schema)
    if not problems:
        problems += _facing_nothing(config)
        problems += _band_out_of_order(config)
    if isinstance(config.get("layout"), str):
        try:
            config["layout"] = identified(config["layout"])
        except BadInput as error:
            problems.append(
                Problem("config", None, "layout", None, str(error), "see docs/layouts.md")
            )
    raise_for(problems, "the configuration")
    if not config.get("mirror_images", True):
        _without_mirror_images(config)
    return config


def schema_problems(config: dict, schema: dict) -> list[Problem]:
    """Every unknown key (with the nearest right one), wrong type and value out of range."""
    validator = jsonschema.Draft202012Validator(schema)
    errors = sorted(
        validator.iter_errors(config), key=lambda error: list(map(str, error.absolute_path))
    )
    return [problem for error in errors for problem in _told(error)]


def _facing_nothing(config: dict) -> list[Problem]:
    """`facing` turns skeletons in space: on heatmaps it could only be passed over."""
    shared = (config.get("train_modality") or {}).get("facing", False)
    found = []
    for name, entry in (config.get("modalities") or {}).items():
        stream = entry.get("stream", "")
        asked = entry.get("facing", shared if stream.endswith("heatmap") else False)
        if asked and (stream.endswith("heatmap") or stream == "rgb"):
            wrong = f"has no meaning for the stream {stream}, which is made from pixels"
            remedy = "write facing: false there; it belongs to skeleton streams of 3D keypoints"
            place = f"modalities: {name}: facing"
            found.append(Problem("config", None, place, True, wrong, remedy))
    return found


def _band_out_of_order(config: dict) -> list[Problem]:
    """Motion is magnified within a band: from a lower to a higher frequency."""
    try:
        asked_magnification(config.get("decode_rgb") or {})
    except BadInput as error:
        wrong, _, remedy = str(error).removeprefix("decode_rgb: magnification: ").partition("; ")
        return [Problem("config", None, "decode_rgb: magnification", None, wrong, remedy)]
    return []


def _without_mirror_images(config: dict) -> None:
    """Take mirror images out of every network's settings, in place: those of presets and those
    that a file laid under this one leaves behind."""
    for settings in (
        config["train_modality"],
        config["train_fusion"],
        *config["modalities"].values(),
    ):
        settings.setdefault("augmentation", {})["flip"] = 0.0
        settings["test_flip"] = False


def resolved(node: dict, schema: dict) -> dict:
    """`node` with its `$ref` replaced by what it points to."""
    while "$ref" in node:
        rest = {key: value for key, value in node.items() if key != "$ref"}
        target = schema
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = {**target, **rest}
    return node


def _filled(value, node: dict, schema: dict):
    """`value` with the defaults of the schema's `node` put where a key is missing."""
    node = resolved(node, schema)
    if not isinstance(value, dict):
        return value
    for key, child in node.get("properties", {}).items():
        child = resolved(child, schema)
        if key not in value and "default" in child:
            value[key] = copy.deepcopy(child["default"])
        elif key not in value and child.get("type") == "object" and "properties" in child:
            value[key] = {}
        if key in value:
            value[key] = _filled(value[key], child, schema)
    extra = node.get("additionalProperties")
    if isinstance(extra, dict):
        for key in value:
            if key not in node.get("properties", {}):
                value[key] = _filled(value[key], extra, schema)
    return value


def _told(error: jsonschema.ValidationError) -> list[Problem]:
    place = ": ".join(str(part) for part in error.absolute_path) or None
    if error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        problems = []
        for key in sorted(set(error.instance) - set(known)):
            similar = nearest(key, known)
            choices = ", ".join(sorted(known))
            remedy = f"did you mean {similar!r}?" if similar else f"known keys here: {choices}"
            problems.append(Problem("config", None, place, key, "is no known key", remedy))
        return problems
    if error.validator == "enum":
        similar = nearest(error.instance, error.validator_value)
        choices = ", ".join(str(choice) for choice in error.validator_value)
        remedy = f"choose one of {choices}"
        if similar:
            remedy = f"did you mean {similar!r}? {remedy}"
        return [Problem("config", None, place, error.instance, "is not a choice", remedy)]
    description = error.schema.get("description", "see docs/configuration.md")
    return [Problem("config", None, place, None, error.message, description)]
