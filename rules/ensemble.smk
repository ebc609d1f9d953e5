# Temperatures on validation clips, then one vote.


rule fit_temperatures:
    input:
        logits=member_logits,
        clips=collect("results/index/{batch}/clips.parquet", batch=BATCHES),
    output:
        temperatures="results/{run}ensemble/temperatures.tsv",
    log:
        "logs/fit_temperatures/{run}all.log",
    benchmark:
        "benchmarks/fit_temperatures/{run}all.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        members=member_names,
        settings=lambda w: settings(w, "fit_temperatures"),
        code=code_digest("scripts/fit_temperatures.py"),
    message:
        "Fitting temperatures and weights on the validation clips"
    script:
        "../scripts/fit_temperatures.py"


rule combine_scores:
    input:
        logits=member_logits,
        temperatures=lambda w: made(w.run, "temperatures"),
        clips=collect("results/index/{batch}/clips.parquet", batch=BATCHES),
    output:
        probabilities="results/{run}ensemble/probabilities.parquet",
        predictions=report(
            "results/{run}ensemble/predictions.tsv",
            caption="../report/predictions.rst",
            category="Predictions",
        ),
        submission="results/{run}ensemble/submission.csv",
    log:
        "logs/combine_scores/{run}all.log",
    benchmark:
        "benchmarks/combine_scores/{run}all.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        members=member_names,
        labels=LABELS[["name", "group"]].values.tolist(),
        settings=lambda w: settings(w, "combine_scores"),
        code=code_digest("scripts/combine_scores.py"),
    message:
        "Combining {params.members} into the ensemble"
    script:
        "../scripts/combine_scores.py"
