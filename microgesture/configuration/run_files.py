"""Which files of which runs a job takes in: networks, votes, and the comparison of variants.

Every function gives paths or plain values, so a rule only passes its wildcards on. Where a file
lies, and which run makes it, is for the caller's `made` to say (rules/common.smk): a variant shares
most of its files with another run.
"""

from collections.abc import Callable
from pathlib import Path

from microgesture.configuration.runs import FULL, Runs
from microgesture.pretraining.clips import CHOICES, splits_of
from microgesture.pretraining.settings import group_of, streams_seen

LEARNING = ("train", "val")
TARGETS = ("test", "unlabelled")
PREDICTED = ("val", *TARGETS)


class RunFiles:
    """Files of all runs.

    made: (run, kind, modality, round) -> the file's path, in the folder of the run that makes it;
    modality and round are left out where a kind has none (kinds: `Lineage.owner`).
    stores: (run, streams, splits) -> files by name that those streams are made from, of the batches
    with clips of these splits.
    """

    def __init__(self, runs: Runs, made: Callable[..., str], stores: Callable[..., dict]):
        self._runs, self._made, self._stores = runs, made, stores

    # Networks.

    def to_train_modality(self, run: str, modality: str, round: str) -> dict:
        """The stores of a modality's stream, and what it starts from: in round 0 its own
        pre-training or weights of others, in later ones round 0 and the pseudo-labels."""
        settings, later = self._runs.modalities(run)[modality], round != "0"
        splits = (*LEARNING, *TARGETS) if later else LEARNING
        return {
            **self._stores(run, [settings["stream"]], splits),
            "pseudo_labels": self._made(run, "pseudo_labels", modality, round) if later else [],
            "parent": self._made(run, "checkpoint", modality, "0") if later else [],
            "initial": [] if later else self._first_weights(run, modality),
        }

    def to_pretrain_modality(self, run: str, modality: str) -> dict:
        """The stores of the clips that a modality is pre-trained on, the sheet that names them, and
        the weights of others that it starts from."""
        settings = self._runs.modality_settings(run, modality)
        choice = group_of(settings)["clips"]
        return {
            **self._stores(run, list(streams_seen(settings)), splits_of(choice)),
            "sheet": [] if choice in CHOICES else [choice],
            "initial": _weights(settings),
        }

    def _first_weights(self, run: str, modality: str) -> list[str]:
        """What round 0 starts from: its own pre-training, or weights of others, which it started
        from itself."""
        if self._runs.pretrains(run, modality):
            weights = self._made(run, "pretraining", modality, "")
            return [weights, str(Path(weights).with_suffix(".json"))]
        return _weights(self._runs.modalities(run)[modality])

    def to_predict_modality(self, run: str, modality: str) -> dict:
        """The stores of a modality's stream for the clips that are predicted."""
        stream = self._runs.modalities(run)[modality]["stream"]
        return self._stores(run, [stream], PREDICTED)

    def teacher_logits(self, run: str, modality: str, round: str) -> list[str]:
        """The logits of the other modalities in the round before."""
        previous, teachers = str(int(round) - 1), self._runs.teachers(run, modality)
        return self._each(run, "logits", [(name, previous) for name in teachers])

    def to_train_fusion(self, run: str) -> dict:
        """The stores, and checkpoints and logits of all rounds of both parents: the best is
        taken."""
        files = self._stores(run, self._fusion_streams(run), LEARNING)
        files["initial"] = _weights(self._runs.config(run)["train_fusion"])
        for kind in ("rgb", "pose"):
            parents = self._runs.parents(run, kind)
            files[f"{kind}_checkpoints"] = self._each(run, "checkpoint", parents)
            files[f"{kind}_logits"] = self._each(run, "logits", parents)
        return files

    def to_predict_fusion(self, run: str) -> dict:
        """The stores of both branches for the clips that are predicted."""
        return self._stores(run, self._fusion_streams(run), PREDICTED)

    def _fusion_streams(self, run: str) -> list[str]:
        pose = self._runs.modalities(run).get(self._runs.config(run)["train_fusion"]["pose_parent"])
        return ["rgb", pose["stream"] if pose else "joint_heatmap"]

    # Votes and scores.

    def member_names(self, run: str) -> list[str]:
        """The names of the ensemble's members."""
        return [name for name, _ in self._runs.members(run)]

    def member_logits(self, run: str) -> list[str]:
        """The last round of every modality, and the fusion network, in the order of the names."""
        return self._each(run, "logits", self._runs.members(run))

    def all_pseudo_labels(self, run: str) -> list[str]:
        """The pseudo-labels of everything that learned from some."""
        later = self._runs.rounds(run)[1:]
        systems = [(name, round) for name in self._runs.modalities(run) for round in later]
        return self._each(run, "pseudo_labels", systems)

    def all_logits(self, run: str) -> list[str]:
        """The logits of every network of the run."""
        return self._each(run, "logits", self._runs.systems(run))

    def _each(self, run: str, kind: str, systems: list[tuple[str, str]]) -> list[str]:
        return [self._made(run, kind, *system) for system in systems]

    # Variants of the ablation.

    def ensembles_of_variants(self) -> list[str]:
        """The probabilities of the ensembles of all variants, seed by seed."""
        return [
            self._made(self._runs.name(variant, seed), "probabilities")
            for seed in self._runs.seeds
            for variant in self._runs.variants
        ]

    def over_seeds(self, variant: str, kind: str, *system: str) -> list[str]:
        """A file of a variant for every seed; system: modality and round, where it has them."""
        runs = [self._runs.name(variant, seed) for seed in self._runs.seeds]
        return [self._made(run, kind, *system) for run in runs]

    def of_whole_system(self, kind: str) -> list[str]:
        """A file of the whole system for every seed."""
        return self.over_seeds(FULL, kind)

    def modes_of_variants(self) -> list[str]:
        """The mode of pseudo-labelling of every variant."""
        return [self._config(name)["select_pseudo_labels"]["mode"] for name in self._runs.variants]

    def rounds_of_variants(self) -> list[int]:
        """The rounds of pseudo-labelling of every variant."""
        return [self._config(name)["rounds"] for name in self._runs.variants]

    # Fewer labels.

    def label_efficiency(self) -> list[dict]:
        """What is scored for the curves: variant, share (per cent), seed, system (ensemble, or the
        name of a member), the mode of its pseudo-labels and their rounds, and the file of its
        probabilities or logits."""
        scored = []
        for run in self._runs.label_runs:
            variant, share, seed = run.split("/")[1:4]
            config = self._runs.config(run)
            about = {"variant": variant, "share": int(share), "seed": int(seed)}
            about |= {"mode": config["select_pseudo_labels"]["mode"], "rounds": config["rounds"]}
            files = {"ensemble": self._made(run, "probabilities")}
            files |= {
                name: self._made(run, "logits", name, n) for name, n in self._runs.members(run)
            }
            scored += [about | {"system": name, "file": path} for name, path in files.items()]
        return scored

    def _config(self, variant: str) -> dict:
        return self._runs.config(self._runs.name(variant, self._runs.seeds[0]))

    def changed_networks(self) -> list[dict]:
        """The networks that a variant trains anew, beside those it is compared with.

        For every (variant, against, modality): its last round, the logits of both (own, other) and
        its pseudo-labels ([] where it learned from none), a path a seed.
        """
        changed = []
        for variant, against in self._runs.pairs[1:]:
            own, other = (self._runs.name(v, self._runs.seeds[0]) for v in (variant, against))
            others = dict(self._runs.members(other))
            for modality, number in self._runs.members(own):
                if modality not in others:
                    continue
                network = {
                    "own": self.over_seeds(variant, "logits", modality, number),
                    "other": self.over_seeds(against, "logits", modality, others[modality]),
                }
                if network["own"] == network["other"]:
                    continue
                taught, system = number.isdigit() and number != "0", (modality, number)
                network["pseudo_labels"] = (
                    self.over_seeds(variant, "pseudo_labels", *system) if taught else []
                )
                about = {"variant": variant, "against": against}
                changed.append(about | {"modality": modality, "round": number} | network)
        return changed

    def files_of_changed_networks(self) -> list[str]:
        """The files that `changed_networks` names, each once."""
        kinds, networks = ("own", "other", "pseudo_labels"), self.changed_networks()
        paths = [path for network in networks for kind in kinds for path in network[kind]]
        return list(dict.fromkeys(paths))


def _weights(settings: dict) -> list[str]:
    """The weights of others that a training starts from, and what is known of them."""
    weights = settings.get("initial_weights")
    return [weights, str(Path(weights).with_suffix(".json"))] if weights else []
