# What a person looks at: the data's balance, the streams, annotated clips.


rule plot_classes:
    input:
        clips=collect("results/index/{batch}/clips.parquet", batch=BATCHES),
    output:
        figure=report(
            "results/scores/classes.svg",
            caption="../report/classes.rst",
            category="Data",
        ),
    log:
        "logs/plot_classes/all.log",
    benchmark:
        "benchmarks/plot_classes/all.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        labels=LABELS[["name", "group"]].values.tolist(),
        code=code_digest("scripts/plot_classes.py"),
    message:
        "Plotting how the clips spread over classes and splits"
    script:
        "../scripts/plot_classes.py"


rule render_overlays:
    input:
        videos=SHEETS.videos["path"].tolist(),
        index=collect("results/index/{batch}/videos.parquet", batch=BATCHES),
        clips=collect("results/index/{batch}/clips.parquet", batch=BATCHES),
        skeletons=collect(f"results/skeletons{FLAT}/{{batch}}.h5", batch=BATCHES),
        saliency=collect(f"results/saliency{FLAT}/{{batch}}.parquet", batch=BATCHES),
        rgb=collect("results/rgb/{batch}.h5", batch=BATCHES),
        probabilities=["results/ensemble/probabilities.parquet"] if LEARNS else [],
    output:
        overlays=report(
            directory("results/overlays"),
            patterns=["{name}.mp4", "{name}.png"],
            caption="../report/overlays.rst",
            category="Overlays",
            labels={"shows": "{name}"},
        ),
    log:
        "logs/render_overlays/all.log",
    benchmark:
        "benchmarks/render_overlays/all.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=120,
    params:
        layout=config["layout"],
        labels=LABELS[["name", "group"]].values.tolist(),
        settings=config["render_overlays"],
        code=code_digest("scripts/render_overlays.py"),
    message:
        "Drawing skeletons, crops and predictions on one clip of every class"
    script:
        "../scripts/render_overlays.py"
