# Read and check what the user brought, once, before any job is planned.
import gc
import os
import time
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.logging import logger

from microgesture.bundles.prediction import applied, segmenter_files
from microgesture.bundles.reading import other_packages
from microgesture.bundles.sheets import left_out, sheets_to_predict
from microgesture.configuration.checked import checked_configuration
from microgesture.configuration.lineage import Lineage
from microgesture.configuration.lineage_data import DataLineage
from microgesture.configuration.plan_checks import check_plan
from microgesture.configuration.runs import MAIN, Runs
from microgesture.configuration.states import note_wanted_states
from microgesture.provenance.errors import BadInput
from microgesture.provenance.identity import Identities
from microgesture.provenance.packages import code_and_packages
from microgesture.provenance.tracking import CHANGED, Tracking
from microgesture.tables.batches import assign_batches
from microgesture.tables.sheets import read_sheets

# A plan of thousands of jobs is millions of objects that stay: to look for cycles among them again
# and again takes a sixth of its time.
gc.set_threshold(100_000, 20, 20)


# Snakemake's default limit of starts a second wakes its scheduler by a timer that starts the next, one
# more with every job that ends: after a hundred jobs they take a quarter of a core (decision 46).
# Another limit is somebody's wish and stays.
onstart:
    limiter = workflow.scheduler.job_rate_limiter
    if limiter and (limiter.max_jobs, limiter.timespan) == (100, 1):
        workflow.scheduler.job_rate_limiter = None


try:
    # With `predict: bundle` the run applies what another one has learned; the content of the
    # bundle's files is checked once, not by every job.
    config, BUNDLE = applied(config, content=workflow.is_main_process)
    RUNS = Runs(config, checked_configuration)
    config = RUNS.main
    if BUNDLE:
        asked = config["predict"]
        SHEETS = sheets_to_predict(asked["videos"], asked["clips"], BUNDLE.labels)
    else:
        SHEETS = read_sheets(config["videos"], config["clips"], config["labels"])
    FOLDS = RUNS.folds(SHEETS.clips)
    if workflow.is_main_process:  # told once, not by every job
        if BUNDLE:
            for told in (*left_out(asked["videos"]), *other_packages(BUNDLE)):
                logger.info(told)
        else:
            check_plan(RUNS, SHEETS)
    SEGMENTER = {
        "heads": "results/segmenter/all.npz",
        "segmenter": "results/segmenter/all.json",
    }
    if BUNDLE and config["predict"]["clips"] is None:
        SEGMENTER = segmenter_files(BUNDLE)
except BadInput as error:
    raise WorkflowError(str(error)) from None

for key in (
    "config",
    "checkpoint",
):  # a run in another --directory finds the shipped files too
    path = Path(workflow.basedir) / config["extract_keypoints"][key]
    if path.is_file():
        config["extract_keypoints"][key] = os.path.relpath(path)

# Light stages share a job by batch, heavy ones by part: a whole batch, or with batches: 0 one video.
VIDEOS = SHEETS.videos.assign(**assign_batches(SHEETS.videos, config["batches"]))
if not BUNDLE or len(SHEETS.clips):
    VIDEOS = VIDEOS[VIDEOS["video"].isin(SHEETS.clips["video"])]
CLIPS = SHEETS.clips
LABELS = SHEETS.labels
ROWS_OF = {}  # of a batch or a part; one that is both has the same videos
for row in VIDEOS.to_dict("records"):
    for name in {row["batch"], row["part"]}:
        ROWS_OF.setdefault(name, []).append(row)
