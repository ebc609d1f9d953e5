"""Score every system against the truth of the test clips.

Systems are all modalities in all rounds, the fusion network, and the ensemble. Each network's
probabilities are calibrated by its temperature (that of the ensemble's table; where a round is no
member of the ensemble, one fitted on validation in the same way). Intervals: 95 %, over subjects,
or over videos where no subject is known (microgesture/metrics/intervals.py). In inductive mode only
the held half of the test subjects is scored.

Output: scores (one row per system; what the numbers stand on in the columns mode, seed, clips,
missing, groups, group_kind; no pseudo-label stands behind a network of round 0), per_class (of the
ensemble), quality (pseudo-labels of every round against the truth), quarantine (videos and clips
that were lost), facts (for the first page of the report) and clips (truth and probabilities of
every scored clip, for the figures of plot_scores). A lost test clip stays in the count: it is
`missing`, and the columns that end in _all count it wrong.
"""

import logging
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from microgesture.ensembles.logits import read_same_clips, read_tables, validation_rows
from microgesture.ensembles.temperature import fit_temperature, softmax
from microgesture.ensembles.vote import read_vote
from microgesture.metrics.classification import per_class_scores, predicted_labels
from microgesture.metrics.groups import groups_of
from microgesture.metrics.lost import quarantine_table
from microgesture.metrics.score_table import pseudo_label_quality, score_table
from microgesture.metrics.scored_clips import AFTER, BEFORE, rows_by_clip, scored_clip_table
from microgesture.metrics.standing import apart_in_words, facts, protocol_of, standing
from microgesture.provenance.errors import BadInput
from microgesture.provenance.files import written_whole
from microgesture.provenance.jobs import job
from microgesture.pseudo.protocol import adaptation_clips, scored_clips
from microgesture.tables.lost import read_all_clips
from microgesture.tables.writing import write_table

LOGGER = logging.getLogger("microgesture.metrics")
ENSEMBLE = "ensemble/final"


def score(
    logits: list[str],
    temperatures: str,
    probabilities: str,
    truth: list[str],
    clips: list[str],
    lost: list[str],
    pseudo_labels: list[str],
    outputs: dict[str, str],
    systems: list[str],
    labels: list[list[str]],
    mode: str = "transductive",
    seed: int = 0,
    pretrained_on_scored: bool = False,
) -> None:
    """Write all tables.

    `logits` and `systems` (as in "joint/0") are in the same order. truth: of all labelled test
    clips, readable or not; clips, lost: the tables of index_labels. `pseudo_labels` are files named
    .../{modality}/{round}.parquet; `outputs` has the keys scores, per_class, quality, quarantine,
    facts, told, clips; `labels`: name and group of each class; mode: of select_pseudo_labels; seed:
    of training; pretrained_on_scored: a network was pre-trained on clips of people who are scored.
    """
    index, known = read_all_clips(clips, lost), read_tables(truth)
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
    before, after, predicted = _calibrated(logits, systems, temperatures, index, known["clip"])
    after[ENSEMBLE] = _ensemble(probabilities, known["clip"], len(names))
    if not np.isfinite(after[ENSEMBLE]).any():
        raise BadInput(
            f"{probabilities}: has no prediction for any test clip with a label; predict again "
            f"with the present clips sheet, or mend the videos that could not be read"
        )
    rounds = len(pseudo_labels)
    protocol = {"mode": protocol_of(mode, rounds, pretrained_on_scored), "seed": seed}

    table = score_table(after, truths, groups, reference=ENSEMBLE)
    table.insert(1, "modality", [name.partition("/")[0] for name in table["system"]])
    table.insert(2, "round", [name.partition("/")[2] for name in table["system"]])
    behind = [0 if number == "0" else rounds for number in table["round"]]  # rounds behind a system
    modes = [protocol_of(mode, number, pretrained_on_scored) for number in behind]
    table.insert(3, "mode", modes)
    table.insert(4, "seed", seed)
    table["system"] = [_title(name) for name in table["system"]]
    whole = table.iloc[-1]
    LOGGER.info("%s\n%s", standing(whole), table.to_string(index=False))
    for remark in sorted(set(filter(None, table["remark"]))):
        LOGGER.warning("%s", remark)
    write_table(table, outputs["scores"])

    there = np.isfinite(after[ENSEMBLE]).all(axis=1)
    answers = predicted_labels(after[ENSEMBLE][there])
    per_class = per_class_scores(truths[there], answers, names)
    per_class.insert(2, "group", parts)
    missing = np.bincount(truths[~there], minlength=len(names))
    write_table(per_class.assign(missing=missing, **protocol), outputs["per_class"])

    chosen = {(Path(p).parent.name, Path(p).stem): pd.read_parquet(p) for p in pseudo_labels}
    quality = pseudo_label_quality(chosen, read_tables(truth), len(adaptation_clips(index, mode)))
    write_table(quality.assign(**protocol), outputs["quality"])

    gone = quarantine_table(index, predicted)
    write_table(gone, outputs["quarantine"])
    everybody = groups_of(index["subject"].to_numpy(), index["video"].to_numpy())
    apart = apart_in_words(everybody, index["split"].to_numpy())
    told = facts(whole, apart, len(gone))
    write_table(pd.DataFrame(told.items(), columns=["fact", "value"]), outputs["told"])
    with written_whole(outputs["facts"]) as temporary:
        text = yaml.safe_dump(told, sort_keys=False, width=1000)
        temporary.write_text(text, encoding="utf-8")

    members = _members(systems, temperatures)
    shown = {(_title(name), BEFORE): before[name] for name in members}
    shown |= {(_title(name), AFTER): after[name] for name in [*members, ENSEMBLE]}
    spans = known.merge(index[["clip", "start", "end"]], "left", on="clip")
    with written_whole(outputs["clips"]) as temporary:
        scored_clip_table(spans, shown).to_parquet(temporary)


