"""The runs of one configuration: the main one, and the variants of the ablation over seeds.

A variant is the configuration with some values laid over it. Many of its jobs are the very jobs of
another run: without prototypes nothing changes before the fusion network. `Lineage.owner` finds,
for every file, the first run that makes a file of the same content, so that each job is done once.
"""

import copy
from collections.abc import Callable
from functools import cache

import pandas as pd

from microgesture.configuration.folds import fold_splits, number_of_folds
from microgesture.configuration.label_shares import WHOLE, with_fewer_labels
from microgesture.pretraining.settings import asks
from microgesture.provenance.errors import BadInput
from microgesture.tables.problems import nearest

MAIN = ""
FULL = "full"
FOLDER = "ablation/{variant}/{seed}/"
FOLD = "rotation/{fold}/"
FEWER = "label_efficiency/"  # runs with fewer labels: variant, per cent of the labels, seed

# What a variant may change: everything after the keypoints.
CHANGEABLE = (
    "rounds",
    "modalities",
    "locate_saliency",
    "decode_rgb",
    "train_modality",
    "predict_modality",
    "select_pseudo_labels",
    "train_fusion",
    "predict_fusion",
    "fit_temperatures",
    "combine_scores",
)


def laid_over(base: dict, overlay: dict) -> dict:
    """A copy of `base` with `overlay` on top; mappings are merged, everything else replaced."""
    merged = copy.deepcopy(base)
    for key, value in overlay.items():
        if isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = laid_over(merged[key], value)
        else:
            merged[key] = copy.deepcopy(value)
    return merged


def _chosen(ablation: dict) -> dict[str, dict]:
    """The variants to compare, in the order asked for."""
    variants, wanted = ablation["variants"], ablation["compare"]
    if wanted is None:
        return variants
    for name in wanted:
        if name not in variants:
            similar = nearest(name, variants)
            hint = f"did you mean {similar!r}? " if similar else ""
            raise BadInput(
                f"ablation: compare: {name!r} is no variant; {hint}"
                f"Known: {', '.join(variants) or 'none'}"
            )
    return {name: variants[name] for name in wanted}


def _pairs(ablation: dict, chosen: list[str]) -> list[tuple[str, str]]:
    """(variant, what it is compared with): each with the whole system, then those of `against`."""
    pairs = [(name, FULL) for name in chosen]
    for pair in ablation["against"].items():
        for name in pair:
            if name not in ablation["variants"]:
                similar = nearest(name, ablation["variants"])
                hint = f"; did you mean {similar!r}?" if similar else ""
                raise BadInput(f"ablation: against: {name!r} is no variant{hint}")
        if set(pair) <= set(chosen):
            pairs.append(pair)
    return pairs