BATCHES = sorted(VIDEOS["batch"].unique())
PARTS = sorted(VIDEOS["part"].unique())
# Keypoints of the user's own (an importer wrote them) stand in for the pose stage.
IMPORTED = bool((VIDEOS["keypoints"] != "").any())
# Beside 3D keypoints there may be those in pixels: heatmaps and crops are made from them.
FLAT = "_2d" if (VIDEOS["keypoints_2d"] != "").any() else ""
HAS_PIXELS = bool((VIDEOS["path"] != "").all())
IS_DEMO = SHEETS.videos["path"].str.startswith("results/demo_videos/").all()
# Without a training clip nothing is learned: the workflow ends with crops and overlays.
LEARNS = bool((CLIPS["split"] == "train").any())
HAS_TRUTH = bool(((CLIPS["split"] == "test") & (CLIPS["label"] >= 0)).any())

# What every job is made from, and what of that has changed since it ran last.
IDENTITIES = Identities(".snakemake/identities.json")
LINEAGE = Lineage(
    RUNS,
    DataLineage(RUNS, VIDEOS, CLIPS, IDENTITIES, code_and_packages),
    LABELS,
    IDENTITIES,
    code_and_packages,
    BUNDLE,
)
TRACKING = Tracking(LINEAGE, workflow, IDENTITIES, logger.info)
note_wanted_states(
    LINEAGE,
    RUNS,
    {*BATCHES, *PARTS},
    [*FOLDS, *RUNS.label_runs[: 0 if BUNDLE else None]],
)

# Files of the main run and of the variants of the ablation; a file that two runs share is the
# first one's (microgesture/configuration/lineage.py).
PATHS = {
    "saliency": "results/{run}saliency{view}/{batch}.parquet",
    "rgb": "results/{run}rgb/{part}.h5",
    "checkpoint": (
        f"{BUNDLE.folder}/members/{{modality}}/model.safetensors"
        if BUNDLE
        else "results/{run}checkpoints/{modality}/{round}/model.safetensors"
    ),
    "pretraining": "results/{run}checkpoints/{modality}/pretrained/model.safetensors",
    "logits": "results/{run}logits/{modality}/{round}.parquet",
    "pseudo_labels": "results/{run}pseudo_labels/{modality}/{round}.parquet",
    "temperatures": "results/{run}ensemble/temperatures.tsv",
    "probabilities": "results/{run}ensemble/probabilities.parquet",
    "scores": "results/{run}scores/scores.tsv",
    "quality": "results/{run}scores/pseudo_labels.tsv",
}


wildcard_constraints:
    run=r"(ablation/[a-z0-9_]+/\d+/|rotation/\d+/|label_efficiency/[a-z][a-z0-9_]*/\d+/\d+/)?",
    fold=r"(rotation/\d+/|label_efficiency/\d+/\d+/)?",
    view="(_2d)?",
    video=r"[A-Za-z0-9][A-Za-z0-9_.-]*",  # as in the sheets; thousands of names would cost minutes
    batch=r"_?[A-Za-z0-9][A-Za-z0-9_.-]*",
    part=r"[A-Za-z0-9][A-Za-z0-9_.-]*",
    modality="|".join(map(re.escape, RUNS.all_modalities())) or "none",
    round=r"\d+",
    name=r"[A-Za-z0-9_.-]+",
    voters="|".join(["all", *map(re.escape, RUNS.modalities(MAIN)), "fusion"]),
    member="|".join([*map(re.escape, RUNS.modalities(MAIN)), "fusion"]),


def tracked(rule, **files):
    """The inputs of a rule, to be unpacked: patterns or functions of the wildcards, by name.

    They are plain where something that the job is made from has changed since it ran last, and
    ancient where nothing has: a file that was written anew for other reasons then runs nothing.
    """
    return TRACKING.inputs(rule, files)


def made_from(rule):
    """The one tracked param: the signature of all that can change a job's result."""
    return lambda wildcards: TRACKING.signature(rule, wildcards)


def untracked(value):
    """A param that Snakemake does not compare (it depends on resources, formally): what of it can
    change the result is part of `made_from`. A function is called with the wildcards.
    """
    return lambda wildcards, resources: value(wildcards) if callable(value) else value