def _calibrated(
    logits: list[str], systems: list[str], temperatures: str, index: pd.DataFrame, scored: pd.Series
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], set[str]]:
    """Probabilities of the scored clips before and after each system's temperature, NaN where a
    clip has none; and all clips that have a prediction."""
    tables = read_same_clips(logits)
    rows, validation = validation_rows(tables[0], index, required=False)
    members = _members(systems, temperatures)
    vote = read_vote(temperatures)
    heats = dict(zip(vote.members, vote.temperatures))
    before, after = {}, {}
    for table, name in zip(tables, systems):
        if name in members:
            heat = float(heats[members[name]])
        else:
            heat = fit_temperature(table.values[rows], validation, name).value
        values = rows_by_clip(table.clips, table.values, scored)
        before[name], after[name] = softmax(values), softmax(values, heat)
    return before, after, set(tables[0].clips)


def _members(systems: list[str], temperatures: str) -> dict[str, str]:
    """System -> its name as an ensemble member: the last round of each modality, the fusion."""
    last = {system.partition("/")[0]: system for system in systems}
    return {last[name]: name for name in read_vote(temperatures).members if name in last}


def _ensemble(path: str, scored: pd.Series, num_classes: int) -> np.ndarray:
    table = pd.read_parquet(path)
    values = table[[f"probability_{k}" for k in range(num_classes)]].to_numpy()
    return rows_by_clip(table["clip"].to_numpy(), values, scored)


def _title(system: str) -> str:
    modality, _, number = system.partition("/")
    return f"{modality}, round {number}" if number.isdigit() else modality


if __name__ == "__main__":
    with job(snakemake):
        score(
            list(snakemake.input.logits),
            snakemake.input.temperatures,
            snakemake.input.probabilities,
            [str(snakemake.input.truth)],
            [str(snakemake.input.clips)],
            [str(snakemake.input.lost)],
            list(snakemake.input.pseudo_labels),
            dict(snakemake.output.items()),
            systems=list(snakemake.params.systems),
            labels=list(snakemake.params.labels),
            mode=snakemake.params.mode,
            seed=snakemake.params.seed,
            pretrained_on_scored=snakemake.params.pretrained_on_scored,
        )
