# Keypoints out of the pixels, then the layout that the recognisers use.
import dataclasses
import re

from microgesture.configuration.estimators import chosen_settings, fetched_models

try:
    POSE = chosen_settings(config["extract_keypoints"])
    # Models of the packages' indexes are fetched; any other checkpoint is the user's own file.
    FETCHED = fetched_models(config["extract_keypoints"])
except BadInput as error:
    raise WorkflowError(str(error)) from None


rule fetch_pose_model:
    input:
        unpack(tracked("fetch_pose_model")),
    output:
        checkpoint="resources/weights/pose/{file}",
    log:
        "logs/fetch_pose_model/{file}.log",
    benchmark:
        "benchmarks/fetch_pose_model/{file}.tsv"
    wildcard_constraints:
        file="|".join(map(re.escape, FETCHED)) or "nothing",
    conda:
        "../envs/pose.yaml"
    threads: 1
    resources:
        mem_mb=grown(1000),
        runtime=grown(120),
    params:
        made_from=made_from("fetch_pose_model"),
        model=untracked(lambda w: dataclasses.asdict(FETCHED[w.file][0])),
        sha256=untracked(lambda w: FETCHED[w.file][1]),
    message:
        "Fetching the weights {wildcards.file}"
    script:
        "../scripts/fetch_pose_model.py"


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
            mem_mb=grown(4000),
            runtime=grown(60),
        params:
            made_from=made_from("import_keypoints"),
            videos=untracked(
                lambda w: video_rows(w.batch, ["video", f"keypoints{w.view}"])
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
                    facts=lambda w: f"results/videos/{batch_of(w.part)}.parquet",
                    frame_indexes=lambda w: f"results/videos/{batch_of(w.part)}.h5",
                    checkpoint=POSE.get("checkpoint", []),
                    detector=POSE.get("detector", {}).get("checkpoint", []),
                )
            ),
        output:
            keypoints="results/keypoints/{part}.h5",
        log:
            "logs/extract_keypoints/{part}.log",
        benchmark:
            "benchmarks/extract_keypoints/{part}.tsv"
        conda:
            "../envs/pose.yaml"
        threads: 1
        resources:
            gpu=0 if POSE["estimator"] == "mediapipe" else 1,
            mem_mb=grown(4000),
            runtime=minutes(lambda w: needs.pose_minutes(frames_in_batch(w))),
        params:
            made_from=made_from("extract_keypoints"),
            settings=untracked(POSE),
            pieces=pieces("extract_keypoints"),
            regions=untracked(lambda w: video_rows(w.part, ["video", "region"])),
        message:
            "Estimating whole-body keypoints in the videos of {wildcards.part}"
        script:
            "../scripts/extract_keypoints.py"


rule clean_keypoints:
    input:
        unpack(
            tracked(
                "clean_keypoints",
                keypoints=raw_keypoints,
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
        mem_mb=grown(2000),
        runtime=minutes(lambda w: needs.cleaning_minutes(frames_in_batch(w))),
    params:
        made_from=made_from("clean_keypoints"),
        layout=untracked(config["layout"]),
        pieces=pieces("clean_keypoints"),
        settings=untracked(config["clean_keypoints"]),
    message:
        "Cleaning the keypoints of batch {wildcards.batch} and mapping them to {params.layout}"
    script:
        "../scripts/clean_keypoints.py"
