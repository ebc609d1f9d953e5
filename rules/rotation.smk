# `snakemake rotation`: every labelled person is a test person once (protocol: folds).


rule rotation:
    input:
        unpack(
            tracked(
                "rotation",
                clips=collect("results/{run}scores/scored_clips.parquet", run=FOLDS),
                scores=collect("results/{run}scores/scores.tsv", run=FOLDS),
            )
        ),
    output:
        scores=report(
            "results/rotation/scores.tsv",
            caption="../report/rotation.rst",
            category="Rotation over people",
        ),
        folds=report(
            "results/rotation/folds.tsv",
            caption="../report/rotation.rst",
            category="Rotation over people",
        ),
    log:
        "logs/rotation/all.log",
    benchmark:
        "benchmarks/rotation/all.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=grown(4000),
        runtime=grown(30),
    params:
        made_from=made_from("rotation"),
    message:
        "Pooling the folds of the rotation over people"
    script:
        "../scripts/rotation.py"