def pieces(name):
    """Video -> what its part of a job's result is made from, so that an interrupted job goes on."""
    return untracked(
        lambda w: LINEAGE.data.pieces(
            name, w.get("part") or w.batch, w.get("run", MAIN), w.get("view", "")
        )
    )


def fold_of(run):
    """The folder of a run's clips: variants of the ablation share the sheet's splits."""
    return RUNS.fold_of(run)


def clips_of(wildcards):
    """The table of a run's clips."""
    return f"results/{fold_of(wildcards.run)}index/clips.parquet"


def clips_of_labels(run):
    """The table of clips of a run of `label_efficiency`."""
    return f"results/{fold_of(run)}index/clips.parquet"


def lost_of(wildcards):
    """The clips of a run whose videos cannot be read."""
    return f"results/{fold_of(wildcards.run)}index/lost.tsv"


def truth_of(wildcards):
    """The labels of a run's test clips."""
    return f"results/{fold_of(wildcards.run)}truth/labels.parquet"


def made(run, kind, modality="", number="", view="", of=None):
    """The file of a run, in the folder of the run that makes it; with `of`, batches (of pixels:
    parts), a file for each.
    """
    try:
        owner = LINEAGE.owner(run, kind, modality, number)
    except BadInput as error:
        raise WorkflowError(str(error)) from None
    files = collect(
        PATHS[kind],
        run=owner,
        modality=modality,
        round=number,
        view=view,
        batch=of,
        part=of,
    )
    return files[0] if of is None else files


def made_all(run, kind, systems):
    """One file for every (modality, round)."""
    return [made(run, kind, *system) for system in systems]


def network_of(run, modality, number):
    """Weights and metadata of a trained network."""
    weights = made(run, "checkpoint", modality, number)
    return {
        "checkpoint": weights,
        "metadata": str(Path(weights).with_suffix(".json")),
    }


def settings(wildcards, section):
    """A section of the configuration of the wildcards' run."""
    return RUNS.config(wildcards.run)[section]


def rows(table, columns):
    """Columns of a table as plain lists by name."""
    return {column: table[column].tolist() for column in columns}


def video_rows(name, columns):
    """The rows of the videos' sheet of a batch or a part, as plain lists."""
    return [[row[column] for column in columns] for row in ROWS_OF[name]]


def part_videos(part):
    """The names of a part's videos."""
    return [row["video"] for row in ROWS_OF[part]]


def batch_of(part):
    """The batch that a part belongs to."""
    return ROWS_OF[part][0]["batch"]


def video_paths(wildcards):
    """The video files of a batch or a part (none where only keypoints were brought)."""
    name = wildcards.get("part") or wildcards.batch
    return [path for (path,) in video_rows(name, ["path"]) if path]


def keypoint_stores(wildcards):
    """The stores of imported keypoints that a batch takes its videos from."""
    column = f"keypoints{wildcards.get('view', '')}"
    return sorted(
        {store for (store,) in video_rows(wildcards.batch, [column]) if store}
    )


def recognition_stores(run, streams, splits):
    """The stores that streams are made from, of the batches that hold clips of these splits."""
    batches, parts = (
        LINEAGE.data.shares(run, splits, unit) for unit in ("batch", "part")
    )
    view = FLAT if any(map(sees_pixels, streams)) else ""
    others = [stream for stream in streams if stream != "rgb"]
    return {
        "clips": f"results/{fold_of(run)}index/clips.parquet",
        "saliency": made(run, "saliency", view=view, of=batches),
        "skeletons": (
            collect(f"results/skeletons{view}/{{batch}}.h5", batch=batches)
            if others
            else []
        ),
        "rgb": made(run, "rgb", of=parts) if "rgb" in streams else [],
    }


def sees_pixels(stream):
    """The stream lies in the plane of the picture."""
    return stream == "rgb" or stream.endswith("heatmap")
