# What the recognisers read: RGB crops, and (as an export) heatmap volumes.


rule decode_rgb:
    input:
        unpack(
            tracked(
                "decode_rgb",
                videos=video_paths,
                facts=lambda w: f"results/videos/{batch_of(w.part)}.parquet",
                frame_indexes=lambda w: f"results/videos/{batch_of(w.part)}.h5",
                spans="results/index/spans.parquet",
                saliency=lambda w: made(
                    w.run, "saliency", view=FLAT, of=[batch_of(w.part)]
                ),
            )
        ),
    output:
        rgb="results/{run}rgb/{part}.h5",
    log:
        "logs/decode_rgb/{run}{part}.log",
    benchmark:
        "benchmarks/decode_rgb/{run}{part}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=grown(lambda w: needs.decoding_megabytes(settings(w, "decode_rgb"))),
        runtime=minutes(
            lambda w: needs.decoding_minutes(
                frames_in_batch(w), settings(w, "decode_rgb")
            )
        ),
    params:
        made_from=made_from("decode_rgb"),
        pieces=pieces("decode_rgb"),
        videos=untracked(lambda w: part_videos(w.part)),
        settings=untracked(lambda w: settings(w, "decode_rgb")),
        rates=untracked(lambda w: LINEAGE.data.rates()),
    message:
        "Decoding and cropping the RGB clips of {wildcards.part}"
    script:
        "../scripts/decode_rgb.py"


# An export for other tools: training expands heatmaps from coordinates on its device.
rule render_heatmaps:
    input:
        unpack(
            tracked(
                "render_heatmaps",
                skeletons=f"results/skeletons{FLAT}/{{batch}}.h5",
                saliency=f"results/saliency{FLAT}/{{batch}}.parquet",
                spans="results/index/spans.parquet",
            )
        ),
    output:
        heatmaps="results/heatmaps/{batch}.h5",
    log:
        "logs/render_heatmaps/{batch}.log",
    benchmark:
        "benchmarks/render_heatmaps/{batch}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=grown(4000),
        runtime=grown(240),
    params:
        made_from=made_from("render_heatmaps"),
        layout=untracked(config["layout"]),
        settings=untracked(config["render_heatmaps"]),
    message:
        "Rendering the heatmap volumes of batch {wildcards.batch}"
    script:
        "../scripts/render_heatmaps.py"


rule export_heatmaps:
    input:
        collect("results/heatmaps/{batch}.h5", batch=BATCHES),
    localrule: True
