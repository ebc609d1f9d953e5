"""Score every system against the truth of the test clips: the only rule that may read it.

Systems are all modalities in all rounds, the fusion network, and the ensemble. Each network's
probabilities are calibrated by its temperature (that of the ensemble's table; where a round is no
member of the ensemble, one fitted on validation in the same way). Intervals: 95 %, bootstrap over
subjects, or over videos where no subject is known.

Output: scores (one row per system), per_class (of the ensemble), quality (pseudo-labels of every
round against the truth), overview, confusion and reliability figures, and on request a time line of
the test video with the most clips. In inductive mode only the held half of the test subjects is
scored.
"""

import logging
from pathlib import Path

import numpy as np
import pandas as pd

from microgesture.ensembles.logits import read_same_clips, read_tables, validation_rows
from microgesture.ensembles.temperature import fit_temperature, softmax
from microgesture.figures.confusion import draw_confusion
from microgesture.figures.overview import draw_overview
from microgesture.figures.reliability import draw_reliability
from microgesture.figures.timeline import draw_timeline
from microgesture.metrics.classification import (
    confusion_counts,
    per_class_scores,
    predicted_labels,
)
from microgesture.metrics.groups import groups_of
from microgesture.metrics.score_table import pseudo_label_quality, score_table
from microgesture.provenance.errors import BadInput
from microgesture.provenance.files import written_whole
from microgesture.provenance.jobs import job
from microgesture.pseudo.protocol import adaptation_clips, scored_clips

LOGGER = logging.getLogger("microgesture.metrics")
ENSEMBLE = "ensemble/final"


def score(
    logits: list[str],
    temperatures: str,
    probabilities: str,
    truth: list[str],
    clips: list[str],
    pseudo_labels: list[str],
    outputs: dict[str, str],
    systems: list[str],
    labels: list[list[str]],
    mode: str = "transductive",
    seed: int = 0,
) -> None:
    """Write all score tables and figures.

    `logits` and `systems` (as in "joint/0") are in the same order; `pseudo_labels` are files named
    .../{modality}/{round}.parquet; `outputs` has the keys scores, per_class, quality, overview,
    confusion, reliability and perhaps timeline; `labels`: name and group of each class.
    """
    index, known = read_tables(clips), read_tables(truth)
    names, parts = [name for name, _ in labels], [group for _, group in labels]
    known = known[known["clip"].isin(list(scored_clips(index, mode)))]
    if not len(known):
        raise BadInput(
            "no test clip with a label: there is nothing to score; give some clips of the clips "
            "sheet the split 'test' and a label"
        )
    known = known.sort_values("clip", ignore_index=True)
    truths = known["label"].to_numpy(dtype=np.int64)
    groups = groups_of(known["subject"].to_numpy(), known["video"].to_numpy())
    before, after = _calibrated(logits, systems, temperatures, index, known["clip"])
    after[ENSEMBLE] = _ensemble(probabilities, known["clip"], len(names))

    table = score_table(after, truths, groups, reference=ENSEMBLE, seed=seed)
    table.insert(1, "modality", [name.partition("/")[0] for name in table["system"]])
    table.insert(2, "round", [name.partition("/")[2] for name in table["system"]])
    table["system"] = [_title(name) for name in table["system"]]
    LOGGER.info("\n%s", table.to_string(index=False))
    _write(table, outputs["scores"])

    mixed = after[ENSEMBLE]
    predictions = predicted_labels(mixed)
    per_class = per_class_scores(truths, predictions, names)
    per_class.insert(2, "group", parts)
    _write(per_class, outputs["per_class"])

    rounds = {(Path(p).parent.name, Path(p).stem): pd.read_parquet(p) for p in pseudo_labels}
    quality = pseudo_label_quality(rounds, read_tables(truth), len(adaptation_clips(index, mode)))
    _write(quality, outputs["quality"])

    where = f"{len(known)} test clips of {len(set(groups))} {_noun(groups)}"
    draw_overview(table, len(names), outputs["overview"], f"All systems on {where}")
    draw_confusion(
        confusion_counts(truths, predictions, len(names)),
        names,
        outputs["confusion"],
        parts,
        f"Ensemble on {where}",
    )
    members = _members(systems, temperatures)
    draw_reliability(
        {_title(name): (before[name], after[name]) for name in members}
        | {_title(ENSEMBLE): (None, after[ENSEMBLE])},
        truths,
        outputs["reliability"],
    )
    if "timeline" in outputs:
        spans = index.drop(columns="label").merge(known[["clip", "label"]], on="clip")
        spans = spans.sort_values("clip", ignore_index=True)
        spans = spans.assign(predicted=predictions, confidence=mixed.max(axis=1))
        video = sorted(spans["video"].value_counts().items(), key=lambda row: (-row[1], row[0]))[0]
        draw_timeline(
            spans[spans["video"] == video[0]],
            names,
            outputs["timeline"],
            title=f"Ensemble on the {video[1]} clips of video {video[0]} (number: confidence, %)",
        )


