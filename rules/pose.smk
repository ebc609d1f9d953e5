# Keypoints out of the pixels, then the layout that the recognisers use.


if IMPORTED:

    rule import_keypoints:
        input:
            keypoints=keypoint_stores,
        output:
            keypoints="results/keypoints{view}/{batch}.h5",
        log:
            "logs/import_keypoints/{batch}{view}.log",
        benchmark:
            "benchmarks/import_keypoints/{batch}{view}.tsv"
        conda:
            "../envs/analysis.yaml"
        threads: 1
        resources:
            mem_mb=4000,
            runtime=60,
        params:
            videos=lambda w: rows("videos", w.batch, ["video", f"keypoints{w.view}"]),
            code=code_digest("scripts/import_keypoints.py"),
        message:
            "Taking over the imported keypoints of batch {wildcards.batch}"
        script:
            "../scripts/import_keypoints.py"

else:

    rule extract_keypoints:
        input:
            videos=video_paths,
            index=ancient("results/index/{batch}/videos.parquet"),
            checkpoint=config["extract_keypoints"]["checkpoint"],
        output:
            keypoints="results/keypoints/{batch}.h5",
        log:
            "logs/extract_keypoints/{batch}.log",
        benchmark:
            "benchmarks/extract_keypoints/{batch}.tsv"
        conda:
            "../envs/pose.yaml"
        threads: 1
        resources:
            gpu=1,
            mem_mb=4000,
            runtime=240,
        params:
            settings=config["extract_keypoints"],
            code=code_digest("scripts/extract_keypoints.py"),
        message:
            "Estimating whole-body keypoints in the videos of batch {wildcards.batch}"
        script:
            "../scripts/extract_keypoints.py"


rule clean_keypoints:
    input:
        keypoints="results/keypoints{view}/{batch}.h5",
    output:
        skeletons="results/skeletons{view}/{batch}.h5",
    log:
        "logs/clean_keypoints/{batch}{view}.log",
    benchmark:
        "benchmarks/clean_keypoints/{batch}{view}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        layout=config["layout"],
        settings=config["clean_keypoints"],
        code=code_digest("scripts/clean_keypoints.py"),
    message:
        "Cleaning the keypoints of batch {wildcards.batch} and mapping them to {params.layout}"
    script:
        "../scripts/clean_keypoints.py"
