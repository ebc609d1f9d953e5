# The two-branch network, started from its two trained parents.


def fusion_stores(wildcards):
    """The stores of both branches."""
    run = wildcards.run
    pose = RUNS.modalities(run).get(settings(wildcards, "train_fusion")["pose_parent"])
    stores = recognition_stores(run, "rgb")
    stream = pose["stream"] if pose else "joint_heatmap"
    return {**stores, "skeletons": recognition_stores(run, stream)["skeletons"]}


def fusion_inputs(wildcards):
    """The stores, and checkpoints and logits of all rounds of both parents: the best is taken."""
    run, files = wildcards.run, fusion_stores(wildcards)
    for kind in ("rgb", "pose"):
        parents = RUNS.parents(run, kind)
        files[f"{kind}_checkpoints"] = made_all(run, "checkpoint", parents)
        files[f"{kind}_logits"] = made_all(run, "logits", parents)
    return files


def fusion_digest(script):
    """The digest of a script of the fusion network, with the parents' networks."""

    def digest(wildcards):
        modalities = RUNS.modalities(wildcards.run)
        names = [
            settings(wildcards, "train_fusion")[f"{k}_parent"] for k in ("rgb", "pose")
        ]
        models = [modalities[name]["model"] for name in names if name in modalities]
        return model_digest(script, "rgbpose_fusion", *models)

    return digest


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
