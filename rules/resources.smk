# What jobs ask of a scheduler: memory and time by what the sheets know, more with every attempt.
from functools import cache

from microgesture.configuration import resources as needs
from microgesture.configuration.resources import grown, minutes
from microgesture.pose.layouts import get_layout
from microgesture.pretraining.clips import splits_of

CLIPS_OF = {  # of a batch or a part; one that is both has the same videos
    name: own
    for unit in ("batch", "part")
    for name, own in CLIPS.merge(VIDEOS[["video", unit]], on="video").groupby(unit)
}
NO_CLIPS = CLIPS.iloc[:0]
JOINTS = get_layout(config["layout"]).num_joints
LEARNED, PREDICTED = ("train", "val"), ("val", "test", "unlabelled")


@cache
def frames_of(name):
    """The frames of the videos of a batch or a part, at most."""
    paths = [path for (path,) in video_rows(name, ["path"]) if path]
    return needs.frames_of_videos(CLIPS_OF.get(name, NO_CLIPS), paths)


def frames_in_batch(wildcards):
    """The frames of the videos of a job's batch or part, at most."""
    return frames_of(wildcards.get("part") or wildcards.batch)


def clips_in(run, splits):
    """The clips of these splits of a run; in later rounds others may join them."""
    clips = LINEAGE.data.clips(run)
    return clips[clips["split"].isin(splits)]


def learning_memory(splits, streams=None):
    """Memory of a training or prediction with the clips of these splits."""

    def megabytes(wildcards):
        own = (
            settings(wildcards, "train_fusion")
            if streams
            else RUNS.modality_settings(wildcards.run, wildcards.modality)
        )
        seen = streams or [own["stream"]]
        return needs.learning_megabytes(
            clips_in(wildcards.run, splits), seen, own, JOINTS
        )

    return grown(megabytes)


def training_time(wildcards):
    """Time of a modality's training."""
    own = RUNS.modality_settings(wildcards.run, wildcards.modality)
    splits = LEARNED if wildcards.round == "0" else (*LEARNED, "test", "unlabelled")
    return needs.training_minutes(clips_in(wildcards.run, splits), own)


def pretraining_time(wildcards):
    """Time of a modality's pre-training."""
    own = RUNS.modality_settings(wildcards.run, wildcards.modality)
    clips = clips_in(wildcards.run, splits_of(own["pretrain"]["clips"]))
    return needs.training_minutes(clips, {**own, **own["pretrain"]})


def fusion_time(wildcards):
    """Time of the two-branch network's training."""
    own = settings(wildcards, "train_fusion")
    return needs.training_minutes(clips_in(wildcards.run, LEARNED), own)


def predicting_time(section):
    """Time of a prediction."""
    return lambda w: needs.predicting_minutes(
        clips_in(w.run, PREDICTED), prediction_settings(section, w)
    )
