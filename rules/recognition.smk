# One network per modality and round.


rule train_modality:
    input:
        unpack(modality_inputs),
    output:
        checkpoint="results/{run}checkpoints/{modality}/{round}/model.safetensors",
        metadata="results/{run}checkpoints/{modality}/{round}/model.json",
        curves="results/{run}checkpoints/{modality}/{round}/curves.tsv",
        figure=report(
            "results/{run}checkpoints/{modality}/{round}/curves.svg",
            caption="../report/curves.rst",
            category="Training",
            labels={"modality": "{modality}", "round": "{round}"},
        ),
    log:
        "logs/train_modality/{run}{modality}-{round}.log",
    benchmark:
        "benchmarks/train_modality/{run}{modality}-{round}.tsv"
    conda:
        "../envs/training.yaml"
    threads: config["train_modality"]["threads"]
    resources:
        gpu=1,
        mem_mb=8000,
        runtime=1440,
    params:
        settings=lambda w: RUNS.modality_settings(w.run, w.modality),
        layout=config["layout"],
        labels=LABELS[["name", "description"]].values.tolist(),
        seed=lambda w: settings(w, "seed"),
        code=modality_digest("scripts/train_modality.py"),
    message:
        "Training {wildcards.run}{wildcards.modality}, round {wildcards.round}"
    script:
        "../scripts/train_modality.py"


rule predict_modality:
    input:
        unpack(modality_stores),
        checkpoint="results/{run}checkpoints/{modality}/{round}/model.safetensors",
        metadata="results/{run}checkpoints/{modality}/{round}/model.json",
    output:
        logits="results/{run}logits/{modality}/{round}.parquet",
    log:
        "logs/predict_modality/{run}{modality}-{round}.log",
    benchmark:
        "benchmarks/predict_modality/{run}{modality}-{round}.tsv"
    conda:
        "../envs/training.yaml"
    threads: config["predict_modality"]["threads"]
    resources:
        gpu=1,
        mem_mb=8000,
        runtime=240,
    params:
        settings=lambda w: settings(w, "predict_modality"),
        code=modality_digest("scripts/predict_modality.py"),
    message:
        "Predicting with {wildcards.run}{wildcards.modality}, round {wildcards.round}"
    script:
        "../scripts/predict_modality.py"
