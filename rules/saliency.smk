# Where to look: the crop that holds the person and tightens on what moves.


rule locate_saliency:
    input:
        unpack(
            tracked(
                "locate_saliency",
                skeletons="results/skeletons{view}/{batch}.h5",
                spans="results/index/spans.parquet",
            )
        ),
    output:
        saliency="results/{run}saliency{view}/{batch}.parquet",
    log:
        "logs/locate_saliency/{run}{batch}{view}.log",
    benchmark:
        "benchmarks/locate_saliency/{run}{batch}{view}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=grown(4000),
        runtime=grown(60),
    params:
        made_from=made_from("locate_saliency"),
        layout=untracked(config["layout"]),
        settings=untracked(lambda w: settings(w, "locate_saliency")),
    message:
        "Locating the salient region of every clip of batch {wildcards.batch}"
    script:
        "../scripts/locate_saliency.py"
