# What the rules after the crops take as input, run by run (the runs: rules/common.smk).
from microgesture.provenance.commit import COMMIT
from microgesture.tables.index import hide_test_labels

LEARNING, PREDICTED = ("train", "val"), ("val", "test", "unlabelled")


def labels_that_may_be_seen(wildcards):
    """Subject, split and label of all clips of a fold, the labels of test clips hidden."""
    clips = LINEAGE.data.clips(wildcards.fold)
    columns = ["clip", "video", "subject", "split", "label"]
    return rows(hide_test_labels(clips), columns)


def labels_of_test_clips(wildcards):
    """The test clips of a fold with their labels."""
    clips = LINEAGE.data.clips(wildcards.fold)
    columns = ["clip", "video", "subject", "split", "label"]
    return rows(clips[clips["split"] == "test"], columns)


def provenance(rule, wildcards):
    """What a training writes into its checkpoint: who made it, of what."""
    made_from = LINEAGE.parts(rule, **dict(wildcards.items()))
    return {
        "signature": TRACKING.signature(rule, wildcards),
        "made_from": made_from,
        "commit": COMMIT,
    }


def modality_inputs(wildcards):
    """The stores of a modality's stream, and what it starts from: weights of others in round 0,
    its own of round 0 and the pseudo-labels in later ones."""
    run, name, number = wildcards.run, wildcards.modality, wildcards.round
    modality, later = RUNS.modalities(run)[name], number != "0"
    splits = (*LEARNING, "test", "unlabelled") if later else LEARNING
    weights = modality.get("initial_weights")
    return {
        **recognition_stores(run, [modality["stream"]], splits),
        "pseudo_labels": made(run, "pseudo_labels", name, number) if later else [],
        "parent": made(run, "checkpoint", name, "0") if later else [],
        "initial": (
            [weights, str(Path(weights).with_suffix(".json"))]
            if weights and not later
            else []
        ),
    }


def modality_stores(wildcards):
    """The stores of a modality's stream for the clips that are predicted."""
    stream = RUNS.modalities(wildcards.run)[wildcards.modality]["stream"]
    return recognition_stores(wildcards.run, [stream], PREDICTED)


def prediction_settings(section, wildcards):
    """Everything that a prediction sets: what changes its numbers, and how it is carried out."""
    if section == "predict_fusion":
        numbers = LINEAGE.fusion_prediction_settings(wildcards.run)
    else:
        numbers = LINEAGE.prediction_settings(wildcards.run, wildcards.modality)
    return {**settings(wildcards, section), **numbers}


def teacher_logits(wildcards):
    """The logits of the other modalities in the round before."""
    previous = str(int(wildcards.round) - 1)
    teachers = RUNS.teachers(wildcards.run, wildcards.modality)
    return made_all(wildcards.run, "logits", [(name, previous) for name in teachers])


def fusion_streams(run):
    """The streams of both branches."""
    pose = RUNS.modalities(run).get(RUNS.config(run)["train_fusion"]["pose_parent"])
    return ["rgb", pose["stream"] if pose else "joint_heatmap"]


def fusion_stores(wildcards):
    """The stores of both branches for the clips that are predicted."""
    return recognition_stores(wildcards.run, fusion_streams(wildcards.run), PREDICTED)


def fusion_inputs(wildcards):
    """The stores, and checkpoints and logits of all rounds of both parents: the best is taken."""
    run = wildcards.run
    files = recognition_stores(run, fusion_streams(run), LEARNING)
    weights = RUNS.config(run)["train_fusion"].get("initial_weights")
    files["initial"] = (
        [weights, str(Path(weights).with_suffix(".json"))] if weights else []
    )
    for kind in ("rgb", "pose"):
        parents = RUNS.parents(run, kind)
        files[f"{kind}_checkpoints"] = made_all(run, "checkpoint", parents)
        files[f"{kind}_logits"] = made_all(run, "logits", parents)
    return files


def member_logits(wildcards):
    """The last round of every modality, and the fusion network."""
    return made_all(wildcards.run, "logits", LINEAGE.members(wildcards.run))


