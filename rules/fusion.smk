# The two-branch network, started from its two trained parents.


rule train_fusion:
    input:
        unpack(tracked("train_fusion", stores=fusion_inputs)),
    output:
        checkpoint="results/{run}checkpoints/fusion/final/model.safetensors",
        metadata="results/{run}checkpoints/fusion/final/model.json",
        curves="results/{run}checkpoints/fusion/final/curves.tsv",
    log:
        "logs/train_fusion/{run}final.log",
    benchmark:
        "benchmarks/train_fusion/{run}final.tsv"
    conda:
        "../envs/training.yaml"
    threads: config["train_fusion"]["threads"]
    resources:
        gpu=1,
        mem_mb=learning_memory(LEARNED, ["rgb", "joint_heatmap"]),
        runtime=minutes(fusion_time),
    params:
        made_from=made_from("train_fusion"),
        settings=untracked(lambda w: settings(w, "train_fusion")),
        layout=untracked(config["layout"]),
        labels=untracked(LABELS["name"].tolist()),
        seed=untracked(lambda w: settings(w, "seed")),
        provenance=untracked(lambda w: provenance("train_fusion", w)),
    message:
        "Training the two-branch fusion network {wildcards.run} from its best parents"
    script:
        "../scripts/train_fusion.py"


rule predict_fusion:
    input:
        unpack(
            tracked(
                "predict_fusion",
                stores=fusion_stores,
                network=lambda w: network_of(w.run, "fusion", "final"),
            )
        ),
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
        mem_mb=learning_memory(PREDICTED, ["rgb", "joint_heatmap"]),
        runtime=minutes(predicting_time("predict_fusion")),
    params:
        made_from=made_from("predict_fusion"),
        settings=untracked(lambda w: prediction_settings("predict_fusion", w)),
    message:
        "Predicting with the fusion network {wildcards.run}"
    script:
        "../scripts/predict_fusion.py"


rule plot_prototypes:
    input:
        unpack(
            tracked(
                "plot_prototypes",
                checkpoint="results/{run}checkpoints/fusion/final/model.safetensors",
                metadata="results/{run}checkpoints/fusion/final/model.json",
            )
        ),
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
        mem_mb=grown(2000),
        runtime=grown(30),
    params:
        made_from=made_from("plot_prototypes"),
        labels=untracked(LABELS[["name", "group"]].values.tolist()),
    message:
        "Plotting how far apart the fusion network sees the classes"
    script:
        "../scripts/plot_prototypes.py"
