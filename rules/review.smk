# Whole videos as people look at them: pages to correct segments in, and annotated copies.
REVIEW_PAGES = (
    collect("results/review/{batch}", batch=SEGMENT_BATCHES) if HAS_PIXELS else []
)


def segmented_rows(wildcards):
    """The rows of the videos sheet that are segmented, of a batch."""
    wanted = set(LINEAGE.segmented_of(wildcards.batch))
    return [row for row in ROWS_OF[wildcards.batch] if row["video"] in wanted]


rule review_segments:
    input:
        unpack(
            tracked(
                "review_segments",
                segments="results/segments/{batch}.parquet",
                facts="results/videos/{batch}.parquet",
                frame_indexes="results/videos/{batch}.h5",
                skeletons=f"results/skeletons{FLAT}/{{batch}}.h5",
                videos=video_paths,
            )
        ),
    output:
        folder=directory("results/review/{batch}"),
    log:
        "logs/review_segments/{batch}.log",
    benchmark:
        "benchmarks/review_segments/{batch}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=240,
    params:
        made_from=made_from("review_segments"),
        videos=untracked(segmented_rows),
        labels=untracked(
            LABELS[["label", "name", "description", "group"]].values.tolist()
        ),
        rates=untracked(RATES),
        saliency=untracked(config["locate_saliency"]),
        settings=untracked(config["review_segments"]),
        title=untracked(lambda w: f"Segments of {w.batch}"),
    message:
        "Writing the review page of batch {wildcards.batch}"
    script:
        "../scripts/review_segments.py"


rule render_segments:
    input:
        unpack(
            tracked(
                "render_segments",
                segments="results/segments/{batch}.parquet",
                facts="results/videos/{batch}.parquet",
                frame_indexes="results/videos/{batch}.h5",
                skeletons=f"results/skeletons{FLAT}/{{batch}}.h5",
                videos=video_paths,
            )
        ),
    output:
        folder=directory("results/annotated/{batch}"),
    log:
        "logs/render_segments/{batch}.log",
    benchmark:
        "benchmarks/render_segments/{batch}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=240,
    params:
        made_from=made_from("render_segments"),
        videos=untracked(lambda w: LINEAGE.segmented_of(w.batch)),
        labels=untracked(LABELS[["label", "name", "group"]].values.tolist()),
        rates=untracked(RATES),
        saliency=untracked(config["locate_saliency"]),
        settings=untracked(config["render_segments"]),
    message:
        "Drawing the segments on the videos of batch {wildcards.batch}"
    script:
        "../scripts/render_segments.py"


# Not part of `rule all`: drawing takes about as long as the videos last.
rule annotated:
    input:
        collect("results/annotated/{batch}", batch=SEGMENT_BATCHES),
    localrule: True
