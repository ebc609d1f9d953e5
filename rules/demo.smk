# The embedded demo: rendered people, and the pose model that knows them.


rule render_demo_videos:
    input:
        unpack(tracked("render_demo_videos")),
    output:
        video="results/demo_videos/{video}.mp4",
        truth="results/demo_keypoints/{video}.h5",
    log:
        "logs/render_demo_videos/{video}.log",
    benchmark:
        "benchmarks/render_demo_videos/{video}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=grown(1000),
        runtime=grown(30),
    params:
        made_from=made_from("render_demo_videos"),
        settings=untracked(config["render_demo_videos"]),
    message:
        "Rendering the demo video {wildcards.video}"
    script:
        "../scripts/render_demo_videos.py"


# Not part of `rule all`: its result ships as resources/pose/demo_wholebody.pth (README there).
rule train_demo_pose:
    input:
        unpack(tracked("train_demo_pose")),
    output:
        checkpoint="results/demo_pose/demo_wholebody.pth",
    log:
        "logs/train_demo_pose/all.log",
    benchmark:
        "benchmarks/train_demo_pose/all.tsv"
    conda:
        "../envs/pose.yaml"
    threads: 2
    resources:
        gpu=1,
        mem_mb=grown(8000),
        runtime=grown(120),
    params:
        made_from=made_from("train_demo_pose"),
        settings=untracked(config["train_demo_pose"]),
    message:
        "Training the demo's whole-body pose model on rendered people"
    script:
        "../scripts/train_demo_pose.py"


# People that neither the recognisers nor the pose model were trained on.
TEST_VIDEOS = sorted(CLIPS.loc[CLIPS["split"] == "test", "video"].unique())
TEST_PARTS = LINEAGE.data.shares(MAIN, ("test",), "part")


rule score_keypoints:
    input:
        unpack(
            tracked(
                "score_keypoints",
                keypoints=collect("results/keypoints/{part}.h5", part=TEST_PARTS),
                truth=collect("results/demo_keypoints/{video}.h5", video=TEST_VIDEOS),
            )
        ),
    output:
        scores=report(
            "results/scores/keypoints.tsv",
            caption="../report/keypoints.rst",
            category="Keypoints",
        ),
    log:
        "logs/score_keypoints/all.log",
    benchmark:
        "benchmarks/score_keypoints/all.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=grown(2000),
        runtime=grown(30),
    params:
        made_from=made_from("score_keypoints"),
        settings=untracked(config["score_keypoints"]),
    message:
        "Scoring the estimated keypoints against the renderer's"
    script:
        "../scripts/score_keypoints.py"
