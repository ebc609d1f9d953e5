# `snakemake label_efficiency`: what becomes of the scores with fewer labels, over seeds.


rule label_efficiency:
    input:
        unpack(
            tracked(
                "label_efficiency",
                scored=lambda w: [one["file"] for one in FILES.label_efficiency()],
                labelled=lambda w: [clips_of_labels(run) for run in RUNS.label_runs],
                truth="results/truth/labels.parquet",
                clips="results/index/clips.parquet",
                lost="results/index/lost.tsv",
            )
        ),
    output:
        table=report(
            "results/label_efficiency/label_efficiency.tsv",
            caption="../report/label_efficiency.rst",
            category="Label efficiency",
        ),
        figure=report(
            "results/label_efficiency/label_efficiency.svg",
            caption="../report/label_efficiency.rst",
            category="Label efficiency",
        ),
    log:
        "logs/label_efficiency/all.log",
    benchmark:
        "benchmarks/label_efficiency/all.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=grown(4000),
        runtime=grown(60),
    params:
        made_from=made_from("label_efficiency"),
        scored=untracked(lambda w: FILES.label_efficiency()),
        runs=untracked(RUNS.label_runs),
    message:
        "Drawing the scores over the number of labels"
    script:
        "../scripts/label_efficiency.py"
