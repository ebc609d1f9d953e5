# Temperatures on validation clips, then one vote.


rule fit_temperatures:
    input:
        unpack(
            tracked(
                "fit_temperatures",
                logits=member_logits,
                clips=clips_of,
            )
        ),
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
        mem_mb=grown(2000),
        runtime=grown(30),
    params:
        made_from=made_from("fit_temperatures"),
        members=untracked(member_names),
        settings=untracked(lambda w: settings(w, "fit_temperatures")),
        prior_correction=untracked(
            lambda w: settings(w, "combine_scores")["prior_correction"]
        ),
    message:
        "Fitting temperatures and weights on the validation clips"
    script:
        "../scripts/fit_temperatures.py"


rule combine_scores:
    input:
        unpack(
            tracked(
                "combine_scores",
                logits=member_logits,
                temperatures=lambda w: made(w.run, "temperatures"),
                clips=clips_of,
                lost=lost_of,
            )
        ),
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
        mem_mb=grown(2000),
        runtime=grown(30),
    params:
        made_from=made_from("combine_scores"),
        members=untracked(member_names),
        labels=untracked(LABELS[["name", "group"]].values.tolist()),
        settings=untracked(lambda w: settings(w, "combine_scores")),
    message:
        "Combining {params.members} into the ensemble"
    script:
        "../scripts/combine_scores.py"
