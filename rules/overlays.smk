# What a person looks at: the data's balance, the streams, annotated clips.


rule plot_classes:
    input:
        unpack(tracked("plot_classes", clips="results/index/clips.parquet")),
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
        mem_mb=grown(2000),
        runtime=grown(30),
    params:
        made_from=made_from("plot_classes"),
        labels=untracked(LABELS[["name", "group"]].values.tolist()),
    message:
        "Plotting how the clips spread over classes and splits"
    script:
        "../scripts/plot_classes.py"


rule render_overlays:
    input:
        unpack(
            tracked(
                "render_overlays",
                videos=[path for path in VIDEOS["path"] if path],
                facts=collect("results/videos/{batch}.parquet", batch=BATCHES),
                frame_indexes=collect("results/videos/{batch}.h5", batch=BATCHES),
                clips="results/index/clips.parquet",
                skeletons=collect(
                    f"results/skeletons{FLAT}/{{batch}}.h5", batch=BATCHES
                ),
                saliency=collect(
                    f"results/saliency{FLAT}/{{batch}}.parquet", batch=BATCHES
                ),
                rgb=collect("results/rgb/{part}.h5", part=PARTS),
                probabilities=(
                    ["results/ensemble/probabilities.parquet"] if LEARNS else []
                ),
            )
        ),
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
        mem_mb=grown(4000),
        runtime=grown(120),
    params:
        made_from=made_from("render_overlays"),
        layout=untracked(config["layout"]),
        labels=untracked(LABELS[["name", "group"]].values.tolist()),
        rates=untracked(dict(VIDEOS.dropna(subset="fps")[["video", "fps"]].values)),
        settings=untracked(config["render_overlays"]),
    message:
        "Drawing skeletons, crops and predictions on one clip of every class"
    script:
        "../scripts/render_overlays.py"
