# Read and check what the user brought, once, before any job is planned.
import os
from pathlib import Path

from snakemake.exceptions import WorkflowError

from microgesture.provenance.code_digest import code_digest
from microgesture.provenance.errors import BadInput
from microgesture.tables.batches import assign_batches
from microgesture.configuration.checked import checked_configuration
from microgesture.configuration.runs import MAIN, Runs
from microgesture.tables.sheets import read_sheets

try:
    RUNS = Runs(config, checked_configuration)
    config = RUNS.main
    SHEETS = read_sheets(config["videos"], config["clips"], config["labels"])
except BadInput as error:
    raise WorkflowError(str(error)) from None

for key in (
    "config",
    "checkpoint",
):  # a run in another --directory finds the shipped files too
    path = Path(workflow.basedir) / config["extract_keypoints"][key]
    if path.is_file():
        config["extract_keypoints"][key] = os.path.relpath(path)

VIDEOS = SHEETS.videos.assign(batch=assign_batches(SHEETS.videos, config["batches"]))
CLIPS = SHEETS.clips.merge(VIDEOS[["video", "batch"]], on="video")
LABELS = SHEETS.labels
BATCHES = sorted(CLIPS["batch"].unique())
SHEET_OF_BATCH = {
    "videos": dict(iter(VIDEOS.groupby("batch"))),
    "clips": dict(iter(CLIPS.groupby("batch"))),
}
# Keypoints of the user's own (an importer wrote them) stand in for the pose stage.
IMPORTED = bool((VIDEOS["keypoints"] != "").any())
# Beside 3D keypoints there may be those in pixels: heatmaps and crops are made from them.
FLAT = "_2d" if (VIDEOS["keypoints_2d"] != "").any() else ""
HAS_PIXELS = bool((VIDEOS["path"] != "").all())
IS_DEMO = SHEETS.videos["path"].str.startswith("results/demo_videos/").all()
# Without a training clip nothing is learned: the workflow ends with crops and overlays.
LEARNS = bool((SHEETS.clips["split"] == "train").any())
HAS_TRUTH = bool(((CLIPS["split"] == "test") & (CLIPS["label"] >= 0)).any())

# Files of the main run and of the variants of the ablation; a file that two runs share is the
# first one's (microgesture/configuration/runs.py).
PATHS = {
    "saliency": "results/{run}saliency{view}/{batch}.parquet",
    "rgb": "results/{run}rgb/{batch}.h5",
    "checkpoint": "results/{run}checkpoints/{modality}/{round}/model.safetensors",
    "logits": "results/{run}logits/{modality}/{round}.parquet",
    "pseudo_labels": "results/{run}pseudo_labels/{modality}/{round}.parquet",
    "temperatures": "results/{run}ensemble/temperatures.tsv",
    "probabilities": "results/{run}ensemble/probabilities.parquet",
    "scores": "results/{run}scores/scores.tsv",
    "quality": "results/{run}scores/pseudo_labels.tsv",
}


wildcard_constraints:
    run=r"(ablation/[a-z0-9_]+/\d+/)?",
    view="(_2d)?",
    video="|".join(map(re.escape, SHEETS.videos["video"])),
    batch="|".join(map(re.escape, BATCHES)),
    modality="|".join(map(re.escape, RUNS.all_modalities())) or "none",
    round=r"\d+",
    name=r"[A-Za-z0-9_.-]+",


def made(run, kind, modality="", number="", view="", batches=BATCHES):
    """The file (with batches: the files) of a run, in the folder of the run that makes it."""
    pattern = PATHS[kind]
    try:
        owner = RUNS.owner(run, kind, modality, number)
    except BadInput as error:
        raise WorkflowError(str(error)) from None
    files = collect(
        pattern, run=owner, modality=modality, round=number, view=view, batch=batches
    )
    return files if "{batch}" in pattern else files[0]


def made_all(run, kind, systems):
    """One file for every (modality, round)."""
    return [made(run, kind, *system) for system in systems]


def settings(wildcards, section):
    """A section of the configuration of the wildcards' run."""
    return RUNS.config(wildcards.run)[section]


def rows(sheet, batch, columns):
    """The batch's rows of a sheet as plain lists: as a param, an edit reruns this batch alone."""
    return SHEET_OF_BATCH[sheet][batch][columns].values.tolist()


def video_paths(wildcards):
    """The video files of a batch (none where only keypoints were brought)."""
    return [path for (path,) in rows("videos", wildcards.batch, ["path"]) if path]


def keypoint_stores(wildcards):
    """The stores of imported keypoints that a batch takes its videos from."""
    column = f"keypoints{wildcards.get('view', '')}"
    return sorted(
        {store for (store,) in rows("videos", wildcards.batch, [column]) if store}
    )


def model_digest(script, *models):
    """The digest of a script that builds networks named in the config."""
    return code_digest(script, *(f"microgesture/models/{model}.py" for model in models))


def recognition_stores(run, stream):
    """The stores that a stream is made from, over all batches."""
    view = FLAT if stream == "rgb" or stream.endswith("heatmap") else ""
    stores = {
        "clips": collect("results/index/{batch}/clips.parquet", batch=BATCHES),
        "saliency": made(run, "saliency", view=view),
        "skeletons": [],
        "rgb": [],
    }
    if stream == "rgb":
        stores["rgb"] = made(run, "rgb")
    else:
        stores["skeletons"] = collect(
            f"results/skeletons{view}/{{batch}}.h5", batch=BATCHES
        )
    return stores
