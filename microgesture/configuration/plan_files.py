"""Files that the configuration names: they are there, and are what they are named for."""

import re
from collections.abc import Iterator
from pathlib import Path

from microgesture.configuration.plans import Plan, find_file, problem
from microgesture.provenance.errors import BadInput
from microgesture.tables.checks_files import path_fault
from microgesture.tables.problems import Problem, nearest

IMPORTED_WEIGHTS = re.compile(r"resources/weights/([A-Za-z0-9_.-]+)/model\.safetensors")
MADE_BY_WORKFLOW = "results/"
STORES_LOOKED_INTO = 50  # videos of a store whose layout is read; all are asked for


def check_pose_files(plan: Plan) -> Iterator[Problem]:
    """The pose model's files, where keypoints are estimated: not those of an estimator that brings
    its own, nor of a model that the workflow downloads by its name."""
    section = plan.config["extract_keypoints"]
    if plan.imported or section.get("estimator", "mmpose") != "mmpose" or section.get("model"):
        return
    for key in ("config", "checkpoint"):
        if section.get(key):
            hint = "docs/pose.md says which pose models there are and how to get their files"
            yield from _file(f"extract_keypoints: {key}", section[key], hint)


def check_initial_weights(plan: Plan) -> Iterator[Problem]:
    """First weights: a checkpoint of this workflow, or one that import_weights will make."""
    for name, settings in plan.networks().items():
        path = settings.get("initial_weights")
        if not path or path.startswith(MADE_BY_WORKFLOW):
            continue
        place = f"modalities: {name}: initial_weights"
        made = IMPORTED_WEIGHTS.fullmatch(path)
        entry = plan.config["import_weights"].get(made[1]) if made else None
        if entry is not None:
            if entry["model"] != settings["model"]:
                wrong = f"holds weights of {entry['model']}, the modality is {settings['model']}"
                hint = f"write model: {entry['model']}, or other weights"
                yield problem(place, path, wrong, hint)
            continue
        if made and not Path(path).is_file():
            similar = nearest(made[1], plan.config["import_weights"])
            hint = (
                f"name where they come from under import_weights: {made[1]} (docs/configuration.md)"
            )
            if similar:
                hint = f"did you mean {similar!r}? else {hint}"
            yield problem(place, path, "is not there and no import_weights makes it", hint)
            continue
        hint = "write the path of a model.safetensors that this workflow made"
        faults = list(_file(place, path, hint, shipped=False))
        yield from faults
        beside = Path(path).with_suffix(".json")
        if not faults and (Path(path).suffix != ".safetensors" or not beside.is_file()):
            wrong = f"is no checkpoint of this workflow ({beside.name} is not beside it)"
            hint = "take a published file over with import_weights and name what that makes"
            yield problem(place, path, wrong, hint)


def check_import_weights(plan: Plan) -> Iterator[Problem]:
    """Published weights that a modality starts from: a file that is there, or an address."""
    wanted = [settings.get("initial_weights") or "" for settings in plan.networks().values()]
    found = [IMPORTED_WEIGHTS.fullmatch(path) for path in wanted]
    for name in sorted({made[1] for made in found if made}):
        entry = plan.config["import_weights"].get(name)
        if entry is None or Path(f"resources/weights/{name}/model.safetensors").is_file():
            continue
        place = f"import_weights: {name}"
        if entry.get("file"):
            hint = "write the path of the published checkpoint as seen from the run's folder"
            yield from _file(f"{place}: file", entry["file"], hint, shipped=False)
        elif not entry.get("url"):
            yield problem(place, None, "names neither a file nor a url", "write one of them")


def check_class_vectors(plan: Plan) -> Iterator[Problem]:
    """Vectors of the semantic loss: enough of them, and where a file holds them, all of them."""
    labels = plan.sheets.labels["name"].tolist()
    for place, settings in plan.trained().items():
        place, group = f"{place}: semantic_loss", settings["semantic_loss"]
        if group["form"] == "none":
            continue
        if group["vectors"] == "gaussian":
            if group["dimension"] < len(labels):
                wrong = f"is less than the {len(labels)} classes"
                hint = f"write {len(labels)} or more"
                yield problem(f"{place}: dimension", group["dimension"], wrong, hint)
            continue
        hint = "write gaussian, or the path of a .npz that holds a vector for each class name"
        faults = list(_file(f"{place}: vectors", group["vectors"], hint, shipped=False))
        yield from faults
        if not faults:
            from microgesture.losses.semantic import orthogonal_frame, read_class_vectors

            try:  # torch is loaded for these few plans alone
                orthogonal_frame(read_class_vectors(group["vectors"], labels))
            except BadInput as error:
                yield problem(f"{place}: vectors", None, str(error), "mend the file")


def check_stores(plan: Plan) -> Iterator[Problem]:
    """Imported keypoints: every video in its store, and points that the streams can be made of."""
    if not plan.imported:
        return
    from microgesture.pose.convert import joint_sources
    from microgesture.pose.layouts import get_layout
    from microgesture.stores.sequences import list_sequences, sequence_shape

    videos, layout = plan.sheets.videos, plan.config["layout"]
    spatial: set[str] = set()  # stores of points in space
    for column in ("keypoints", "keypoints_2d"):
        for store, rows in videos[videos[column] != ""].groupby(column):
            try:
                there = set(list_sequences(store))
                missing = [video for video in rows["video"] if video not in there]
                for video in missing[:3]:
                    more = f" (and {len(missing) - 3} more videos)" if len(missing) > 3 else ""
                    wrong = f"is not in the store {store}{more}"
                    hint = "run the importer again, or take the store that holds it"
                    yield Problem(plan.config["videos"], None, column, video, wrong, hint)
                present = [video for video in rows["video"] if video in there]
                facts = {sequence_shape(store, v)[:2] for v in present[:STORES_LOOKED_INTO]}
                for source, dims in sorted(facts):
                    spatial |= {store} if dims == 3 else set()
                    if not any(joint_sources(get_layout(source), get_layout(layout))):
                        wrong = f"has no joint in common with {source!r}, in which {store} is"
                        yield problem("layout", layout, wrong, f"write layout: {source}")
            except BadInput as error:
                wrong = f"cannot be used: {error}"
                yield Problem(plan.config["videos"], None, column, store, wrong, "import it again")
    if spatial and not (videos["keypoints_2d"] != "").any():
        crops = plan.config["locate_saliency"]["enabled"]
        for name, settings in plan.networks().items():
            stream = settings["stream"]
            if stream.endswith("heatmap") or (stream == "rgb" and crops):
                wrong = "is made from keypoints in pixels, these are in space (3D)"
                hint = "import those in pixels beside them (--second, or --project)"
                yield problem(f"modalities: {name}: stream", stream, wrong, hint)


def _file(place: str, path: str, hint: str, shipped: bool = True) -> Iterator[Problem]:
    """What is wrong with a file; shipped: it may be one of the project's own."""
    found = find_file(path) if shipped else (Path(path) if Path(path).is_file() else None)
    if found is None:
        yield problem(place, path, "is no file", hint)
        return
    fault = path_fault(path if Path(path).is_file() else str(found))
    if fault:
        yield problem(place, path, *fault)
