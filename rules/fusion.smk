# The two-branch network, started from its two trained parents.


rule train_fusion:
    input:
        unpack(fusion_inputs),
    output:
        checkpoint="results/{run}checkpoints/fusion/final/model.safetensors",
        metadata="results/{run}checkpoints/fusion/final/model.json",
        curves="results/{run}checkpoints/fusion/final/curves.tsv",
        figure=report(
            "results/{run}checkpoints/fusion/final/curves.svg",
            caption="../report/curves.rst",
            category="Training",
            labels={"modality": "fusion", "round": "final"},
        ),
    log:
        "logs/train_fusion/{run}final.log",
    benchmark:
        "benchmarks/train_fusion/{run}final.tsv"
    conda:
        "../envs/training.yaml"
    threads: config["train_fusion"]["threads"]
    resources:
        gpu=1,
        mem_mb=12000,
        runtime=1440,
    params:
        settings=lambda w: settings(w, "train_fusion"),
        layout=config["layout"],
        labels=LABELS[["name", "description"]].values.tolist(),
        seed=lambda w: settings(w, "seed"),
        code=fusion_digest("scripts/train_fusion.py"),
    message:
        "Training the two-branch fusion network {wildcards.run} from its best parents"
    script:
        "../scripts/train_fusion.py"


rule predict_fusion:
    input:
        unpack(fusion_stores),
        checkpoint="results/{run}checkpoints/fusion/final/model.safetensors",
        metadata="results/{run}checkpoints/fusion/final/model.json",
    output:
        logits="results/{run}logits/fusion/final.parquet",
    log:
        "logs/predict_fusion/{run}final.log",
    benchmark:
        "benchmarks/predict_fusion/{run}final.tsv"
    conda:
        "../envs/training.yaml"
    threads: config["predict_fusion"]["threads"]
    resources:
        gpu=1,
        mem_mb=12000,
        runtime=240,
    params:
        settings=lambda w: settings(w, "predict_fusion"),
        code=fusion_digest("scripts/predict_fusion.py"),
    message:
        "Predicting with the fusion network {wildcards.run}"
    script:
        "../scripts/predict_fusion.py"


rule plot_prototypes:
    input:
        checkpoint="results/{run}checkpoints/fusion/final/model.safetensors",
        metadata="results/{run}checkpoints/fusion/final/model.json",
    output:
        figure=report(
            "results/{run}scores/prototypes.svg",
            caption="../report/prototypes.rst",
            category="Training",
            labels={"modality": "fusion", "round": "prototypes"},
        ),
    log:
        "logs/plot_prototypes/{run}all.log",
    benchmark:
        "benchmarks/plot_prototypes/{run}all.tsv"
    conda:
        "../envs/training.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        labels=LABELS[["name", "group"]].values.tolist(),
        code=code_digest("scripts/plot_prototypes.py"),
    message:
        "Plotting how far apart the fusion network sees the classes"
    script:
        "../scripts/plot_prototypes.py"