def member_names(wildcards):
    """The members' names in the same order."""
    return [name for name, _ in LINEAGE.members(wildcards.run)]


def later_rounds(wildcards):
    """(modality, round) of everything that learned from pseudo-labels."""
    run = wildcards.run
    return [(m, r) for m in RUNS.modalities(run) for r in RUNS.rounds(run)[1:]]


def ablation_probabilities(wildcards):
    """The ensembles of all variants and seeds, seed by seed."""
    return [
        made(RUNS.name(variant, seed), "probabilities")
        for seed in RUNS.seeds
        for variant in RUNS.variants
    ]


def over_seeds(variant, kind, *system):
    """A file of a variant for every seed; system: modality and round, where it has them."""
    return [made(RUNS.name(variant, seed), kind, *system) for seed in RUNS.seeds]


def modes_of_variants():
    """The mode of pseudo-labelling of every variant."""
    configs = [RUNS.config(RUNS.name(v, RUNS.seeds[0])) for v in RUNS.variants]
    return [config["select_pseudo_labels"]["mode"] for config in configs]


def rounds_of_variants():
    """The rounds of pseudo-labelling of every variant."""
    return [RUNS.config(RUNS.name(v, RUNS.seeds[0]))["rounds"] for v in RUNS.variants]


def full_runs(kind):
    """A file of the whole system for every seed."""
    return lambda w: over_seeds("full", kind)


def changed_networks():
    """The networks that a variant trains anew, beside those it is compared with: for every
    (variant, against, modality) its last round, the logits of both (own, other) and its
    pseudo-labels, a path a seed."""
    changed = []
    for variant, against in RUNS.pairs[1:]:
        own, other = (RUNS.name(v, RUNS.seeds[0]) for v in (variant, against))
        others = dict(RUNS.members(other))
        for modality, number in RUNS.members(own):
            if modality not in others:
                continue
            network = {
                "own": over_seeds(variant, "logits", modality, number),
                "other": over_seeds(against, "logits", modality, others[modality]),
            }
            if network["own"] == network["other"]:
                continue
            taught = number.isdigit() and number != "0"
            network["pseudo_labels"] = (
                over_seeds(variant, "pseudo_labels", modality, number) if taught else []
            )
            about = {"variant": variant, "against": against}
            changed.append(about | {"modality": modality, "round": number} | network)
    return changed


def files_of_changed_networks(wildcards):
    """The files that `changed_networks` names, each once."""
    kinds = ("own", "other", "pseudo_labels")
    paths = [path for n in changed_networks() for kind in kinds for path in n[kind]]
    return list(dict.fromkeys(paths))


def windows_of(batches, voters="all"):
    """The windows of these batches, voter after voter."""
    names = LINEAGE.voters(voters)
    return [f"results/windows/{name}/{batch}.h5" for name in names for batch in batches]


def window_inputs(wildcards):
    """The network, and what it sees of the batch's videos."""
    member, batch = wildcards.member, wildcards.batch
    number = dict(RUNS.members(MAIN))[member]
    pictures = LINEAGE.sees_pictures(member)
    return {
        "skeletons": f"results/skeletons{LINEAGE.view_of(member)}/{batch}.h5",
        "pictures": [f"results/video_rgb/{batch}.h5"] if pictures else [],
        "boxes": [f"results/video_boxes/{batch}.parquet"] if pictures else [],
        **network_of(MAIN, member, number),
    }


def batches_learned_from(wildcards):
    """The batches of the videos that the segmenter learns from."""
    learned = VIDEOS["video"].isin(LEARNED_FROM)
    batches = sorted(VIDEOS.loc[learned, "batch"].unique())
    return windows_of(batches, wildcards.voters)


def segmenters(wildcards):
    """The segmenters of all members together and of each alone."""
    voters = LINEAGE.segmenters()
    return collect(
        "results/segmenter/{voters}.{ending}", voters=voters, ending=["npz", "json"]
    )
