# Keypoints out of the pixels, then the layout that the recognisers use.


if IMPORTED:

    rule import_keypoints:
        input:
            unpack(
                tracked(
                    "import_keypoints",
                    keypoints=keypoint_stores,
                    facts="results/videos/{batch}.parquet",
                )
            ),
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
            made_from=made_from("import_keypoints"),
            videos=untracked(
                lambda w: batch_rows(w.batch, ["video", f"keypoints{w.view}"])
            ),
        message:
            "Taking over the imported keypoints of batch {wildcards.batch}"
        script:
            "../scripts/import_keypoints.py"

else:

    rule extract_keypoints:
        input:
            unpack(
                tracked(
                    "extract_keypoints",
                    videos=video_paths,
                    facts="results/videos/{batch}.parquet",
                    checkpoint=config["extract_keypoints"]["checkpoint"],
                )
            ),
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
            made_from=made_from("extract_keypoints"),
            settings=untracked(config["extract_keypoints"]),
        message:
            "Estimating whole-body keypoints in the videos of batch {wildcards.batch}"
        script:
            "../scripts/extract_keypoints.py"


rule clean_keypoints:
    input:
        unpack(
            tracked(
                "clean_keypoints",
                keypoints="results/keypoints{view}/{batch}.h5",
            )
        ),
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
        made_from=made_from("clean_keypoints"),
        layout=untracked(config["layout"]),
        settings=untracked(config["clean_keypoints"]),
    message:
        "Cleaning the keypoints of batch {wildcards.batch} and mapping them to {params.layout}"
    script:
        "../scripts/clean_keypoints.py"
