# Cross-modal pseudo-labels: the other modalities teach each one on unseen subjects.


rule select_pseudo_labels:
    input:
        logits=teacher_logits,
        clips=collect("results/index/{batch}/clips.parquet", batch=BATCHES),
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
        mem_mb=2000,
        runtime=30,
    params:
        teachers=lambda w: RUNS.teachers(w.run, w.modality),
        settings=lambda w: settings(w, "select_pseudo_labels"),
        code=code_digest("scripts/select_pseudo_labels.py"),
    message:
        "Choosing pseudo-labels for {wildcards.run}{wildcards.modality}, round {wildcards.round}"
    script:
        "../scripts/select_pseudo_labels.py"
