# What the rules after the crops take as input, run by run (which files: run_files.py).
from microgesture.configuration.run_files import RunFiles
from microgesture.provenance.commit import COMMIT
from microgesture.tables.index import hide_test_labels

FILES = RunFiles(RUNS, made, recognition_stores)

pretraining_inputs = lambda w: FILES.to_pretrain_modality(w.run, w.modality)
modality_inputs = lambda w: FILES.to_train_modality(w.run, w.modality, w.round)
modality_stores = lambda w: FILES.to_predict_modality(w.run, w.modality)
teacher_logits = lambda w: FILES.teacher_logits(w.run, w.modality, w.round)
fusion_inputs = lambda w: FILES.to_train_fusion(w.run)
fusion_stores = lambda w: FILES.to_predict_fusion(w.run)
member_logits = lambda w: FILES.member_logits(w.run)
member_names = lambda w: FILES.member_names(w.run)


def labels_that_may_be_seen(wildcards):
    """Subject, split and label of all clips of a fold, the labels of test clips hidden."""
    clips = LINEAGE.data.clips(wildcards.fold)
    columns = ["clip", "video", "subject", "split", "label"]
    return rows(hide_test_labels(clips), columns)


def labels_of_test_clips(wildcards):
    """The test clips of a fold with their labels."""
    clips = LINEAGE.data.clips(wildcards.fold)
    columns = ["clip", "video", "subject", "split", "label"]
    return rows(clips[clips["split"] == "test"], columns)


def provenance(rule, wildcards):
    """What a training writes into its checkpoint: who made it, of what."""
    made_from = LINEAGE.parts(rule, **dict(wildcards.items()))
    return {
        "signature": TRACKING.signature(rule, wildcards),
        "made_from": made_from,
        "commit": COMMIT,
    }


def prediction_settings(section, wildcards):
    """Everything that a prediction sets: what changes its numbers, and how it is carried out."""
    if section == "predict_fusion":
        numbers = LINEAGE.fusion_prediction_settings(wildcards.run)
    else:
        numbers = LINEAGE.prediction_settings(wildcards.run, wildcards.modality)
    return {**settings(wildcards, section), **numbers}


def raw_keypoints(wildcards):
    """The stores of a batch's keypoints: one where they are imported, of every part one else."""
    parts = sorted({row["part"] for row in ROWS_OF[wildcards.batch]})
    return collect(
        "results/keypoints{view}/{part}.h5",
        view=wildcards.view,
        part=[wildcards.batch] if IMPORTED else parts,
    )


# Whole videos.


def windows_of(parts, voters="all"):
    """The windows of these parts, voter after voter."""
    names = LINEAGE.voters(voters)
    return [f"results/windows/{name}/{part}.h5" for name in names for part in parts]


def window_inputs(wildcards):
    """The network, and what it sees of the part's videos."""
    member, part = wildcards.member, wildcards.part
    number = dict(RUNS.members(MAIN))[member]
    pictures = LINEAGE.sees_pictures(member)
    return {
        "skeletons": f"results/skeletons{LINEAGE.view_of(member)}/{batch_of(part)}.h5",
        "pictures": [f"results/video_rgb/{part}.h5"] if pictures else [],
        "boxes": [f"results/video_boxes/{part}.parquet"] if pictures else [],
        **network_of(MAIN, member, number),
    }


def windows_learned_from(wildcards):
    """The windows of the videos that the segmenter learns from."""
    learned = VIDEOS["video"].isin(LEARNED_FROM)
    parts = sorted(VIDEOS.loc[learned, "part"].unique())
    return windows_of(parts, wildcards.voters)


def segmented_rows(wildcards):
    """The rows of the videos sheet that are segmented, of a part."""
    wanted = set(LINEAGE.segmented_of(wildcards.part))
    return [row for row in ROWS_OF[wildcards.part] if row["video"] in wanted]


def files_of_people(wildcards):
    """Facts, frame indexes and skeletons of everybody who is seen in a part's files: a face of the
    person in another row of the sheet is hidden, too."""
    videos = LINEAGE.companions(LINEAGE.segmented_of(wildcards.part))
    batches = sorted(VIDEOS.loc[VIDEOS["video"].isin(videos), "batch"].unique())
    return {
        "facts": collect("results/videos/{batch}.parquet", batch=batches),
        "frame_indexes": collect("results/videos/{batch}.h5", batch=batches),
        "skeletons": collect(f"results/skeletons{FLAT}/{{batch}}.h5", batch=batches),
    }


def segmenters(wildcards):
    """The segmenters of all members together and of each alone."""
    voters = LINEAGE.segmenters()
    return collect(
        "results/segmenter/{voters}.{ending}", voters=voters, ending=["npz", "json"]
    )


def predictions(wildcards):
    """Everything that a prediction makes. Where there is no bundle, what to write."""
    if not BUNDLE:
        raise WorkflowError(
            "predict: needs a bundle and videos; write them into a file, or on the command line "
            "behind -- : --config 'predict={bundle: results/bundle, videos: folder/of/videos}' "
            "(docs/predict.md)"
        )
    return PREDICTIONS
