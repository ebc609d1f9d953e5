# Published weights taken over: `snakemake resources/weights/<name>/model.safetensors`.


rule import_weights:
    input:
        unpack(tracked("import_weights")),
    output:
        checkpoint="resources/weights/{name}/model.safetensors",
        metadata="resources/weights/{name}/model.json",
    log:
        "logs/import_weights/{name}.log",
    benchmark:
        "benchmarks/import_weights/{name}.tsv"
    conda:
        "../envs/training.yaml"
    threads: 1
    resources:
        mem_mb=grown(4000),
        runtime=grown(60),
    params:
        made_from=made_from("import_weights"),
        settings=untracked(lambda w: config["import_weights"].get(w.name, {})),
        layout=untracked(config["layout"]),
        labels=untracked(LABELS["name"].tolist()),
    message:
        "Taking over the published weights {wildcards.name}"
    script:
        "../scripts/import_weights.py"
