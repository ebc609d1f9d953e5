# `snakemake inspect`: what is wrong with the data, before anything is trained. (A script that is
# called inspect would stand in the way of Python's own module: the rule is inspect_data.)


rule inspect_data:
    input:
        unpack(
            tracked(
                "inspect_data",
                videos=[path for path in VIDEOS["path"] if path],
                facts=collect("results/videos/{batch}.parquet", batch=BATCHES),
                frame_indexes=collect("results/videos/{batch}.h5", batch=BATCHES),
                clips="results/index/clips.parquet",
                lost="results/index/lost.tsv",
                truth="results/truth/labels.parquet",
                keypoints=collect(
                    f"results/keypoints{FLAT}/{{part}}.h5",
                    part=BATCHES if IMPORTED else PARTS,
                ),
                skeletons=collect(
                    f"results/skeletons{FLAT}/{{batch}}.h5", batch=BATCHES
                ),
                saliency=collect(
                    f"results/saliency{FLAT}/{{batch}}.parquet", batch=BATCHES
                ),
            )
        ),
    output:
        page=report(
            "results/inspection/page.html",
            caption="../report/inspect_data.rst",
            category="Data",
        ),
        findings=report(
            "results/inspection/findings.tsv",
            caption="../report/inspect_data.rst",
            category="Data",
        ),
    log:
        "logs/inspect_data/all.log",
    benchmark:
        "benchmarks/inspect_data/all.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=grown(4000),
        runtime=grown(120),
    params:
        made_from=made_from("inspect_data"),
        layout=untracked(config["layout"]),
        sheet=untracked(
            {
                "names": LABELS["name"].tolist(),
                "rates": dict(VIDEOS.dropna(subset="fps")[["video", "fps"]].values),
                "regions": dict(VIDEOS[["video", "region"]].values),
            }
        ),
        settings=untracked(config["inspect_data"]),
    message:
        "Looking for what is wrong with the data"
    script:
        "../scripts/inspect_data.py"


rule inspect:
    input:
        rules.inspect_data.output,
