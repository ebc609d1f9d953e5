# Cross-modal pseudo-labels: the other modalities teach each one on unseen subjects.


rule select_pseudo_labels:
    input:
        unpack(
            tracked(
                "select_pseudo_labels",
                logits=teacher_logits,
                clips=clips_of,
                lost=lost_of,
            )
        ),
    output:
        pseudo_labels="results/{run}pseudo_labels/{modality}/{round}.parquet",
        quality="results/{run}pseudo_labels/{modality}/{round}.json",
    log:
        "logs/select_pseudo_labels/{run}{modality}-{round}.log",
    benchmark:
        "benchmarks/select_pseudo_labels/{run}{modality}-{round}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=grown(2000),
        runtime=grown(30),
    params:
        made_from=made_from("select_pseudo_labels"),
        teachers=untracked(lambda w: RUNS.teachers(w.run, w.modality)),
        settings=untracked(lambda w: settings(w, "select_pseudo_labels")),
    message:
        "Choosing pseudo-labels for {wildcards.run}{wildcards.modality}, round {wildcards.round}"
    script:
        "../scripts/select_pseudo_labels.py"
