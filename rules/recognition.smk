# One network per modality and round.


rule train_modality:
    input:
        unpack(tracked("train_modality", stores=modality_inputs)),
    output:
        checkpoint="results/{run}checkpoints/{modality}/{round}/model.safetensors",
        metadata="results/{run}checkpoints/{modality}/{round}/model.json",
        curves="results/{run}checkpoints/{modality}/{round}/curves.tsv",
    log:
        "logs/train_modality/{run}{modality}-{round}.log",
    benchmark:
        "benchmarks/train_modality/{run}{modality}-{round}.tsv"
    conda:
        "../envs/training.yaml"
    threads: config["train_modality"]["threads"]
    resources:
        gpu=1,
        mem_mb=learning_memory(LEARNED + PREDICTED[1:]),
        runtime=minutes(training_time),
    params:
        made_from=made_from("train_modality"),
        settings=untracked(lambda w: RUNS.modality_settings(w.run, w.modality)),
        layout=untracked(config["layout"]),
        labels=untracked(LABELS["name"].tolist()),
        seed=untracked(lambda w: settings(w, "seed")),
        provenance=untracked(lambda w: provenance("train_modality", w)),
    message:
        "Training {wildcards.run}{wildcards.modality}, round {wildcards.round}"
    script:
        "../scripts/train_modality.py"


rule predict_modality:
    input:
        unpack(
            tracked(
                "predict_modality",
                stores=modality_stores,
                network=lambda w: network_of(w.run, w.modality, w.round),
            )
        ),
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
        mem_mb=learning_memory(PREDICTED),
        runtime=minutes(predicting_time("predict_modality")),
    params:
        made_from=made_from("predict_modality"),
        settings=untracked(lambda w: prediction_settings("predict_modality", w)),
    message:
        "Predicting with {wildcards.run}{wildcards.modality}, round {wildcards.round}"
    script:
        "../scripts/predict_modality.py"


rule plot_curves:
    input:
        unpack(
            tracked(
                "plot_curves",
                curves="results/{run}checkpoints/{modality}/{round}/curves.tsv",
            )
        ),
    output:
        figure=report(
            "results/{run}checkpoints/{modality}/{round}/curves.svg",
            caption="../report/curves.rst",
            category="Training",
            labels={"modality": "{modality}", "round": "{round}"},
        ),
    log:
        "logs/plot_curves/{run}{modality}-{round}.log",
    benchmark:
        "benchmarks/plot_curves/{run}{modality}-{round}.tsv"
    wildcard_constraints:
        modality="|".join([*map(re.escape, RUNS.all_modalities()), "fusion"]),
        round=r"\d+|final|pretrained",
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=grown(2000),
        runtime=grown(30),
    params:
        made_from=made_from("plot_curves"),
    message:
        "Drawing the learning curves of {wildcards.run}{wildcards.modality}, round {wildcards.round}"
    script:
        "../scripts/plot_curves.py"
