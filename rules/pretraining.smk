# First weights of a network from clips without their labels (modalities: ...: pretrain).


rule pretrain_modality:
    input:
        unpack(tracked("pretrain_modality", stores=pretraining_inputs, lost=lost_of)),
    output:
        checkpoint="results/{run}checkpoints/{modality}/pretrained/model.safetensors",
        metadata="results/{run}checkpoints/{modality}/pretrained/model.json",
        curves="results/{run}checkpoints/{modality}/pretrained/curves.tsv",
    log:
        "logs/pretrain_modality/{run}{modality}.log",
    benchmark:
        "benchmarks/pretrain_modality/{run}{modality}.tsv"
    conda:
        "../envs/training.yaml"
    threads: config["train_modality"]["threads"]
    resources:
        gpu=1,
        mem_mb=learning_memory(LEARNED + PREDICTED[1:]),
        runtime=minutes(pretraining_time),
    params:
        made_from=made_from("pretrain_modality"),
        settings=untracked(lambda w: RUNS.modality_settings(w.run, w.modality)),
        mode=untracked(lambda w: settings(w, "select_pseudo_labels")["mode"]),
        layout=untracked(config["layout"]),
        seed=untracked(lambda w: settings(w, "seed")),
        provenance=untracked(lambda w: provenance("pretrain_modality", w)),
    message:
        "Pre-training {wildcards.run}{wildcards.modality} without labels"
    script:
        "../scripts/pretrain_modality.py"
