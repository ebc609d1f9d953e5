# Read and check what the user brought, once, before any job is planned.
import os
from pathlib import Path

from snakemake.exceptions import WorkflowError

from microgesture.provenance.code_digest import code_digest
from microgesture.provenance.errors import BadInput
from microgesture.tables.batches import assign_batches
from microgesture.tables.configuration import checked_configuration
from microgesture.tables.sheets import read_sheets

try:
    config = checked_configuration(config)
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
MODALITIES = config["modalities"]
LAST_ROUND = config["rounds"]
ROUNDS = [str(number) for number in range(LAST_ROUND + 1)]
# Keypoints of the user's own (an importer wrote them) stand in for the pose stage.
IMPORTED = bool((VIDEOS["keypoints"] != "").any())
HAS_PIXELS = bool((VIDEOS["path"] != "").all())
IS_DEMO = SHEETS.videos["path"].str.startswith("results/demo_videos/").all()
# Without a training clip nothing is learned: the workflow ends with crops and overlays.
LEARNS = bool((SHEETS.clips["split"] == "train").any())
FUSION = config["train_fusion"]
USES_FUSION = LEARNS and FUSION["enabled"]
HAS_TRUTH = bool(((CLIPS["split"] == "test") & (CLIPS["label"] >= 0)).any())


wildcard_constraints:
    video="|".join(map(re.escape, SHEETS.videos["video"])),
    batch="|".join(map(re.escape, BATCHES)),
    modality="|".join(map(re.escape, MODALITIES)) or "none",
    round=r"\d+",
    name=r"[A-Za-z0-9_.-]+",


def rows(table, batch, columns):
    """The batch's rows of a sheet as plain lists: as a param, an edit reruns this batch alone."""
    return table.loc[table["batch"] == batch, columns].values.tolist()


def video_paths(wildcards):
    """The video files of a batch (none where only keypoints were brought)."""
    return [path for (path,) in rows(VIDEOS, wildcards.batch, ["path"]) if path]


def keypoint_stores(wildcards):
    """The stores of imported keypoints that a batch takes its videos from."""
    return sorted(
        {store for (store,) in rows(VIDEOS, wildcards.batch, ["keypoints"]) if store}
    )


def modality_settings(modality):
    """The modality's own numbers on top of those of train_modality."""
    own = MODALITIES[modality]
    settings = {**config["train_modality"], **own}
    for group in ("augmentation", "semantic_loss", "prototype_loss"):
        settings[group] = {**config["train_modality"][group], **own.get(group, {})}
    return settings


def model_digest(script, *models):
    """The digest of a script that builds networks named in the config."""
    return code_digest(script, *(f"microgesture/models/{model}.py" for model in models))


def recognition_stores(stream):
    """The stores that a stream is made from, over all batches."""
    stores = {
        "clips": collect("results/index/{batch}/clips.parquet", batch=BATCHES),
        "saliency": collect("results/saliency/{batch}.parquet", batch=BATCHES),
        "skeletons": [],
        "rgb": [],
    }
    if stream == "rgb":
        stores["rgb"] = collect("results/rgb/{batch}.h5", batch=BATCHES)
    else:
        stores["skeletons"] = collect("results/skeletons/{batch}.h5", batch=BATCHES)
    return stores


def modality_stores(wildcards):
    """The stores of a modality's stream."""
    return recognition_stores(MODALITIES[wildcards.modality]["stream"])


def teachers(modality):
    """The other modalities; a single modality has none to learn from."""
    return [name for name in MODALITIES if name != modality]


def parents(kind, pattern):
    """Files of all rounds of the "rgb" or "pose" parent; the best by validation is taken."""
    return collect(pattern, modality=FUSION[f"{kind}_parent"], round=ROUNDS)


def fusion_stores(wildcards):
    """The stores of both branches."""
    stores = recognition_stores("rgb")
    stores["skeletons"] = recognition_stores("joint")["skeletons"]
    return stores


def fusion_digest(script):
    """The digest of a script of the fusion network, with the parents' networks."""
    branches = [
        MODALITIES.get(FUSION[f"{kind}_parent"], {}) for kind in ("rgb", "pose")
    ]
    models = [parent["model"] for parent in branches if parent]
    return model_digest(script, "rgbpose_fusion", *models)
