# Temperatures on validation clips, then one vote.
MEMBERS = list(MODALITIES) + (["fusion"] if USES_FUSION else [])
MEMBER_LOGITS = collect(
    "results/logits/{modality}/{round}.parquet", modality=MODALITIES, round=LAST_ROUND
) + (["results/logits/fusion/final.parquet"] if USES_FUSION else [])


rule fit_temperatures:
    input:
        logits=MEMBER_LOGITS,
        clips=collect("results/index/{batch}/clips.parquet", batch=BATCHES),
    output:
        temperatures="results/ensemble/temperatures.tsv",
    log:
        "logs/fit_temperatures/all.log",
    benchmark:
        "benchmarks/fit_temperatures/all.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        members=MEMBERS,
        settings=config["fit_temperatures"],
        code=code_digest("scripts/fit_temperatures.py"),
    message:
        "Fitting temperatures and weights on the validation clips"
    script:
        "../scripts/fit_temperatures.py"


rule combine_scores:
    input:
        logits=MEMBER_LOGITS,
        temperatures="results/ensemble/temperatures.tsv",
        clips=collect("results/index/{batch}/clips.parquet", batch=BATCHES),
    output:
        probabilities="results/ensemble/probabilities.parquet",
        predictions=report(
            "results/ensemble/predictions.tsv",
            caption="../report/predictions.rst",
            category="Predictions",
        ),
        submission="results/ensemble/submission.csv",
    log:
        "logs/combine_scores/all.log",
    benchmark:
        "benchmarks/combine_scores/all.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        members=MEMBERS,
        labels=LABELS[["name", "group"]].values.tolist(),
        settings=config["combine_scores"],
        code=code_digest("scripts/combine_scores.py"),
    message:
        "Combining {params.members} into the ensemble"
    script:
        "../scripts/combine_scores.py"
