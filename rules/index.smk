# What the videos are and which clips they hold; the test labels go into a table of their own.


rule index_videos:
    input:
        videos=video_paths,
        keypoints=keypoint_stores,
    output:
        videos="results/index/{batch}/videos.parquet",
        clips="results/index/{batch}/clips.parquet",
        truth="results/truth/{batch}.parquet",
    log:
        "logs/index_videos/{batch}.log",
    benchmark:
        "benchmarks/index_videos/{batch}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        videos=lambda w: rows(
            "videos", w.batch, ["video", "path", "subject", "fps", "keypoints"]
        ),
        clips=lambda w: rows(
            "clips",
            w.batch,
            ["clip", "video", "subject", "start", "end", "label", "split"],
        ),
        sheet=config["clips"],
        settings=config["index_videos"],
        code=code_digest("scripts/index_videos.py"),
    message:
        "Opening the videos of batch {wildcards.batch} and indexing their clips"
    script:
        "../scripts/index_videos.py"
