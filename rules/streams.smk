# What the recognisers read: RGB crops, and (as an export) heatmap volumes.


rule decode_rgb:
    input:
        videos=video_paths,
        index=ancient("results/index/{batch}/videos.parquet"),
        clips="results/index/{batch}/clips.parquet",
        saliency=lambda w: made(w.run, "saliency", view=FLAT, batches=[w.batch]),
    output:
        rgb="results/{run}rgb/{batch}.h5",
    log:
        "logs/decode_rgb/{run}{batch}.log",
    benchmark:
        "benchmarks/decode_rgb/{run}{batch}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=240,
    params:
        settings=lambda w: settings(w, "decode_rgb"),
        code=code_digest("scripts/decode_rgb.py"),
    message:
        "Decoding and cropping the RGB clips of batch {wildcards.batch}"
    script:
        "../scripts/decode_rgb.py"


# An export for other tools: training expands heatmaps from coordinates on its device.
rule render_heatmaps:
    input:
        skeletons=f"results/skeletons{FLAT}/{{batch}}.h5",
        saliency=f"results/saliency{FLAT}/{{batch}}.parquet",
        clips="results/index/{batch}/clips.parquet",
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
        mem_mb=4000,
        runtime=240,
    params:
        layout=config["layout"],
        settings=config["render_heatmaps"],
        code=code_digest("scripts/render_heatmaps.py"),
    message:
        "Rendering the heatmap volumes of batch {wildcards.batch}"
    script:
        "../scripts/render_heatmaps.py"


rule export_heatmaps:
    input:
        collect("results/heatmaps/{batch}.h5", batch=BATCHES),
    localrule: True
