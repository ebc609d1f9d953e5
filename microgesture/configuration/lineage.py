"""What every job is made from: the one signature by which it is run again, or not.

`Lineage.parts(rule, wildcards)` names all that can change the job's result, and nothing else. Edges
between jobs follow from it: a job whose signature stands in Snakemake's record has nothing to do,
though files that it reads were written anew (rules/common.smk, `tracked`).
"""

from functools import cache
from pathlib import Path

import pandas as pd

from microgesture.configuration.lineage_comparisons import ComparisonLineage
from microgesture.configuration.lineage_data import (
    FLAT_SKELETONS,
    FOREIGN_WEIGHTS,
    PICTURES,
    DataLineage,
    kind_of,
)
from microgesture.configuration.lineage_pretraining import PretrainingLineage
from microgesture.configuration.lineage_segments import FUSION, PREDICTED, SegmentLineage
from microgesture.configuration.runs import MAIN, Runs
from microgesture.configuration.settings import names_that_change
from microgesture.pretraining.settings import GROUP
from microgesture.provenance.records import flattened, signature

WEIGHTS = "resources/weights/"
DEMO_POSE = Path(__file__).resolve().parents[2] / "resources" / "pose" / "demo_wholebody.py"
EXECUTION = names_that_change("execution") | {"threads"}
PREDICTION = names_that_change("prediction")
LATER = names_that_change("later_rounds")
LEARNING, VALIDATION = ("train", "val"), ("val",)
TARGETS = ("test", "unlabelled")
RULE_OF = {
    "saliency": "locate_saliency",
    "rgb": "decode_rgb",
    "pretraining": "pretrain_modality",
    "pseudo_labels": "select_pseudo_labels",
    "temperatures": "fit_temperatures",
    "probabilities": "probabilities",
    "scores": "score_predictions",
    "quality": "score_predictions",
}


