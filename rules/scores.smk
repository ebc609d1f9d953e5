# The only rules that see the labels of the test clips.
SYSTEMS = [f"{modality}/{number}" for modality in MODALITIES for number in ROUNDS] + (
    ["fusion/final"] if USES_FUSION else []
)
TRAINING_SCORES = ["results/ensemble/predictions.tsv", "results/scores/classes.svg"]
SCORES = (
    (TRAINING_SCORES if LEARNS else [])
    + (["results/scores/scores.tsv"] if LEARNS and HAS_TRUTH else [])
    + (["results/scores/keypoints.tsv"] if IS_DEMO else [])
)


rule score_predictions:
    input:
        logits=collect("results/logits/{system}.parquet", system=SYSTEMS),
        temperatures="results/ensemble/temperatures.tsv",
        probabilities="results/ensemble/probabilities.parquet",
        truth=collect("results/truth/{batch}.parquet", batch=BATCHES),
        clips=collect("results/index/{batch}/clips.parquet", batch=BATCHES),
        pseudo_labels=collect(
            "results/pseudo_labels/{modality}/{round}.parquet",
            modality=MODALITIES,
            round=ROUNDS[1:],
        ),
    output:
        scores=report(
            "results/scores/scores.tsv",
            caption="../report/scores.rst",
            category="Scores",
        ),
        per_class=report(
            "results/scores/per_class.tsv",
            caption="../report/per_class.rst",
            category="Scores",
        ),
        quality=report(
            "results/scores/pseudo_labels.tsv",
            caption="../report/pseudo_labels.rst",
            category="Scores",
        ),
        overview=report(
            "results/scores/overview.svg",
            caption="../report/overview.rst",
            category="Scores",
        ),
        confusion=report(
            "results/scores/confusion.svg",
            caption="../report/confusion.rst",
            category="Scores",
        ),
        reliability=report(
            "results/scores/reliability.svg",
            caption="../report/reliability.rst",
            category="Scores",
        ),
        timeline=report(
            "results/scores/timeline.svg",
            caption="../report/timeline.rst",
            category="Scores",
        ),
    log:
        "logs/score_predictions/all.log",
    benchmark:
        "benchmarks/score_predictions/all.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        systems=SYSTEMS,
        labels=LABELS[["name", "group"]].values.tolist(),
        seed=config["seed"],
        mode=config["select_pseudo_labels"]["mode"],
        code=code_digest("scripts/score_predictions.py"),
    message:
        "Scoring every system against the truth"
    script:
        "../scripts/score_predictions.py"
