# One network per modality and round.


rule train_modality:
    input:
        unpack(modality_stores),
        pseudo_labels=branch(
            evaluate("{round} != '0'"),
            then="results/pseudo_labels/{modality}/{round}.parquet",
            otherwise=[],
        ),
        parent=branch(
            evaluate("{round} != '0'"),
            then="results/checkpoints/{modality}/0/model.safetensors",
            otherwise=[],
        ),
    output:
        checkpoint="results/checkpoints/{modality}/{round}/model.safetensors",
        metadata="results/checkpoints/{modality}/{round}/model.json",
        curves="results/checkpoints/{modality}/{round}/curves.tsv",
        figure=report(
            "results/checkpoints/{modality}/{round}/curves.svg",
            caption="../report/curves.rst",
            category="Training",
            labels={"modality": "{modality}", "round": "{round}"},
        ),
    log:
        "logs/train_modality/{modality}-{round}.log",
    benchmark:
        "benchmarks/train_modality/{modality}-{round}.tsv"
    conda:
        "../envs/training.yaml"
    threads: config["train_modality"]["threads"]
    resources:
        gpu=1,
        mem_mb=8000,
        runtime=1440,
    params:
        settings=lambda w: modality_settings(w.modality),
        layout=config["layout"],
        labels=LABELS[["name", "description"]].values.tolist(),
        seed=config["seed"],
        code=lambda w: model_digest(
            "scripts/train_modality.py", MODALITIES[w.modality]["model"]
        ),
    message:
        "Training {wildcards.modality}, round {wildcards.round}"
    script:
        "../scripts/train_modality.py"


rule predict_modality:
    input:
        unpack(modality_stores),
        checkpoint="results/checkpoints/{modality}/{round}/model.safetensors",
        metadata="results/checkpoints/{modality}/{round}/model.json",
    output:
        logits="results/logits/{modality}/{round}.parquet",
    log:
        "logs/predict_modality/{modality}-{round}.log",
    benchmark:
        "benchmarks/predict_modality/{modality}-{round}.tsv"
    conda:
        "../envs/training.yaml"
    threads: config["predict_modality"]["threads"]
    resources:
        gpu=1,
        mem_mb=8000,
        runtime=240,
    params:
        settings=config["predict_modality"],
        code=lambda w: model_digest(
            "scripts/predict_modality.py", MODALITIES[w.modality]["model"]
        ),
    message:
        "Predicting with {wildcards.modality}, round {wildcards.round}"
    script:
        "../scripts/predict_modality.py"
