"""Write a bundle: everything that predicts with a finished run, in one folder.

The folder appears whole or not at all. Its content depends on what goes in alone, the date in
bundle.json aside.
"""

import json
import os
import platform
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from safetensors.torch import save

from microgesture.bundles.card import model_card
from microgesture.bundles.contents import (
    CARD,
    FACTS,
    LABELS,
    LAYOUT,
    MANIFEST,
    MEMBERS,
    METADATA,
    POSE,
    PRIORS,
    SCORES,
    SEGMENTER,
    SETTINGS,
    VOTE,
    WEIGHTS,
    is_known,
)
from microgesture.bundles.manifest import make_manifest
from microgesture.bundles.settings import kept_settings
from microgesture.pose.checkpoints import read_checkpoint
from microgesture.pose.config_check import list_findings
from microgesture.pose.layout_files import identified
from microgesture.pose.layouts import is_layout_file
from microgesture.provenance.errors import BadInput
from microgesture.provenance.packages import NUMERIC, installed_version

LABEL_COLUMNS = ("label", "name", "description", "group")


class _Plain(yaml.SafeDumper):
    """Without anchors: a reader refuses them, for they can make a small file a huge one."""

    def ignore_aliases(self, data) -> bool:
        return True


def write_bundle(
    folder: str | Path,
    *,
    name: str,
    labels: pd.DataFrame,
    settings: dict,
    members: Mapping[str, tuple[str | Path, str | Path]],
    vote: str | Path,
    counts: np.ndarray,
    trained: dict,
    segmenter: Sequence[str | Path] = (),
    scores: str | Path | None = None,
    facts: str | Path | None = None,
    commit: str = "",
    created: str | None = None,
) -> None:
    """Write a bundle into `folder`; a bundle that lies there is replaced.

    name: title of the bundle. labels: label (0..K-1), name, description, group. settings: the whole
    checked configuration of the run; `kept_settings` says what of it is kept, and takes the pose
    model's files and the layout file along. members: name -> (model.safetensors, model.json) of
    everything that votes. vote: the table of fit_temperatures. counts: int (K,) training clips of
    every class, which the vote's correction divides by. trained: from `card.trained_on`.
    segmenter: its files (.npz, .json, .tsv, .safetensors). scores, facts: of score_predictions;
    None where there was no test truth. created: the date, None = today.

    Raises BadInput where the parts do not belong together, a file is missing or the pose model's
    config holds code, and where something else than a bundle lies in `folder`.
    """
    layout = settings["layout"]
    kept, files = kept_settings(settings)
    inner = layout
    if is_layout_file(layout):
        inner = f"{LAYOUT}#{identified(layout).partition('#')[2]}"
    _check_members(members, vote, labels, identified(layout))
    if len(counts) != len(labels):
        raise BadInput(f"{len(counts)} counts of training clips for {len(labels)} classes")
    with _folder_written_whole(Path(folder)) as place:
        for member, (weights, metadata) in members.items():
            target = place / MEMBERS / member
            target.mkdir(parents=True)
            shutil.copyfile(weights, target / WEIGHTS)
            own = {**_plain_json(metadata), "layout": inner}
            text = json.dumps(own, indent=2, ensure_ascii=False)
            (target / METADATA).write_text(text + "\n", encoding="utf-8")
        for inside, path in files.items():
            (place / inside).parent.mkdir(exist_ok=True)
            if inside.startswith(f"{POSE}/"):
                _put_pose_file(path, place / inside)
            else:
                shutil.copyfile(path, place / inside)
        for path in map(Path, segmenter):
            inside = f"{SEGMENTER}/{path.name}"
            if not is_known(inside):
                raise BadInput(f"{path}: is no file that a segmenter has in a bundle")
            (place / SEGMENTER).mkdir(exist_ok=True)
            shutil.copyfile(path, place / inside)
        shutil.copyfile(vote, place / VOTE)
        for path, inside in ((scores, SCORES), (facts, FACTS)):
            if path is not None:
                shutil.copyfile(path, place / inside)
        _write_table(labels[list(LABEL_COLUMNS)], place / LABELS)
        counted = {"label": range(len(counts)), "training_clips": np.asarray(counts, np.int64)}
        _write_table(pd.DataFrame(counted), place / PRIORS)
        text = yaml.dump(kept, Dumper=_Plain, sort_keys=False, allow_unicode=True)
        (place / SETTINGS).write_text(text, encoding="utf-8")
        packages = _packages()
        card = model_card(
            name,
            labels,
            kept,
            list(members),
            trained,
            segmenter=bool(segmenter),
            scores=None if scores is None else pd.read_csv(scores, sep="\t"),
            facts=None if facts is None else yaml.safe_load(Path(facts).read_text("utf-8")),
            commit=commit,
            packages=packages,
        )
        (place / CARD).write_text(card, encoding="utf-8")
        known = {
            "name": name,
            "created": created or datetime.now(UTC).date().isoformat(),
            "commit": commit,
            "packages": packages,
        }
        text = json.dumps(make_manifest(place, known), indent=2, ensure_ascii=False)
        (place / MANIFEST).write_text(text + "\n", encoding="utf-8")


