# What the rules after the crops take as input, run by run (which files: run_files.py).
from microgesture.configuration.run_files import RunFiles
from microgesture.provenance.commit import COMMIT
from microgesture.tables.index import hide_test_labels

FILES = RunFiles(RUNS, made, recognition_stores)

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