class Lineage(SegmentLineage, PretrainingLineage, ComparisonLineage):
    """Parts and signatures of all jobs of all runs.

    data: the lineage of the data's files. labels: `Sheets.labels`. code: as in `DataLineage`.
    identity: path -> who the file is. bundle: what a run that trains nothing predicts with.
    """

    def __init__(
        self, runs: Runs, data: DataLineage, labels: pd.DataFrame, identity, code, bundle=None
    ):
        self.data, self._runs, self._identity, self._code = data, runs, identity, code
        self._bundle = bundle
        self._names = labels["name"].tolist()
        self._groups = labels["group"].tolist()
        self._descriptions = labels["description"].tolist()
        self.signature = cache(self._signature)
        self.owner = cache(self.owner)
        self._pretraining_clips = cache(self._pretraining_clips)

    def parts(self, rule: str, run: str = MAIN, **wildcards: str) -> dict:
        """All that can change the result of a job: name -> plain value, settings flattened."""
        run = wildcards.pop("fold", run)  # tables of clips are a fold's, not each run's
        if hasattr(self, rule):
            parts = getattr(self, rule)(run=run, **wildcards)
        else:
            varies = rule in ("index_labels", "index_truth", "locate_saliency", "decode_rgb")
            parts = getattr(self.data, rule)(**({"run": run} if varies else {}), **wildcards)
        return flattened(parts)

    def _signature(self, rule: str, run: str = MAIN, **wildcards: str) -> str:
        return signature(self.parts(rule, run, **wildcards))

    # Sharing between runs.

    def owner(self, run: str, kind: str, modality: str = "", round: str = "") -> str:
        """The first run that makes the same file: made from the same things.

        kind: saliency, rgb, pretraining, checkpoint, logits, pseudo_labels, temperatures,
        probabilities, scores, quality.
        """
        if run == MAIN:
            return MAIN
        wanted = self._of_kind(run, kind, modality, round)
        for name in (*self._runs.sharing(run), run):
            makes = name == run or self._runs.makes(name, kind, modality, round)
            if makes and self._of_kind(name, kind, modality, round) == wanted:
                return name
        raise AssertionError(f"{run}: not among the runs")

    def _of_kind(self, run: str, kind: str, modality: str, round: str) -> str:
        if kind in ("saliency", "rgb"):
            rules = ("locate_saliency", "decode_rgb")[: 1 + (kind == "rgb")]
            return signature([self.data.stage(rule, run) for rule in rules])
        if kind in ("checkpoint", "logits"):
            verb = "train" if kind == "checkpoint" else "predict"
            if modality == FUSION:
                return self.signature(f"{verb}_fusion", run)
            return self.signature(f"{verb}_modality", run, modality=modality, round=round)
        if kind == "pretraining":
            return self.signature(RULE_OF[kind], run, modality=modality)
        if kind == "pseudo_labels":
            return self.signature(RULE_OF[kind], run, modality=modality, round=round)
        return self.signature(RULE_OF[kind], run)

    # Networks.

    def train_modality(self, run: str, modality: str, round: str) -> dict:
        settings = self._runs.modality_settings(run, modality)
        kind, foreign = kind_of(settings["stream"]), settings.get("initial_weights")
        pretrained = self._runs.pretrains(run, modality)
        with_foreign = (pretrained or bool(foreign)) and round == "0"
        without = () if with_foreign else FOREIGN_WEIGHTS
        left_out = EXECUTION | PREDICTION | {"initial_weights", GROUP}
        left_out |= LATER if round == "0" else set()
        parts = {
            **self._code("train_modality", settings["model"], without=without),
            "settings": _without(settings, left_out),
            **self._learned_from(run, settings, kind),
        }
        if with_foreign and pretrained:
            pretraining = self.signature("pretrain_modality", run, modality=modality)
            parts["initial_weights"] = [pretraining, self._names]
        elif with_foreign:
            # its classifier is kept where it knows the same classes by name
            parts["initial_weights"] = [*self._weights(foreign), self._names]
        if round != "0":
            parts["parent"] = self.signature("train_modality", run, modality=modality, round="0")
            parts["pseudo_labels"] = self.signature(
                "select_pseudo_labels", run, modality=modality, round=round
            )
            parts["targets"] = self.data.clip_set(run, TARGETS, kind)
        return parts

    def predict_modality(
        self, run: str, modality: str, round: str, splits: tuple[str, ...] = PREDICTED
    ) -> dict:
        settings = self._runs.modality_settings(run, modality)
        return {
            **self._code("predict_modality", settings["model"]),
            "settings": self.prediction_settings(run, modality),
            "checkpoint": self._trained(run, modality, round),
            "clips": self.data.clip_set(run, splits, kind_of(settings["stream"])),
        }

    def prediction_settings(self, run: str, modality: str) -> dict:
        """What a prediction sets anew over the settings of its checkpoint."""
        given = self._runs.modality_settings(run, modality)
        return _prediction_settings(given, self._runs.config(run)["predict_modality"])

    def train_fusion(self, run: str) -> dict:
        settings = self._runs.config(run)["train_fusion"]
        modalities = self._runs.modalities(run)
        parents = {}
        for branch in ("rgb", "pose"):
            for name, number in self._runs.parents(run, branch):
                trained = self.signature("train_modality", run, modality=name, round=number)
                seen = self._logits(run, name, number, VALIDATION)
                parents[f"{branch} {name}/{number}"] = signature([trained, seen])
        models = [modalities[name]["model"] for name in self._parent_names(run)]
        foreign = settings.get("initial_weights")
        without = () if foreign else FOREIGN_WEIGHTS
        return {
            **self._code("train_fusion", "rgbpose_fusion", *models, without=without),
            "settings": _without(settings, EXECUTION | PREDICTION | {"initial_weights"}),
            "initial_weights": [*self._weights(foreign), self._names] if foreign else None,
            **self._learned_from(run, settings, PICTURES, FLAT_SKELETONS),
            "parents": parents,
        }

    def predict_fusion(self, run: str, splits: tuple[str, ...] = PREDICTED) -> dict:
        modalities = self._runs.modalities(run)
        models = [modalities[name]["model"] for name in self._parent_names(run)]
        return {
            **self._code("predict_fusion", "rgbpose_fusion", *models, without=FOREIGN_WEIGHTS),
            "settings": self.fusion_prediction_settings(run),
            "checkpoint": self._trained(run, FUSION, "final"),
            "clips": self.data.clip_set(run, splits, PICTURES, FLAT_SKELETONS),
        }

    def fusion_prediction_settings(self, run: str) -> dict:
        """As `prediction_settings`, for the two-branch network."""
        config = self._runs.config(run)
        return _prediction_settings(config["train_fusion"], config["predict_fusion"])

    def import_weights(self, name: str, run: str = MAIN) -> dict:
        settings = self._runs.main["import_weights"].get(name, {})
        files = [settings.get("file") or settings.get("path"), settings.get("source_labels")]
        files = [self._identity(file) for file in files if isinstance(file, str)]
        return {
            **self._code("import_weights", *([settings["model"]] if "model" in settings else [])),
            "settings": settings,
            "files": files,
            "layout": self.data.layout(),
            "names": self._names,
        }

    def plot_curves(self, run: str, modality: str, round: str) -> dict:
        if round == "pretrained":
            made_from = self.signature("pretrain_modality", run, modality=modality)
            return {**self._code("plot_curves"), "curves": made_from}
        return {**self._code("plot_curves"), "curves": self._trained(run, modality, round)}

    def plot_prototypes(self, run: str) -> dict:
        return {
            **self._code("plot_prototypes"),
            "checkpoint": self.signature("train_fusion", run),
            "names": self._names,
            "groups": self._groups,
        }

    # Votes.

    def select_pseudo_labels(self, run: str, modality: str, round: str) -> dict:
        teachers, previous = self._runs.teachers(run, modality), str(int(round) - 1)
        return {
            **self._code("select_pseudo_labels"),
            "settings": self._runs.config(run)["select_pseudo_labels"],
            "teachers": {name: self._logits(run, name, previous, PREDICTED) for name in teachers},
            "validation": self.data.labels(run, "val"),
            "people": self.data.people(run, (*LEARNING, *TARGETS)),
        }

    def fit_temperatures(self, run: str) -> dict:
        return {
            **self._code("fit_temperatures"),
            "settings": self._runs.config(run)["fit_temperatures"],
            "prior_correction": self._runs.config(run)["combine_scores"].get("prior_correction"),
            "members": self._members(run, VALIDATION),
            "labels": self.data.labels(run, *LEARNING),
            "people": self.data.people(run, VALIDATION),
            "classes": len(self._names),
        }

    def combine_scores(self, run: str) -> dict:
        return {
            **self.probabilities(run),
            "submission": self._runs.config(run)["combine_scores"].get("submission"),
            "names": self._names,
            "groups": self._groups,
        }

    def probabilities(self, run: str) -> dict:
        """What the vote is made from, the files for people and challenges aside."""
        settings = self._runs.config(run)["combine_scores"]
        return {
            **self._code("combine_scores"),
            "settings": _without(settings, {"submission"}),
            "members": self._members(run, PREDICTED),
            "temperatures": self.signature("fit_temperatures", run),
            "clips": self.data.shown(run),
        }

    # Scores: the only ones that read the truth.

    def score_predictions(self, run: str) -> dict:
        return {
            **self._code("score_predictions"),
            **self._scored(run),
            "seed": self._runs.config(run)["seed"],
            "mode": self._runs.config(run)["select_pseudo_labels"]["mode"],
            **({"pretrained_on_scored": True} if self.pretrained_on_scored(run) else {}),
        }

    def plot_scores(self, run: str) -> dict:
        return {**self._code("plot_scores"), "scores": self.signature("score_predictions", run)}

    def plot_classes(self, run: str = MAIN) -> dict:
        return {
            **self._code("plot_classes"),
            "clips": self.data.shown(run),
            "names": self._names,
            "groups": self._groups,
        }

    def render_overlays(self, run: str = MAIN) -> dict:
        learns = (self.data.clips(run)["split"] == "train").any()
        splits = (*LEARNING, *TARGETS)
        return {
            **self._code("render_overlays"),
            "settings": self._runs.main["render_overlays"],
            "clips": self.data.clip_set(run, splits, PICTURES, FLAT_SKELETONS),
            "shown": self.data.shown(run),
            "rates": self.data.rates(),
            "probabilities": self.signature("probabilities", run) if learns else "",
            "names": self._names,
            "groups": self._groups,
        }

    def inspect_data(self, run: str = MAIN) -> dict:
        return {
            **self._code("inspect_data"),
            "settings": self._runs.main["inspect_data"],
            "layout": self.data.layout(),
            "clips": self.data.clip_set(run, (*LEARNING, *TARGETS), FLAT_SKELETONS),
            "shown": self.data.shown(run),
            "truth": self.data.truth(run),
            "rates": self.data.rates(),
            "names": self._names,
        }

    def score_keypoints(self, run: str = MAIN) -> dict:
        clips = self.data.clips(run)
        videos = sorted(clips.loc[clips["split"] == "test", "video"].unique())
        return self.data.score_keypoints(videos)

    def train_demo_pose(self, run: str = MAIN) -> dict:
        return {
            **self._code("train_demo_pose"),
            "settings": _without(self._runs.main["train_demo_pose"], EXECUTION),
            "config": self._identity(DEMO_POSE),
        }

    # What these share.

    def _learned_from(self, run: str, settings: dict, *kinds: str) -> dict:
        parts = {
            "seed": self._runs.config(run)["seed"],
            "layout": self.data.layout(),
            "classes": len(self._names),
            "clips": self.data.clip_set(run, LEARNING, *kinds, labels=True),
        }
        vectors = settings.get("semantic_loss", {}).get("vectors", "gaussian")
        if vectors != "gaussian":
            parts["vectors"] = [self._identity(vectors), self._names]
        return parts

    def _weights(self, path: str) -> list[str]:
        made_here = path.startswith(WEIGHTS) and Path(path).parent.name
        if made_here and made_here in self._runs.main["import_weights"]:
            return [self.signature("import_weights", name=made_here)]
        return [self._identity(path), self._identity(str(Path(path).with_suffix(".json")))]

    def _parent_names(self, run: str) -> list[str]:
        settings = self._runs.config(run)["train_fusion"]
        names = [settings[f"{branch}_parent"] for branch in ("rgb", "pose")]
        return [name for name in names if name in self._runs.modalities(run)]

    def _trained(self, run: str, modality: str, round: str) -> str:
        if self._bundle:
            return signature([self._identity(str(path)) for path in self._bundle.members[modality]])
        if modality == FUSION:
            return self.signature("train_fusion", run)
        return self.signature("train_modality", run, modality=modality, round=round)

    def _logits(self, run: str, modality: str, round: str, splits: tuple[str, ...]) -> str:
        if modality == FUSION:
            return self.signature("predict_fusion", run, splits=splits)
        return self.signature(
            "predict_modality", run, modality=modality, round=round, splits=splits
        )

    def _members(self, run: str, splits: tuple[str, ...]) -> dict[str, str]:
        return {
            name: self._logits(run, name, round, splits) for name, round in self._runs.members(run)
        }

    def _scored(self, run: str) -> dict:
        systems = self._runs.systems(run)
        return {
            "systems": {
                f"{name}/{round}": self._logits(run, name, round, PREDICTED)
                for name, round in systems
            },
            "probabilities": self.signature("probabilities", run),
            "truth": signature(self.data.index_truth(run)),
            "people": self.data.people(run, (*LEARNING, *TARGETS)),
            "names": self._names,
            "groups": self._groups,
        }


def _without(settings: dict, names: frozenset[str] | set[str]) -> dict:
    return {key: value for key, value in settings.items() if key not in names}


def _prediction_settings(training: dict, prediction: dict) -> dict:
    own = {key: training[key] for key in sorted(PREDICTION) if key in training}
    return own | _without(prediction, EXECUTION)
