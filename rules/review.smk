# Whole videos as people look at them: pages to correct segments in, and annotated copies.
REVIEW_PAGES = (
    collect("results/review/{part}", part=SEGMENT_PARTS) if HAS_PIXELS else []
)


rule review_segments:
    input:
        unpack(
            tracked(
                "review_segments",
                segments="results/segments/{part}.parquet",
                people=files_of_people,
                videos=video_paths,
            )
        ),
    output:
        folder=directory("results/review/{part}"),
    log:
        "logs/review_segments/{part}.log",
    benchmark:
        "benchmarks/review_segments/{part}.tsv"
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
        title=untracked(lambda w: f"Segments of {w.part}"),
    message:
        "Writing the review page of {wildcards.part}"
    script:
        "../scripts/review_segments.py"


rule render_segments:
    input:
        unpack(
            tracked(
                "render_segments",
                segments="results/segments/{part}.parquet",
                people=files_of_people,
                videos=video_paths,
            )
        ),
    output:
        folder=directory("results/annotated/{part}"),
    log:
        "logs/render_segments/{part}.log",
    benchmark:
        "benchmarks/render_segments/{part}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=240,
    params:
        made_from=made_from("render_segments"),
        videos=untracked(lambda w: LINEAGE.segmented_of(w.part)),
        labels=untracked(LABELS[["label", "name", "group"]].values.tolist()),
        rates=untracked(RATES),
        saliency=untracked(config["locate_saliency"]),
        settings=untracked(config["render_segments"]),
    message:
        "Drawing the segments on the videos of {wildcards.part}"
    script:
        "../scripts/render_segments.py"


# Not part of `rule all`: drawing takes about as long as the videos last.
rule annotated:
    input:
        collect("results/annotated/{part}", part=SEGMENT_PARTS),
    localrule: True