def _check_members(members: Mapping, vote: str | Path, labels: pd.DataFrame, layout: str) -> None:
    """BadInput unless every member was trained on these labels and this layout, and votes."""
    if not members:
        raise BadInput("a bundle needs at least one trained member; train the run to its end first")
    names = labels["name"].tolist()
    for weights, metadata in members.values():
        if not Path(weights).is_file():
            raise BadInput(f"{weights}: is missing; run the workflow to its end first")
        own = _plain_json(metadata)
        if own.get("labels") != names:
            raise BadInput(
                f"{metadata}: was trained on other labels than the run's table; run the workflow "
                f"to its end first"
            )
        if own.get("layout") != layout:
            raise BadInput(
                f"{metadata}: was trained on the layout {own.get('layout')}, the run has {layout}; "
                f"run the workflow to its end first"
            )
    voting = pd.read_csv(vote, sep="\t", dtype={"member": str})["member"].tolist()
    voting = [member for member in voting if not member.startswith("(")]
    if sorted(voting) != sorted(members):
        raise BadInput(
            f"{vote}: holds the members {', '.join(voting)}, the bundle shall have "
            f"{', '.join(members)}; run fit_temperatures again"
        )


def _plain_json(path: str | Path) -> dict:
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(f"{path}: is no readable checkpoint metadata ({error})") from error
    return content if isinstance(content, dict) else {}


def _put_pose_file(path: Path, target: Path) -> None:
    """A config as it is, if it is plain; weights of any format as safetensors."""
    if target.suffix != ".safetensors":
        why = ["it is based on other files (_base_)"]
        if "_base_" not in path.read_text(encoding="utf-8"):
            why = list_findings(path)
        if why:
            raise BadInput(
                f"{path}: a bundle takes a pose model's config along only where it is whole and "
                f"holds plain assignments ({why[0]}); write it out once with mmengine "
                f"(Config.fromfile(...).dump(...)) and name that file in extract_keypoints: config"
            )
        shutil.copyfile(path, target)
        return
    weights = read_checkpoint(path)["state_dict"]
    target.write_bytes(save({key: weights[key].contiguous().clone() for key in sorted(weights)}))


def _packages() -> dict[str, str]:
    """Python and every installed package that numbers rest on, with their versions."""
    found = {name: installed_version(name) for name in sorted({*NUMERIC.values(), "safetensors"})}
    found = {name: version for name, version in found.items() if version != "none"}
    return {"python": platform.python_version(), **found}


def _write_table(table: pd.DataFrame, path: Path) -> None:
    table.to_csv(path, sep="\t", index=False, lineterminator="\n")


@contextmanager
def _folder_written_whole(folder: Path) -> Iterator[Path]:
    """A temporary folder beside `folder` that takes its place when the body ends without error."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MANIFEST).is_file():
        raise BadInput(
            f"{folder}: holds other files than a bundle, which would be lost; name an empty or a "
            f"new folder"
        )
    if folder.is_file():
        raise BadInput(f"{folder}: is a file; name a folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    place = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    before = folder.with_name(f".{folder.name}.{os.getpid()}.before")
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    try:
        yield place
        if folder.is_dir():
            os.replace(folder, before)
        os.replace(place, folder)
    finally:
        if before.is_dir() and not folder.exists():
            os.replace(before, folder)
        shutil.rmtree(place, ignore_errors=True)
        shutil.rmtree(before, ignore_errors=True)
