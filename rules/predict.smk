# A finished run packed into a bundle, and a bundle applied to other videos.
PREDICTIONS = (
    ["results/predictions/predictions.tsv"]
    if config["predict"]["clips"] is not None
    else [*SEGMENT_TARGETS, *REVIEW_PAGES]
)


rule bundle:
    input:
        unpack(
            tracked(
                "bundle",
                weights=lambda w: made_all(MAIN, "checkpoint", RUNS.members(MAIN)),
                metadata=lambda w: [
                    network_of(MAIN, *member)["metadata"]
                    for member in RUNS.members(MAIN)
                ],
                temperatures="results/ensemble/temperatures.tsv",
                clips="results/index/clips.parquet",
                videos=collect("results/videos/{batch}.parquet", batch=BATCHES),
                segmenter=segmenters,
                scores="results/scores/scores.tsv" if HAS_TRUTH else [],
                facts="results/scores/facts.yaml" if HAS_TRUTH else [],
            )
        ),
    output:
        folder=directory("results/bundle"),
    log:
        "logs/bundle/all.log",
    benchmark:
        "benchmarks/bundle/all.tsv"
    conda:
        "../envs/training.yaml"
    threads: 1
    resources:
        mem_mb=grown(4000),
        runtime=grown(60),
    params:
        made_from=made_from("bundle"),
        names=untracked([name for name, _ in RUNS.members(MAIN)]),
        settings=untracked(config),
        labels=untracked(
            LABELS[["label", "name", "description", "group"]].values.tolist()
        ),
        title=untracked(config["bundle"]["title"]),
        pretrained_on_scored=untracked(lambda w: LINEAGE.pretrained_on_scored(MAIN)),
        commit=untracked(COMMIT),
    message:
        "Packing the run into results/bundle"
    script:
        "../scripts/bundle.py"


rule vote_on_clips:
    input:
        unpack(
            tracked(
                "vote_on_clips",
                logits=lambda w: made_all(MAIN, "logits", RUNS.members(MAIN)),
                clips="results/index/clips.parquet",
                lost="results/index/lost.tsv",
                vote=[f"{BUNDLE.folder}/vote.tsv"] if BUNDLE else [],
                priors=[f"{BUNDLE.folder}/priors.tsv"] if BUNDLE else [],
            )
        ),
    output:
        probabilities="results/predictions/probabilities.parquet",
        predictions=report(
            "results/predictions/predictions.tsv",
            caption="../report/predictions.rst",
            category="Predictions",
        ),
    log:
        "logs/vote_on_clips/all.log",
    benchmark:
        "benchmarks/vote_on_clips/all.tsv"
    conda:
        "../envs/training.yaml"
    threads: 1
    resources:
        mem_mb=grown(2000),
        runtime=grown(30),
    params:
        made_from=made_from("vote_on_clips"),
        members=untracked(lambda w: [name for name, _ in RUNS.members(MAIN)]),
        bundle=untracked(config["predict"]["bundle"]),
    message:
        "Naming the given segments by the vote of {params.members}"
    script:
        "../scripts/vote_on_clips.py"


rule predict:
    input:
        predictions,
    localrule: True
