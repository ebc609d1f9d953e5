"""The modalities and the two-branch network: names, streams, parents, pixels, batches."""

from collections.abc import Iterator

from microgesture.configuration.model_files import PARENT_MODELS, options_of, streams_of
from microgesture.configuration.plans import Plan, problem
from microgesture.tables.problems import Problem, nearest

TAKEN = {  # names that results carry beside those of the modalities
    "fusion": "is what the two-branch network is called",
    "ensemble": "is what the vote is called",
    "all": "is what the members are called together",
}


def check_names(plan: Plan) -> Iterator[Problem]:
    """A modality is called like nothing else."""
    for name in plan.config["modalities"]:
        if name in TAKEN:
            yield problem("modalities", name, TAKEN[name], "give the modality another name")


def check_windows(plan: Plan) -> Iterator[Problem]:
    """Those that look at the windows of whole videos are members of the vote, one at least."""
    section = plan.config["predict_windows"]
    members = [*plan.config["modalities"], *(["fusion"] if plan.fuses else [])]
    for name in section["members"] or ():
        if name not in members:
            similar = nearest(name, members)
            meant = f"did you mean {similar!r}? " if similar else ""
            hint = f"{meant}members: {', '.join(members)}"
            yield problem("predict_windows: members", name, "is no member of the vote", hint)
    if section["members"] == ["fusion"] and not section["fusion"]:
        hint = "write predict_windows: {fusion: true}, or name other members"
        yield problem("predict_windows: members", "fusion", "is left out by fusion: false", hint)


def check_models(plan: Plan) -> Iterator[Problem]:
    """A network takes the stream and the options that it is given."""
    for name, settings in plan.networks().items():
        place, model = f"modalities: {name}", settings["model"]
        takes = streams_of(model)
        if takes is not None and settings["stream"] not in takes:
            wrong = f"is not taken by {model}"
            hint = f"it takes {', '.join(takes) or 'no single stream'}; choose another model"
            yield problem(f"{place}: stream", settings["stream"], wrong, hint)
        yield from _options(place, model, settings["model_options"])
    if plan.fuses:
        section = plan.fusion
        if streams_of(section["model"], "POSE_STREAMS") is None:
            hint = "write rgbpose_fusion"
            yield problem("train_fusion: model", section["model"], "has no two branches", hint)
        yield from _options("train_fusion", section["model"], section["model_options"])


def check_parents(plan: Plan) -> Iterator[Problem]:
    """The two-branch network starts from two modalities that fit its branches."""
    if not plan.fuses:
        return
    section = {**plan.config["train_fusion"], **plan.fusion}
    modalities = plan.networks()
    leave = "or write train_fusion: {enabled: false}"
    for branch in ("rgb", "pose"):
        place, name = f"train_fusion: {branch}_parent", section[f"{branch}_parent"]
        if name not in modalities:
            similar = nearest(name, modalities)
            meant = f"did you mean {similar!r}? " if similar else ""
            hint = f"{meant}modalities: {', '.join(modalities)}; name one of them, add it, {leave}"
            yield problem(place, name, "is no modality", hint)
            continue
        parent = modalities[name]
        takes = streams_of(section["model"], f"{branch.upper()}_STREAMS") or ()
        if parent["model"] != PARENT_MODELS[branch] or (takes and parent["stream"] not in takes):
            wrong = f"({parent['model']} on {parent['stream']}) cannot be the {branch} branch"
            hint = f"name a modality with model {PARENT_MODELS[branch]}"
            if takes:
                hint += f" and stream {' or '.join(takes)}"
            yield problem(place, name, wrong, f"{hint}, {leave}")
    if section["frames"] % section["rgb_frames"]:
        wrong = f"is no multiple of rgb_frames ({section['rgb_frames']})"
        hint = "the branches' frames must meet"
        yield problem("train_fusion: frames", section["frames"], wrong, hint)


def check_pixels(plan: Plan) -> Iterator[Problem]:
    """Pictures need videos."""
    videos = plan.sheets.videos
    without = videos.loc[videos["path"] == "", "video"].tolist()
    if not without:
        return
    for name, settings in plan.networks().items():
        if settings["stream"] == "rgb":
            wrong = (
                f"needs the pixels of all videos, and {len(without)} of {len(videos)} have no path "
                f"in {plan.config['videos']} (such as {without[0]})"
            )
            hint = f"write their paths, or leave the modality out (modalities: {{{name}: null}})"
            yield problem(f"modalities: {name}: stream", "rgb", wrong, hint)


