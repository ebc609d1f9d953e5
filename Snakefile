# The index of the workflow: its parts in the order of the data.
import os

from snakemake.utils import min_version

min_version("9.25")


# In another --directory without a config.yaml of its own: the one that lies beside this file.
configfile: "config.yaml" if os.path.exists("config.yaml") else f"{workflow.basedir}/config.yaml"


report: "report/workflow.rst"


include: "rules/common.smk"
include: "rules/resources.smk"
include: "rules/inputs.smk"
include: "rules/demo.smk"
include: "rules/index.smk"
include: "rules/pose.smk"
include: "rules/saliency.smk"
include: "rules/streams.smk"
include: "rules/weights.smk"
include: "rules/pretraining.smk"
include: "rules/recognition.smk"
include: "rules/pseudo_labels.smk"
include: "rules/fusion.smk"
include: "rules/ensemble.smk"
include: "rules/scores.smk"
include: "rules/segments.smk"
include: "rules/review.smk"
include: "rules/predict.smk"
include: "rules/overlays.smk"
include: "rules/inspect.smk"
include: "rules/ablation.smk"
include: "rules/label_efficiency.smk"


if FOLDS:

    include: "rules/rotation.smk"


TARGETS = (
    PREDICTIONS
    if BUNDLE
    else [
        *(collect("results/rgb/{part}.h5", part=PARTS) if HAS_PIXELS else []),
        *(["results/overlays"] if HAS_PIXELS else []),
        *SCORES,
        *([*SEGMENT_TARGETS, *REVIEW_PAGES] if LEARNS_BACKGROUND else []),
    ]
)


rule all:
    default_target: True
    input:
        TARGETS,
        CHANGED if not all(map(os.path.exists, TARGETS)) else [],