def _calibrated(
    logits: list[str], systems: list[str], temperatures: str, index: pd.DataFrame, scored: pd.Series
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Probabilities of the scored clips, before and after each system's temperature."""
    tables = read_same_clips(logits)
    rows, validation = validation_rows(tables[0], index, required=False)
    places = _places(tables[0].clips, scored, logits[0])
    heats = pd.read_csv(temperatures, sep="\t", dtype={"member": str}).set_index("member")
    members = _members(systems, temperatures)
    before, after = {}, {}
    for table, name in zip(tables, systems):
        if name in members:
            heat = float(heats["temperature"][members[name]])
        else:
            heat = fit_temperature(table.values[rows], validation, name).value
        before[name] = softmax(table.values[places])
        after[name] = softmax(table.values[places], heat)
    return before, after


def _members(systems: list[str], temperatures: str) -> dict[str, str]:
    """System -> its name as an ensemble member: the last round of each modality, the fusion."""
    last = {system.partition("/")[0]: system for system in systems}
    named = pd.read_csv(temperatures, sep="\t", dtype={"member": str})["member"]
    return {last[member]: member for member in named if member in last}


def _ensemble(path: str, scored: pd.Series, num_classes: int) -> np.ndarray:
    table = pd.read_parquet(path)
    places = _places(table["clip"].to_numpy(), scored, path)
    return table[[f"probability_{k}" for k in range(num_classes)]].to_numpy()[places]


def _places(clips: np.ndarray, scored: pd.Series, path: str) -> np.ndarray:
    place = {clip: row for row, clip in enumerate(clips)}
    missing = [clip for clip in scored if clip not in place]
    if missing:
        raise BadInput(
            f"{path}: has no prediction for {len(missing)} test clip(s), first {missing[0]!r}; "
            f"predict again with the present clips sheet"
        )
    return np.array([place[clip] for clip in scored], dtype=int)


def _title(system: str) -> str:
    modality, _, number = system.partition("/")
    return f"{modality}, round {number}" if number.isdigit() else modality


def _noun(groups: np.ndarray) -> str:
    return "subjects" if all(group.startswith("subject ") for group in groups) else "videos"


def _write(table: pd.DataFrame, path: str) -> None:
    with written_whole(path) as temporary:
        table.to_csv(temporary, sep="\t", index=False, float_format="%.4f")


if __name__ == "__main__":
    with job(snakemake):
        score(
            list(snakemake.input.logits),
            snakemake.input.temperatures,
            snakemake.input.probabilities,
            [str(snakemake.input.truth)],
            [str(snakemake.input.clips)],
            list(snakemake.input.pseudo_labels),
            dict(snakemake.output.items()),
            systems=list(snakemake.params.systems),
            labels=list(snakemake.params.labels),
            mode=snakemake.params.mode,
            seed=snakemake.params.seed,
        )
