"""Pre-training as it is planned: methods that fit the streams, clips that may be seen."""

import json
from collections.abc import Iterator
from pathlib import Path

from microgesture.configuration.model_files import SKELETON_STREAMS
from microgesture.configuration.plans import Plan, problem
from microgesture.metrics.groups import groups_of
from microgesture.pretraining.clips import check_choice
from microgesture.pretraining.settings import GROUP, asks, places_of
from microgesture.provenance.errors import BadInput
from microgesture.tables.problems import Problem

# What a method is made for, by the end of the stream's name.
SKELETONS = ("masked_motion", "masked_joints")
HEATMAPS = ("masked_joints",)
TUBES = ("masked_tubes",)
# No feature of every joint: rows of joints are folded, filters are never learned.
FOLDING = ("decoupled_st_cnn", "random_convolutions")
# Networks that leave tubelets out; of all others masked tubes wipe out places of the pictures.
TUBELETS = ("video_mae",)


def check_pretraining(plan: Plan) -> Iterator[Problem]:
    """Every modality that asks for pre-training can have it."""
    mode = plan.config["select_pseudo_labels"]["mode"]
    rotates = plan.config["protocol"]["folds"] is not None
    for name, settings in plan.networks().items():
        if not asks(settings):
            continue
        group, stream, place = settings[GROUP], settings["stream"], f"modalities: {name}: {GROUP}"
        method = group["method"]
        if method not in _methods_of(stream):
            hint = "skeleton streams take masked_motion or masked_joints, heatmaps masked_joints, "
            hint += "rgb masked_tubes"
            wrong = f"is not made for the stream {stream}"
            yield problem(f"{place}: method", method, wrong, f"{hint}; or write none")
        if settings["model"] in FOLDING:
            hint = "take a graph network or skeleton_transformer, or write none"
            wrong = f"needs a feature of every joint, which {settings['model']} has not"
            yield problem(f"{place}: method", method, wrong, hint)
        if method == "masked_tubes" and stream == "rgb":
            yield from _of_tubes(group, place)
            yield from _of_pictures(settings, f"modalities: {name}")
        if group["batch_size"] % plan.processes:
            wrong = f"cannot be shared out to {plan.processes} GPUs"
            hint = f"write a multiple of {plan.processes}"
            yield problem(f"{place}: batch_size", group["batch_size"], wrong, hint)
        try:
            check_choice(plan.sheets.clips, group["clips"], mode, rotates)
        except BadInput as error:
            told = " ".join(str(error).split())  # a sheet has many lines, each with its problem
            yield problem(f"{place}: clips", None, told, "mend the sheet or the choice")


def _methods_of(stream: str) -> tuple[str, ...]:
    if stream in SKELETON_STREAMS:
        return SKELETONS
    return TUBES if stream == "rgb" else HEATMAPS


def _of_tubes(group: dict, place: str) -> Iterator[Problem]:
    """What masked tubes ask of their weights."""
    if not group["pixel_weight"] + group["keypoint_weight"] > 0:
        wrong = "is 0, and so is keypoint_weight: nothing is left to learn"
        yield problem(f"{place}: pixel_weight", group["pixel_weight"], wrong, "write one above 0")


def _of_pictures(settings: dict, place: str) -> Iterator[Problem]:
    """Pictures that are wiped out place by place have a whole number of places."""
    size = settings["rgb_size"]
    places = places_of(size)
    if settings["model"] not in TUBELETS and size % places:
        wrong = f"is no multiple of {places}, the places a side that masked_tubes wipes out"
        hint = f"write rgb_size: {size - size % places}"
        yield problem(f"{place}: rgb_size", size, wrong, hint)


def warn_of_known_people(plan: Plan) -> Iterator[str]:
    """First weights of others whose pre-training saw people called like those of the test."""
    clips = plan.sheets.clips
    test = clips[clips["split"] == "test"]
    scored = set(groups_of(test["subject"].to_numpy(), test["video"].to_numpy()))
    for name, settings in plan.networks().items():
        path = settings.get("initial_weights")
        beside = Path(path).with_suffix(".json") if path else None
        if beside is None or not beside.is_file():
            continue
        try:
            facts = json.loads(beside.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue  # told where they are loaded
        seen = facts.get("pretraining") if isinstance(facts, dict) else None
        both = sorted(scored & set(seen["people"])) if seen else []
        if both:
            yield (
                f"modalities: {name}: initial_weights: {path} was pre-trained on clips of "
                f"{both[0]}{f' and {len(both) - 1} more' if both[1:] else ''}, who is scored here: "
                f"where these are the same people, the run is transductive and no table knows it"
            )
