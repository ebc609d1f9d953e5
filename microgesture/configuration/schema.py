"""The part of the schema that describes training, made from microgesture/configuration/settings.py.

`python -m microgesture.configuration.schema` writes schemas/training.schema.yaml. The
numbers of training have one home (settings.py); the schema, config.yaml's checks and
docs/configuration.md follow it. Names of presets are those of the files in presets/.
"""

import re
from pathlib import Path

import yaml

from microgesture.configuration.presets import KEY, preset_names, read_preset
from microgesture.configuration.settings import FUSION_SETTINGS, SETTINGS, Setting
from microgesture.provenance.files import written_whole

ROOT = Path(__file__).resolve().parents[2]
PATH = ROOT / "schemas" / "training.schema.yaml"
TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
# What a modality says for itself, so that there is no value for all of them.
OF_ONE_MODALITY = ("stream", "model", "model_options", "initial_weights", "limbs")
# What belongs to the job or the plan, not to the numbers of training.
THREADS = {
    "threads": {
        "description": "processor cores of a training job",
        "type": "integer",
        "minimum": 1,
        "default": 1,
    }
}
PARENTS = {
    "enabled": {
        "description": "train the two-branch network and let it vote",
        "type": "boolean",
        "default": True,
    },
    "rgb_parent": {
        "description": "modality whose best round starts the RGB branch",
        "type": "string",
        "default": "rgb",
    },
    "pose_parent": {
        "description": "modality whose best round starts the pose branch",
        "type": "string",
        "default": "heatmap",
    },
}


def model_files(root: Path = ROOT) -> list[str]:
    """Names that a modality's `model` may have: the files of microgesture/models/ that define
    `build`, without those that take no single stream (the fusion network)."""
    texts = {
        file.stem: file.read_text(encoding="utf-8")
        for file in sorted((root / "microgesture" / "models").glob("*.py"))
    }
    return [
        name
        for name, text in texts.items()
        if "\ndef build(" in text and not re.search(r"^STREAMS\b[^=\n]*= \(\)$", text, re.M)
    ]


def preset_schema(fusion: bool) -> dict:
    """The property `preset` of train_fusion or of a modality: the files that fit there."""
    names = [name for name in preset_names() if ("stream" not in read_preset(name)) == fusion]
    described = "recipe from presets/: what stands here goes above it"
    return {KEY: {"description": described, "type": "string", "enum": names}}


def settings_schema(table: dict, with_defaults: bool) -> dict:
    """JSON schema of a table of settings; nested tables become nested objects."""
    properties = {}
    for name, entry in table.items():
        if isinstance(entry, dict):
            properties[name] = settings_schema(entry, with_defaults)
        else:
            properties[name] = _setting_schema(name, entry, with_defaults)
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _setting_schema(name: str, entry: Setting, with_defaults: bool) -> dict:
    node = {"description": entry.meaning}
    if isinstance(entry.default, dict):
        node |= {"type": "object"}
    else:
        node |= {"type": TYPES[type(entry.default)]}
    if name == "model":
        node |= {"enum": model_files()}
    elif entry.choices and isinstance(entry.default, str):
        node |= {"enum": list(entry.choices)}
    elif entry.choices:
        node |= {"minimum": entry.choices[0]}
        if entry.choices[1] < 10**9:
            node |= {"maximum": entry.choices[1]}
    if with_defaults:
        node |= {"default": entry.default}
    return node


def training_schema() -> dict:
    """The definitions `training` (defaults), `modality` (overrides) and `fusion`."""
    shared = {name: entry for name, entry in SETTINGS.items() if name not in OF_ONE_MODALITY}
    # Of the pose parent are the fusion network's limbs, so that nobody writes them.
    fusion = {
        name: entry for name, entry in FUSION_SETTINGS.items() if name not in ("model", "limbs")
    }
    training = settings_schema(shared, with_defaults=True)
    fusion = settings_schema(fusion, with_defaults=True)
    training["properties"] = {**THREADS, **training["properties"]}
    fusion["properties"] = {**preset_schema(True), **THREADS, **PARENTS, **fusion["properties"]}
    modality = settings_schema(SETTINGS, with_defaults=False)
    modality["properties"] = {**preset_schema(False), **modality["properties"]}
    return {
        "training": training,
        "modality": {**modality, "required": ["stream", "model"]},
        "fusion": fusion,
    }


def main() -> None:
    """Write schemas/training.schema.yaml."""
    header = "# Made by `make schema` from microgesture/configuration/settings.py: edit that.\n"
    text = header + yaml.safe_dump(training_schema(), sort_keys=False, allow_unicode=True)
    with written_whole(PATH) as temporary:
        temporary.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
