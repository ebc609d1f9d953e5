# Cross-modal pseudo-labels: the other modalities teach each one on unseen subjects.


rule select_pseudo_labels:
    input:
        logits=lambda w: collect(
            "results/logits/{teacher}/{previous}.parquet",
            teacher=teachers(w.modality),
            previous=int(w.round) - 1,
        ),
        clips=collect("results/index/{batch}/clips.parquet", batch=BATCHES),
    output:
        pseudo_labels="results/pseudo_labels/{modality}/{round}.parquet",
        quality="results/pseudo_labels/{modality}/{round}.json",
    log:
        "logs/select_pseudo_labels/{modality}-{round}.log",
    benchmark:
        "benchmarks/select_pseudo_labels/{modality}-{round}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        teachers=lambda w: teachers(w.modality),
        settings=config["select_pseudo_labels"],
        code=code_digest("scripts/select_pseudo_labels.py"),
    message:
        "Choosing pseudo-labels for {wildcards.modality}, round {wildcards.round}"
    script:
        "../scripts/select_pseudo_labels.py"
