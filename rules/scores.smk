# The labels of the test clips are seen here, in numbers and figures, and by the ablation, alone.
FUSION = config["train_fusion"]
HAS_PROTOTYPES = FUSION["enabled"] and FUSION["prototype_loss"]["weight"] > 0
# Members are compared over people: two of each are needed.
JUDGES = CLIPS[(CLIPS["split"] == "val") & (CLIPS["label"] >= 0)]
COMPARES = (
    len(RUNS.members(MAIN)) > 1
    and JUDGES["subject"].where(JUDGES["subject"] != "", JUDGES["video"]).nunique() > 1
)
TRAINING_SCORES = [
    "results/ensemble/predictions.tsv",
    "results/scores/classes.svg",
    *(["results/ensemble/members.tsv"] if COMPARES else []),
    *(["results/scores/prototypes.svg"] if HAS_PROTOTYPES else []),
]
PRETRAINED = [
    (modality, "pretrained")
    for modality in RUNS.modalities(MAIN)
    if RUNS.pretrains(MAIN, modality)
]
CURVES = [
    f"results/checkpoints/{modality}/{number}/curves.svg"
    for modality, number in [*RUNS.systems(MAIN), *PRETRAINED]
]
SCORES = (
    (TRAINING_SCORES + CURVES if LEARNS else [])
    + (
        ["results/scores/scores.tsv", "results/scores/overview.svg"]
        if LEARNS and HAS_TRUTH
        else []
    )
    + (["results/scores/keypoints.tsv"] if IS_DEMO else [])
)


rule score_predictions:
    input:
        unpack(
            tracked(
                "score_predictions",
                logits=lambda w: FILES.all_logits(w.run),
                temperatures=lambda w: made(w.run, "temperatures"),
                probabilities=lambda w: made(w.run, "probabilities"),
                truth=truth_of,
                clips=clips_of,
                lost=lost_of,
                pseudo_labels=lambda w: FILES.all_pseudo_labels(w.run),
            )
        ),
    output:
        scores=report(
            "results/{run}scores/scores.tsv",
            caption="../report/scores.rst",
            category="Scores",
        ),
        per_class=report(
            "results/{run}scores/per_class.tsv",
            caption="../report/per_class.rst",
            category="Scores",
        ),
        quality=report(
            "results/{run}scores/pseudo_labels.tsv",
            caption="../report/pseudo_labels.rst",
            category="Scores",
        ),
        quarantine=report(
            "results/{run}scores/quarantine.tsv",
            caption="../report/quarantine.rst",
            category="Scores",
        ),
        facts="results/{run}scores/facts.yaml",
        told="results/{run}scores/facts.tsv",
        clips="results/{run}scores/scored_clips.parquet",
    log:
        "logs/score_predictions/{run}all.log",
    benchmark:
        "benchmarks/score_predictions/{run}all.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=grown(4000),
        runtime=grown(60),
    params:
        made_from=made_from("score_predictions"),
        systems=untracked(lambda w: [f"{m}/{r}" for m, r in RUNS.systems(w.run)]),
        labels=untracked(LABELS[["name", "group"]].values.tolist()),
        seed=untracked(lambda w: settings(w, "seed")),
        mode=untracked(lambda w: settings(w, "select_pseudo_labels")["mode"]),
        pretrained_on_scored=untracked(lambda w: LINEAGE.pretrained_on_scored(w.run)),
    message:
        "Scoring every system against the truth"
    script:
        "../scripts/score_predictions.py"


rule plot_scores:
    input:
        unpack(
            tracked(
                "plot_scores",
                scores="results/{run}scores/scores.tsv",
                clips="results/{run}scores/scored_clips.parquet",
            )
        ),
    output:
        overview=report(
            "results/{run}scores/overview.svg",
            caption="../report/overview.rst",
            category="Scores",
        ),
        confusion=report(
            "results/{run}scores/confusion.svg",
            caption="../report/confusion.rst",
            category="Scores",
        ),
        reliability=report(
            "results/{run}scores/reliability.svg",
            caption="../report/reliability.rst",
            category="Scores",
        ),
        timeline=report(
            "results/{run}scores/timeline.svg",
            caption="../report/timeline.rst",
            category="Scores",
        ),
    log:
        "logs/plot_scores/{run}all.log",
    benchmark:
        "benchmarks/plot_scores/{run}all.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=grown(4000),
        runtime=grown(30),
    params:
        made_from=made_from("plot_scores"),
        labels=untracked(LABELS[["name", "group"]].values.tolist()),
    message:
        "Drawing the scores"
    script:
        "../scripts/plot_scores.py"
