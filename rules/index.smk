# What the videos are and which clips they hold; the test labels go into a table of their own.


# Always written anew: a job that has changed takes it as an input and so runs, whatever lies between
# it and the jobs before it that run (microgesture/provenance/tracking.py).
rule note_changes:
    output:
        touch(CHANGED),
    localrule: True
    params:
        now=time.time_ns(),
    message:
        "Noting what has changed since the last run"


rule probe_videos:
    input:
        unpack(tracked("probe_videos", videos=video_paths, keypoints=keypoint_stores)),
    output:
        facts="results/videos/{batch}.parquet",
        frame_indexes="results/videos/{batch}.h5",
    log:
        "logs/probe_videos/{batch}.log",
    benchmark:
        "benchmarks/probe_videos/{batch}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=grown(2000),
        runtime=grown(240),
    params:
        made_from=made_from("probe_videos"),
        videos=untracked(lambda w: video_rows(w.batch, ["video", "path", "keypoints"])),
    message:
        "Numbering the frames of the videos of batch {wildcards.batch}"
    script:
        "../scripts/probe_videos.py"


rule index_videos:
    input:
        unpack(
            tracked(
                "index_videos",
                videos=collect("results/videos/{batch}.parquet", batch=BATCHES),
            )
        ),
    output:
        spans="results/index/spans.parquet",
    log:
        "logs/index_videos/all.log",
    benchmark:
        "benchmarks/index_videos/all.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=grown(2000),
        runtime=grown(30),
    params:
        made_from=made_from("index_videos"),
        clips=untracked(rows(CLIPS, ["clip", "video", "start", "end"])),
        sheet=untracked(config["clips"]),
        settings=untracked(config["index_videos"]),
    message:
        "Checking the clips against their videos"
    script:
        "../scripts/index_videos.py"


rule index_labels:
    input:
        unpack(
            tracked(
                "index_labels",
                videos=collect("results/videos/{batch}.parquet", batch=BATCHES),
                spans="results/index/spans.parquet",
            )
        ),
    output:
        clips="results/{fold}index/clips.parquet",
        lost="results/{fold}index/lost.tsv",
    log:
        "logs/index_labels/{fold}all.log",
    benchmark:
        "benchmarks/index_labels/{fold}all.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=grown(2000),
        runtime=grown(30),
    params:
        made_from=made_from("index_labels"),
        labels=untracked(labels_that_may_be_seen),
    message:
        "Joining the clips with the labels that training may see"
    script:
        "../scripts/index_labels.py"


rule index_truth:
    input:
        unpack(tracked("index_truth")),
    output:
        truth="results/{fold}truth/labels.parquet",
    log:
        "logs/index_truth/{fold}all.log",
    benchmark:
        "benchmarks/index_truth/{fold}all.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=grown(2000),
        runtime=grown(30),
    params:
        made_from=made_from("index_truth"),
        clips=untracked(labels_of_test_clips),
    message:
        "Setting the labels of the test clips apart"
    script:
        "../scripts/index_truth.py"
