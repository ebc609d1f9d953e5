# Whole videos: windows, what the members say of them, segments, tables for people, scores.
MEMBERS = LINEAGE.members_of_windows()
SEGMENTED = LINEAGE.segmented
SEGMENT_PARTS = sorted(VIDEOS.loc[VIDEOS["video"].isin(SEGMENTED), "part"].unique())
SEGMENT_BATCHES = sorted(VIDEOS.loc[VIDEOS["video"].isin(SEGMENTED), "batch"].unique())
LEARNED_FROM = LINEAGE.learned_from
RATES = LINEAGE.data.rates()
# Part of `all` where background can be learned; of any other run `snakemake segments` makes them.
LEARNS_BACKGROUND = LEARNS and "train" in LEARNED_FROM.values()
SEGMENT_SCORES = (
    ["results/segment_scores/scores.tsv", "results/segment_scores/timelines.svg"]
    if LINEAGE.scored
    else []
)
SEGMENT_TARGETS = [
    "results/segment_tables/segments.tsv",
    *(["results/exports"] if HAS_PIXELS else []),
    *SEGMENT_SCORES,
]


rule store_videos:
    input:
        unpack(
            tracked(
                "store_videos",
                videos=video_paths,
                facts=lambda w: f"results/videos/{batch_of(w.part)}.parquet",
                frame_indexes=lambda w: f"results/videos/{batch_of(w.part)}.h5",
                skeletons=lambda w: f"results/skeletons{FLAT}/{batch_of(w.part)}.h5",
            )
        ),
    output:
        pictures="results/video_rgb/{part}.h5",
        boxes="results/video_boxes/{part}.parquet",
    log:
        "logs/store_videos/{part}.log",
    benchmark:
        "benchmarks/store_videos/{part}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=grown(4000),
        runtime=grown(240),
    params:
        made_from=made_from("store_videos"),
        videos=untracked(lambda w: LINEAGE.segmented_of(w.part)),
        rates=untracked(RATES),
        settings=untracked(config["store_videos"]),
        magnification=untracked(config["decode_rgb"].get("magnification", {})),
    message:
        "Storing the pictures of the whole videos of {wildcards.part}"
    script:
        "../scripts/store_videos.py"


rule predict_windows:
    input:
        unpack(
            tracked(
                "predict_windows",
                facts=lambda w: f"results/videos/{batch_of(w.part)}.parquet",
                seen=window_inputs,
            )
        ),
    output:
        windows="results/windows/{member}/{part}.h5",
    log:
        "logs/predict_windows/{member}-{part}.log",
    benchmark:
        "benchmarks/predict_windows/{member}-{part}.tsv"
    conda:
        "../envs/training.yaml"
    threads: config["predict_windows"]["threads"]
    resources:
        gpu=1,
        mem_mb=grown(8000),
        runtime=grown(240),
    params:
        made_from=made_from("predict_windows"),
        videos=untracked(lambda w: LINEAGE.segmented_of(w.part)),
        rates=untracked(RATES),
        settings=untracked(config["predict_windows"]),
        saliency=untracked(config["locate_saliency"]),
        picture_size=untracked(config["decode_rgb"]["size"]),
    message:
        "Looking at the windows of {wildcards.part} with {wildcards.member}"
    script:
        "../scripts/predict_windows.py"


rule fit_segmenter:
    input:
        unpack(
            tracked(
                "fit_segmenter",
                windows=windows_learned_from,
                temperatures="results/ensemble/temperatures.tsv",
                clips="results/index/clips.parquet",
            )
        ),
    output:
        heads="results/segmenter/{voters}.npz",
        segmenter="results/segmenter/{voters}.json",
    log:
        "logs/fit_segmenter/{voters}.log",
    benchmark:
        "benchmarks/fit_segmenter/{voters}.tsv"
    conda:
        "../envs/training.yaml"
    threads: 1
    resources:
        mem_mb=grown(8000),
        runtime=grown(240),
    params:
        made_from=made_from("fit_segmenter"),
        members=untracked(lambda w: LINEAGE.voters(w.voters)),
        videos=untracked(LEARNED_FROM),
        num_classes=untracked(len(LABELS)),
        seconds=untracked(config["predict_windows"]["seconds"]),
        settings=untracked(config["fit_segmenter"]),
        seed=untracked(config["seed"]),
    message:
        "Learning background and the way from windows to segments ({wildcards.voters})"
    script:
        "../scripts/fit_segmenter.py"


rule find_segments:
    input:
        unpack(
            tracked(
                "find_segments",
                windows=lambda w: windows_of([w.part]),
                heads=SEGMENTER["heads"],
                segmenter=SEGMENTER["segmenter"],
            )
        ),
    output:
        frames="results/frames/{part}.h5",
        segments="results/segments/{part}.parquet",
    log:
        "logs/find_segments/{part}.log",
    benchmark:
        "benchmarks/find_segments/{part}.tsv"
    conda:
        "../envs/training.yaml"
    threads: 1
    resources:
        mem_mb=grown(4000),
        runtime=grown(60),
    params:
        made_from=made_from("find_segments"),
        members=untracked([member for member, _ in MEMBERS]),
    message:
        "Finding the segments in the videos of {wildcards.part}"
    script:
        "../scripts/find_segments.py"


