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


rule compare_members:
    input:
        unpack(
            tracked(
                "compare_members",
                logits=member_logits,
                clips=clips_of,
            )
        ),
    output:
        members=report(
            "results/{run}ensemble/members.tsv",
            caption="../report/members.rst",
            category="Vote",
        ),
        disagreement=report(
            "results/{run}ensemble/disagreement.tsv",
            caption="../report/disagreement.rst",
            category="Vote",
        ),
        votes=report(
            "results/{run}ensemble/votes.tsv",
            caption="../report/votes.rst",
            category="Vote",
        ),
        figure=report(
            "results/{run}ensemble/members.svg",
            caption="../report/members.rst",
            category="Vote",
        ),
    log:
        "logs/compare_members/{run}all.log",
    benchmark:
        "benchmarks/compare_members/{run}all.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=grown(2000),
        runtime=grown(60),
    params:
        made_from=made_from("compare_members"),
        members=untracked(member_names),
        vote=untracked(lambda w: settings(w, "fit_temperatures")),
        settings=untracked(lambda w: settings(w, "compare_members")),
        prior_correction=untracked(
            lambda w: settings(w, "combine_scores")["prior_correction"]
        ),
    message:
        "Comparing the members of the vote on the validation clips"
    script:
        "../scripts/compare_members.py"


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
