# What the rules after the crops take as input, run by run (the runs: rules/common.smk).


def modality_inputs(wildcards):
    """The stores of a modality's stream, and what it starts from: weights of others in round 0,
    its own of round 0 and the pseudo-labels in later ones."""
    run, name, number = wildcards.run, wildcards.modality, wildcards.round
    stores = recognition_stores(run, RUNS.modalities(run)[name]["stream"])
    later = number != "0"
    weights = RUNS.modalities(run)[name].get("initial_weights")
    return {
        **stores,
        "pseudo_labels": made(run, "pseudo_labels", name, number) if later else [],
        "parent": made(run, "checkpoint", name, "0") if later else [],
        "initial": (
            [weights, str(Path(weights).with_suffix(".json"))]
            if weights and not later
            else []
        ),
    }


def modality_stores(wildcards):
    """The stores of a modality's stream."""
    stream = RUNS.modalities(wildcards.run)[wildcards.modality]["stream"]
    return recognition_stores(wildcards.run, stream)


def modality_digest(script):
    """The digest of a script that builds the network of the wildcards' modality."""
    return lambda w: model_digest(script, RUNS.modalities(w.run)[w.modality]["model"])


def teacher_logits(wildcards):
    """The logits of the other modalities in the round before."""
    previous = str(int(wildcards.round) - 1)
    teachers = RUNS.teachers(wildcards.run, wildcards.modality)
    return made_all(wildcards.run, "logits", [(name, previous) for name in teachers])


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


def member_logits(wildcards):
    """The last round of every modality, and the fusion network."""
    return made_all(wildcards.run, "logits", RUNS.members(wildcards.run))


def member_names(wildcards):
    """The members' names in the same order."""
    return [name for name, _ in RUNS.members(wildcards.run)]


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
