# Where to look: the crop that holds the person and tightens on what moves.


rule locate_saliency:
    input:
        skeletons="results/skeletons{view}/{batch}.h5",
        clips="results/index/{batch}/clips.parquet",
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
        mem_mb=4000,
        runtime=60,
    params:
        layout=config["layout"],
        settings=lambda w: settings(w, "locate_saliency"),
        code=code_digest("scripts/locate_saliency.py"),
    message:
        "Locating the salient region of every clip of batch {wildcards.batch}"
    script:
        "../scripts/locate_saliency.py"
