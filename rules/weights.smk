# Published weights taken over: `snakemake resources/weights/<name>/model.safetensors`.


rule import_weights:
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
        mem_mb=4000,
        runtime=60,
    params:
        settings=lambda w: config["import_weights"].get(w.name, {}),
        layout=config["layout"],
        labels=LABELS[["name", "description"]].values.tolist(),
        code=code_digest("scripts/import_weights.py"),
    message:
        "Taking over the published weights {wildcards.name}"
    script:
        "../scripts/import_weights.py"
