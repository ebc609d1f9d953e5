"""What stands in the files of a bundle: read with care, and held against each other.

Everything here is light: no network is built, and torch is not needed, for a plan reads bundles.
"""

import json
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from safetensors import SafetensorError, safe_open

from microgesture.bundles.archive import check_archive
from microgesture.bundles.contents import LABELS, LAYOUT, METADATA, POSE, PRIORS, WEIGHTS
from microgesture.bundles.manifest import AGAIN
from microgesture.bundles.settings import KEPT, SHIPPED
from microgesture.configuration.checked import load_schema, schema_problems
from microgesture.configuration.schema import model_files
from microgesture.ensembles.vote import KINDS, read_vote
from microgesture.pose.config_check import list_findings
from microgesture.pose.layouts import LAYOUT_NAMES
from microgesture.provenance.errors import BadInput
from microgesture.tables.checks_clips import check_labels
from microgesture.tables.problems import Problem, raise_for
from microgesture.tables.reading import read_table
from microgesture.tables.rows import integers

LARGEST = 4 * 2**20  # bytes of a file of settings
DEEPEST = 50  # levels of nesting
NETWORKS = (*model_files(), "rgbpose_fusion")
LABEL_COLUMNS = ("label", "name", "description", "group")


def read_labels(folder: Path) -> pd.DataFrame:
    """label (int64, 0..K-1, sorted), name, description, group. Raises BadInput."""
    path = str(folder / LABELS)
    table = _table(path, LABEL_COLUMNS)
    raise_for(check_labels({"labels": table}, {"labels": path}), "the bundle")
    table = table.assign(label=table["label"].astype("int64"))
    return table.sort_values("label")[list(LABEL_COLUMNS)].reset_index(drop=True)


def read_counts(folder: Path, classes: int) -> np.ndarray:
    """int64 (classes,): training clips of every class. Raises BadInput."""
    path = str(folder / PRIORS)
    table = _table(path, ("label", "training_clips"))
    numbers, counts = integers(table["label"]), integers(table["training_clips"])
    if numbers.tolist() != list(range(classes)) or not (counts >= 0).all():
        raise BadInput(
            f"{path}: must have one row for each of the {classes} classes of {LABELS}, in their "
            f"order, with the number of training clips; {AGAIN}"
        )
    return counts.to_numpy(np.int64)


def read_vote_members(path: Path, classes: int) -> list[str]:
    """The members of the vote's table. Raises BadInput where its numbers cannot be a vote on so
    many classes."""
    table = _table(str(path), ("member", "temperature", "weight", "prior_correction", "vote"))
    own = table[table["member"] == "(vote)"]
    others = table[table["member"] != "(vote)"]
    heats = pd.to_numeric(table["temperature"], errors="coerce")
    weights = pd.to_numeric(others["weight"], errors="coerce")
    correction = pd.to_numeric(own["prior_correction"], errors="coerce")
    if not (
        len(own) == 1
        and others["member"].is_unique
        and np.isfinite(heats).all()
        and (heats > 0).all()
        and np.isfinite(weights).all()
        and (weights >= 0).all()
        and weights.sum() > 0
        and correction.between(0, 1).all()
        and table["vote"].isin(KINDS).all()
        and table["vote"].nunique() == 1
    ):
        raise BadInput(
            f"{path}: is no vote: it needs a row for each member with temperature > 0 and weight "
            f">= 0, and one row (vote) with temperature and prior_correction; {AGAIN}"
        )
    stack = read_vote(path).stack
    if stack is not None and len(stack.intercepts) != classes:
        raise BadInput(
            f"{path}: stacks {len(stack.intercepts)} classes, {LABELS} has {classes}; {AGAIN}"
        )
    return others["member"].tolist()


def read_settings(path: Path) -> dict:
    """The settings of a bundle, checked against the schema of this version, paths as written.

    Raises BadInput that lists every unknown key and wrong value, and every path that leads out of
    the bundle.
    """
    settings = read_plain_yaml(path)
    schema = load_schema()
    known = {key: value for key, value in schema["properties"].items() if key in KEPT}
    part = {"type": "object", "properties": known, "additionalProperties": False}
    part |= {"required": ["layout", "modalities"], "$defs": schema["$defs"]}
    problems = [
        Problem(
            str(path) + (f": {problem.column}" if problem.column else ""),
            None,
            None,
            problem.value,
            problem.wrong,
            problem.remedy,
        )
        for problem in schema_problems(settings, part)
    ]
    raise_for(problems or _paths_out(settings, path), "the bundle")
    return settings


def _paths_out(settings: dict, path: Path) -> list[Problem]:
    """Settings that name something else than what lies in the bundle or is known by a name."""
    section, places = settings.get("extract_keypoints", {}), []
    for key in ("config", "checkpoint"):
        value = section.get(key, SHIPPED)
        inside = value.startswith(f"{POSE}/") and ".." not in value.split("/")
        if not inside and not value.startswith(SHIPPED):
            places.append((f"extract_keypoints: {key}", value))
    if section.get("trust_config"):
        places.append(("extract_keypoints: trust_config", True))
    if settings["layout"] not in (*LAYOUT_NAMES, LAYOUT):
        places.append(("layout", settings["layout"]))
    entries = {f"modalities: {k}": v for k, v in settings["modalities"].items()}
    entries["train_fusion"] = settings.get("train_fusion", {})
    for place, entry in entries.items():
        if entry.get("initial_weights"):
            places.append((f"{place}: initial_weights", entry["initial_weights"]))
    wrong = "reaches beyond the bundle, and a bundle stands alone"
    hint = "do not use it; ask for it again where it was made"
    return [Problem(f"{path}: {place}", None, None, value, wrong, hint) for place, value in places]


