# The two-branch network, started from its two trained parents.


rule train_fusion:
    input:
        unpack(fusion_stores),
        rgb_checkpoints=parents(
            "rgb", "results/checkpoints/{modality}/{round}/model.safetensors"
        ),
        rgb_logits=parents("rgb", "results/logits/{modality}/{round}.parquet"),
        pose_checkpoints=parents(
            "pose", "results/checkpoints/{modality}/{round}/model.safetensors"
        ),
        pose_logits=parents("pose", "results/logits/{modality}/{round}.parquet"),
    output:
        checkpoint="results/checkpoints/fusion/final/model.safetensors",
        metadata="results/checkpoints/fusion/final/model.json",
        curves="results/checkpoints/fusion/final/curves.tsv",
        figure=report(
            "results/checkpoints/fusion/final/curves.svg",
            caption="../report/curves.rst",
            category="Training",
            labels={"modality": "fusion", "round": "final"},
        ),
    log:
        "logs/train_fusion/final.log",
    benchmark:
        "benchmarks/train_fusion/final.tsv"
    conda:
        "../envs/training.yaml"
    threads: FUSION["threads"]
    resources:
        gpu=1,
        mem_mb=12000,
        runtime=1440,
    params:
        settings=FUSION,
        layout=config["layout"],
        labels=LABELS[["name", "description"]].values.tolist(),
        seed=config["seed"],
        code=fusion_digest("scripts/train_fusion.py"),
    message:
        "Training the two-branch fusion network from its best parents"
    script:
        "../scripts/train_fusion.py"


rule predict_fusion:
    input:
        unpack(fusion_stores),
        checkpoint="results/checkpoints/fusion/final/model.safetensors",
        metadata="results/checkpoints/fusion/final/model.json",
    output:
        logits="results/logits/fusion/final.parquet",
    log:
        "logs/predict_fusion/final.log",
    benchmark:
        "benchmarks/predict_fusion/final.tsv"
    conda:
        "../envs/training.yaml"
    threads: config["predict_fusion"]["threads"]
    resources:
        gpu=1,
        mem_mb=12000,
        runtime=240,
    params:
        settings=config["predict_fusion"],
        code=fusion_digest("scripts/predict_fusion.py"),
    message:
        "Predicting with the fusion network"
    script:
        "../scripts/predict_fusion.py"