rule summarise_segments:
    input:
        unpack(
            tracked(
                "summarise_segments",
                segments=collect(
                    "results/segments/{part}.parquet", part=SEGMENT_PARTS
                ),
                frames=collect("results/frames/{part}.h5", part=SEGMENT_PARTS),
                facts=collect("results/videos/{batch}.parquet", batch=SEGMENT_BATCHES),
                frame_indexes=collect(
                    "results/videos/{batch}.h5", batch=SEGMENT_BATCHES
                ),
                clips=["results/index/clips.parquet"] if len(CLIPS) else [],
            )
        ),
    output:
        segments=report(
            "results/segment_tables/segments.tsv",
            caption="../report/segments.rst",
            category="Segments",
        ),
        persons=report(
            "results/segment_tables/persons.tsv",
            caption="../report/persons.rst",
            category="Segments",
        ),
        label_next=report(
            "results/segment_tables/label_next.tsv",
            caption="../report/label_next.rst",
            category="Segments",
        ),
    log:
        "logs/summarise_segments/all.log",
    benchmark:
        "benchmarks/summarise_segments/all.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=grown(4000),
        runtime=grown(60),
    params:
        made_from=made_from("summarise_segments"),
        subjects=untracked(dict(zip(VIDEOS["video"], VIDEOS["subject"]))),
        labels=untracked(LABELS[["name", "group"]].values.tolist()),
        settings=untracked(config["summarise_segments"]),
        on_bad_video=untracked(config["index_videos"]["on_bad_video"]),
    message:
        "Writing the tables of segments, of persons, and of what to annotate next"
    script:
        "../scripts/summarise_segments.py"


rule export_segments:
    input:
        unpack(
            tracked(
                "export_segments",
                segments="results/segment_tables/segments.tsv",
                frame_indexes=collect(
                    "results/videos/{batch}.h5", batch=SEGMENT_BATCHES
                ),
            )
        ),
    output:
        exports=directory("results/exports"),
    log:
        "logs/export_segments/all.log",
    benchmark:
        "benchmarks/export_segments/all.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=grown(2000),
        runtime=grown(60),
    params:
        made_from=made_from("export_segments"),
        videos=untracked(
            VIDEOS.loc[
                VIDEOS["video"].isin(SEGMENTED), ["video", "path", "subject"]
            ].values.tolist()
        ),
        labels=untracked(
            LABELS[["label", "name", "description", "group"]].values.tolist()
        ),
        settings=untracked(config["export_segments"]),
    message:
        "Writing the segments for ELAN, BORIS, spreadsheets and players"
    script:
        "../scripts/export_segments.py"


# Beside score_predictions and the ablation the only rule that reads the truth.
rule score_segments:
    input:
        unpack(
            tracked(
                "score_segments",
                segments="results/segment_tables/segments.tsv",
                facts=collect("results/videos/{batch}.parquet", batch=SEGMENT_BATCHES),
                truth="results/truth/labels.parquet",
                spans="results/index/spans.parquet",
            )
        ),
    output:
        scores=report(
            "results/segment_scores/scores.tsv",
            caption="../report/segment_scores.rst",
            category="Segments",
        ),
        per_class=report(
            "results/segment_scores/per_class.tsv",
            caption="../report/segment_scores.rst",
            category="Segments",
        ),
        truth="results/segment_scores/truth.tsv",
        curve="results/segment_scores/curve.tsv",
    log:
        "logs/score_segments/all.log",
    benchmark:
        "benchmarks/score_segments/all.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=grown(4000),
        runtime=grown(60),
    params:
        made_from=made_from("score_segments"),
        videos=untracked(LINEAGE.scored),
        rates=untracked(RATES),
        labels=untracked(LABELS[["name", "group"]].values.tolist()),
        seed=untracked(config["seed"]),
    message:
        "Scoring the segments of the test videos"
    script:
        "../scripts/score_segments.py"


rule plot_segments:
    input:
        unpack(
            tracked(
                "plot_segments",
                segments="results/segment_tables/segments.tsv",
                truth="results/segment_scores/truth.tsv",
                curve="results/segment_scores/curve.tsv",
                segmenter=SEGMENTER["segmenter"],
                facts=collect("results/videos/{batch}.parquet", batch=SEGMENT_BATCHES),
            )
        ),
    output:
        timelines=report(
            "results/segment_scores/timelines.svg",
            caption="../report/segment_scores.rst",
            category="Segments",
        ),
        confidence=report(
            "results/segment_scores/confidence.svg",
            caption="../report/segment_scores.rst",
            category="Segments",
        ),
        coverage=report(
            "results/segment_scores/coverage.svg",
            caption="../report/segment_scores.rst",
            category="Segments",
        ),
    log:
        "logs/plot_segments/all.log",
    benchmark:
        "benchmarks/plot_segments/all.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=grown(4000),
        runtime=grown(30),
    params:
        made_from=made_from("plot_segments"),
        videos=untracked(LINEAGE.scored),
        rates=untracked(RATES),
        labels=untracked(LABELS[["name", "group"]].values.tolist()),
        error=untracked(config["fit_segmenter"]["error"]),
    message:
        "Drawing whole test videos, truth above prediction"
    script:
        "../scripts/plot_segments.py"


rule segments:
    input:
        lambda w: [*SEGMENT_TARGETS, *REVIEW_PAGES],
    localrule: True