def read_plain_yaml(path: Path) -> dict:
    """A mapping of plain values; anchors, which make small files huge ones, are refused. Raises
    BadInput."""
    text = _small_text(path)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        depth = 0
        for event in yaml.parse(text, loader):
            if isinstance(event, yaml.AliasEvent):
                raise BadInput(f"{path}: holds an alias (*name), which no bundle writes; {AGAIN}")
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST:  # reading on takes the square of the depth
                raise BadInput(f"{path}: is nested deeper than any settings; {AGAIN}")
        content = yaml.load(text, loader)
    except (yaml.YAMLError, RecursionError) as error:
        raise BadInput(f"{path}: is no readable YAML ({error}); {AGAIN}") from error
    if not isinstance(content, dict):
        raise BadInput(f"{path}: holds no settings; {AGAIN}")
    return content


def read_member(folder: Path, labels: list[str], layout: str) -> dict:
    """The facts of a member, whose files lie in `folder`.

    labels: the bundle's class names; layout: as its settings say it. The header of the weights is
    checked (every tensor lies within the file). Raises BadInput.
    """
    path = folder / METADATA
    try:
        facts = json.loads(_small_text(path))
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path}: is damaged ({error}); {AGAIN}") from error
    needed = {"labels", "layout", "num_classes", "settings", "model", "options", "coordinates"}
    missing = sorted(needed - set(facts if isinstance(facts, dict) else ()))
    if missing:
        raise BadInput(f"{path}: does not say {', '.join(missing)}; {AGAIN}")
    if facts["model"] not in NETWORKS:  # its name becomes that of a module
        raise BadInput(
            f"{path}: names the network {facts['model']!r}, which this microgesture does not have "
            f"({', '.join(NETWORKS)}); update microgesture, or make the bundle with this one"
        )
    if facts["labels"] != labels or facts["num_classes"] != len(labels):
        own = facts["labels"] if isinstance(facts["labels"], list) else []
        pairs = [f"{one!r} and {other!r}" for one, other in zip(own, labels) if one != other]
        first = f"; first difference: {pairs[0]}" if pairs else ""
        raise BadInput(
            f"{path}: was trained on other labels than the bundle's {LABELS} ({len(own)} and "
            f"{len(labels)} classes{first}); {AGAIN}"
        )
    if str(facts["layout"]).partition("#")[0] != layout:
        raise BadInput(
            f"{path}: was trained on the layout {facts['layout']}, the bundle's settings say "
            f"{layout}; {AGAIN}"
        )
    check_weights(folder / WEIGHTS)
    return facts


def check_weights(path: Path) -> None:
    """Raises BadInput unless the file is safetensors whose tensors all lie within it."""
    try:
        with safe_open(path, framework="numpy") as file:
            names = list(file.keys())
    except (SafetensorError, OSError) as error:
        raise BadInput(f"{path}: is no readable safetensors file ({error}); {AGAIN}") from error
    if not names:
        raise BadInput(f"{path}: holds no tensor; {AGAIN}")


def check_arrays(path: Path) -> None:
    """Raises BadInput unless the .npz file holds arrays of plain numbers or texts alone."""
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in check_archive(archive, path):
                with archive.open(entry) as file:
                    version = np.lib.format.read_magic(file)
                    read = {
                        (1, 0): np.lib.format.read_array_header_1_0,
                        (2, 0): np.lib.format.read_array_header_2_0,
                    }.get(version)
                    dtype = read(file)[2] if read else np.dtype(object)
                if dtype.hasobject:
                    raise BadInput(
                        f"{path}: {entry.filename} holds Python objects, and reading them could "
                        f"run any code; {AGAIN}"
                    )
    except (zipfile.BadZipFile, ValueError, EOFError, RuntimeError, NotImplementedError) as error:
        raise BadInput(f"{path}: is no readable npz file ({error}); {AGAIN}") from error


def check_pose_config(path: Path) -> None:
    """Raises BadInput where reading the pose model's config would run more than plain assignments,
    or read other files."""
    if "_base_" in _small_text(path):  # asked first: those files are none of the bundle's
        findings = [f"{path.name}: it is based on other files (_base_)"]
    else:
        findings = list_findings(path)
    if findings:
        raise BadInput(
            f"{path}: reading this config would do more than set values: {findings[0]}; a bundle "
            f"has none such: do not use this one"
        )


def _table(path: str, columns: tuple[str, ...]) -> pd.DataFrame:
    table, problems = read_table(path)
    if table is not None:
        problems += [
            Problem(path, 1, column, None, "the column is missing", AGAIN)
            for column in columns
            if column not in table.columns
        ]
    raise_for(problems, "the bundle")
    return table


def _small_text(path: Path) -> str:
    if path.stat().st_size > LARGEST:
        raise BadInput(f"{path}: has {path.stat().st_size} bytes, which no bundle needs; {AGAIN}")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path}: is no UTF-8 text ({error}); {AGAIN}") from error