class Runs:
    """All runs by name: "" is the main run, others are folders such as ablation/no_fusion/1/.

    given: the configuration as the user wrote it. check: fills in defaults and raises BadInput.
    """

    def __init__(self, given: dict, check: Callable[[dict], dict]):
        self.main = check(given)
        ablation = self.main["ablation"]
        self._given, self._check = given, check
        self.seeds: list[int] = ablation["seeds"]
        self.variants: dict[str, dict] = {FULL: {}, **_chosen(ablation)}
        self.pairs = _pairs(ablation, list(self.variants))
        self.names = [MAIN] + [
            FOLDER.format(variant=variant, seed=seed)
            for seed in self.seeds
            for variant in self.variants
        ]
        fewer = self.main["label_efficiency"]
        self.shares: list[int] = sorted(fewer["shares"])
        self.label_seeds: list[int] = fewer["seeds"]
        self.label_variants: dict[str, dict] = {FULL: {}, **fewer["against"]}
        self.label_runs = [
            self.label_name(variant, share, seed)
            for seed in self.label_seeds
            for variant in self.label_variants
            for share in self.shares
        ]
        self._variant = cache(self._variant)
        self.config = cache(self.config)

    def name(self, variant: str, seed: int) -> str:
        """The run of a variant with a seed."""
        return FOLDER.format(variant=variant, seed=seed)

    def label_name(self, variant: str, share: int, seed: int) -> str:
        """The run of a variant of `label_efficiency: against` with a share of the labels."""
        return f"{FEWER}{variant}/{share}/{seed}/"

    def fold_of(self, run: str) -> str:
        """The folder of a run's table of clips: that of its fold, that of its share of the labels
        (which its variants have in common), or the main one."""
        if run.startswith(FEWER):
            share, seed = run.split("/")[-3:-1]
            return MAIN if int(share) == WHOLE else f"{FEWER}{share}/{seed}/"
        return run if run.startswith("rotation/") else MAIN

    def sharing(self, run: str) -> list[str]:
        """The runs that a run may share files with, the first of which makes them."""
        return [MAIN, *self.label_runs] if run.startswith(FEWER) else self.names

    def config(self, run: str) -> dict:
        """The whole configuration of a run. Raises BadInput that names the variant."""
        if run == MAIN:
            return self.main
        if run.startswith("rotation/"):
            return self.main
        variant, seed = run.split("/")[1], run.split("/")[-2]
        return {**self._variant(variant, run.startswith(FEWER)), "seed": int(seed)}

    def _variant(self, variant: str, fewer: bool) -> dict:
        overlay, place = self.variants.get(variant), f"ablation: variants: {variant}"
        if fewer:
            overlay, place = self.label_variants[variant], f"label_efficiency: against: {variant}"
        for key in overlay:
            if key not in CHANGEABLE:
                raise BadInput(
                    f"{place}: {key} is made once for all variants and cannot differ; a variant "
                    f"may change {', '.join(CHANGEABLE)}; for another {key} run the workflow in "
                    f"another --directory"
                )
        try:
            return self._check(laid_over(self._given, overlay))
        except BadInput as error:
            raise BadInput(f"{place}: {error}") from None

    def folds(self, clips: pd.DataFrame) -> list[str]:
        """The runs of the rotation over people; [] where `protocol: folds` asks for none.

        clips: `Sheets.clips`. Raises BadInput for more folds than people.
        """
        wanted = self.main["protocol"]["folds"]
        if wanted is None:
            return []
        return [FOLD.format(fold=fold) for fold in range(number_of_folds(clips, wanted))]

    def with_splits(self, run: str, clips: pd.DataFrame) -> pd.DataFrame:
        """The clips with the splits of a run, the sheet's or those of its fold; with fewer labels,
        where it is a run of `label_efficiency` (or the folder of its clips)."""
        if self.fold_of(run).startswith(FEWER):
            share, seed = run.split("/")[-3:-1]
            return with_fewer_labels(clips, int(share), int(seed))
        if not run.startswith("rotation/"):
            return clips
        fold, folds = int(run.split("/")[1]), self.main["protocol"]["folds"]
        return clips.assign(split=fold_splits(clips, folds, self.main["seed"], fold))

    def rounds(self, run: str) -> list[str]:
        """The rounds of a run, from "0"."""
        return [str(number) for number in range(self.config(run)["rounds"] + 1)]

    def modalities(self, run: str) -> dict[str, dict]:
        """The modalities of a run by name."""
        return self.config(run)["modalities"]

    def all_modalities(self) -> list[str]:
        """Names of the modalities of any run, without opening the variants' configurations."""
        names = list(self.main["modalities"])
        for overlay in (*self.variants.values(), *self.label_variants.values()):
            names += [name for name in overlay.get("modalities", {}) if name not in names]
        return names

    def uses_fusion(self, run: str) -> bool:
        """Whether the run trains the two-branch network."""
        return self.config(run)["train_fusion"]["enabled"]

    def members(self, run: str) -> list[tuple[str, str]]:
        """(modality, last round) of the ensemble's members; ("fusion", "final") stands last. Where
        a bundle predicts, those that were asked for."""
        last = self.rounds(run)[-1]
        fusion = [("fusion", "final")] if self.uses_fusion(run) else []
        members = [(name, last) for name in self.modalities(run)] + fusion
        predict = self.main.get("predict") or {}
        wanted = predict.get("members") if predict.get("bundle") else None
        return [member for member in members if wanted is None or member[0] in wanted]

    def systems(self, run: str) -> list[tuple[str, str]]:
        """(modality, round) of every trained network of the run."""
        rounds = self.rounds(run)
        fusion = [("fusion", "final")] if self.uses_fusion(run) else []
        return [(name, number) for name in self.modalities(run) for number in rounds] + fusion

    def teachers(self, run: str, modality: str) -> list[str]:
        """The other modalities; a single modality has none to learn from."""
        return [name for name in self.modalities(run) if name != modality]

    def parents(self, run: str, kind: str) -> list[tuple[str, str]]:
        """(modality, round) of the checkpoints that the "rgb" or "pose" branch may start from."""
        parent = self.config(run)["train_fusion"][f"{kind}_parent"]
        return [(parent, number) for number in self.rounds(run)]

    def modality_settings(self, run: str, modality: str) -> dict:
        """The modality's own numbers on top of those of train_modality."""
        return laid_over(self.config(run)["train_modality"], self.modalities(run)[modality])

    def pretrains(self, run: str, modality: str) -> bool:
        """Whether a modality is pre-trained on clips without their labels."""
        return asks(self.modality_settings(run, modality))

    def makes(self, run: str, kind: str, modality: str, round: str) -> bool:
        """Whether a run makes a file of this modality and round ("" where a kind has none)."""
        if modality == "fusion":
            return self.uses_fusion(run)
        if modality and modality not in self.modalities(run):
            return False
        if kind == "pretraining":
            return self.pretrains(run, modality)
        return not round or round in self.rounds(run)