def check_batch_sizes(plan: Plan) -> Iterator[Problem]:
    """A batch is shared out evenly to the processes of a training job."""
    for place, settings in plan.trained().items():
        if settings["batch_size"] % plan.processes:
            wrong = f"cannot be shared out to {plan.processes} GPUs"
            hint = f"write a multiple of {plan.processes}"
            yield problem(f"{place}: batch_size", settings["batch_size"], wrong, hint)


def check_last_batches(plan: Plan) -> Iterator[Problem]:
    """Something is left to learn where short last batches are dropped."""
    clips = int((plan.sheets.clips["split"] == "train").sum())
    for place, settings in plan.trained().items():
        samples = clips * settings["repeats"]
        if settings["last_batch"] == "dropped" and samples < settings["batch_size"]:
            size = settings["batch_size"]
            wrong = f"leaves nothing: an epoch has {samples} clips, a batch {size}"
            hint = "write short or weighted, a smaller batch_size, or more repeats"
            yield problem(f"{place}: last_batch", "dropped", wrong, hint)


def check_compiled(plan: Plan) -> Iterator[Problem]:
    """A network is compiled, or its blocks are computed twice."""
    for place, settings in plan.trained().items():
        if settings["compile_network"] and settings["recompute_activations"]:
            wrong = "cannot be had together with recompute_activations"
            yield problem(f"{place}: compile_network", True, wrong, "write false for one of them")


def check_snapshots(plan: Plan) -> Iterator[Problem]:
    """Snapshots are of the last epochs of one training, whose classifier learns with the rest."""
    for place, settings in plan.trained().items():
        group, place = settings["snapshots"], f"{place}: snapshots"
        if group["count"] == 1:
            continue
        if group["count"] > settings["epochs"]:
            wrong = f"is more than the epochs ({settings['epochs']})"
            yield problem(f"{place}: count", group["count"], wrong, "write fewer, or more epochs")
        if settings["checkpoint"] == "best":
            hint = "write checkpoint: last, or snapshots: {count: 1}"
            yield problem(place, None, "are of the last epochs, not of the best one", hint)
        if settings["classifier_retraining"]["epochs"]:
            hint = "write classifier_retraining: {epochs: 0}, or snapshots: {count: 1}"
            yield problem(place, None, "have classifiers that are not trained again", hint)
        if group["cyclic"] and settings["schedule"] != "cosine":
            hint = "write schedule: cosine, or cyclic: false"
            yield problem(f"{place}: cyclic", True, "begins a cosine anew", hint)


def check_augmentation(plan: Plan) -> Iterator[Problem]:
    """Clips are mixed beside losses that are sums over clips, rectangles of them where they are
    pictures."""
    for place, settings in plan.trained().items():
        group = settings["augmentation"]
        for name in ("mixup", "cutmix"):
            if not group[name]:
                continue
            stream = settings.get("stream", "rgb")
            if name == "cutmix" and stream != "rgb" and not stream.endswith("heatmap"):
                hint = "write cutmix: 0 there, or mixup; it belongs to rgb and heatmaps"
                wrong = f"cuts pictures, and the stream {stream} is a skeleton"
                yield problem(f"{place}: augmentation: {name}", group[name], wrong, hint)
            if settings["prototype_loss"]["weight"] > 0:
                hint = f"write prototype_loss: {{weight: 0}}, or {name}: 0"
                wrong = "mixes clips, and prototypes are means of whole ones"
                yield problem(f"{place}: augmentation: {name}", group[name], wrong, hint)


def _options(place: str, model: str, given: dict) -> Iterator[Problem]:
    known = options_of(model)
    for name in given if known is not None else ():
        if name not in known:
            similar = nearest(name, known)
            hint = f"it takes {', '.join(sorted(known))}"
            if similar:
                hint = f"did you mean {similar!r}? {hint}"
            yield problem(f"{place}: model_options", name, f"is no option of {model}", hint)
