"""Choose pseudo-labels for one student modality from what the other modalities predict.

Every teacher's logits are made honest by a temperature fitted on the validation clips, their
probabilities are averaged, and a target clip (test or unlabelled, of a person without training and
validation clips; its label is not read) is taken where all teachers agree and the mean reaches the
class's curriculum threshold.

Output: a table (clip, label, confidence, teachers), possibly without rows, and a quality report
(json) with counts per class and agreement; nothing in it comes from the truth.

Settings: threshold (tau, 0.9), cap_per_class (null = none), floor (lowest class threshold, 0),
mode (transductive: all target clips; inductive: those of half of the test subjects, the others are
scored).
"""

import json
import logging

import numpy as np
import pandas as pd

from microgesture.ensembles.logits import read_same_clips, validation_rows
from microgesture.ensembles.temperature import fit_temperature, softmax
from microgesture.provenance.files import written_whole
from microgesture.provenance.jobs import job
from microgesture.pseudo.protocol import adaptation_clips
from microgesture.pseudo.selection import no_pseudo_labels, select_pseudo_labels
from microgesture.pseudo.targets import TARGET_SPLITS
from microgesture.tables.lost import read_all_clips

LOGGER = logging.getLogger("microgesture.pseudo")


def select(
    logits: list[str],
    clips: list[str],
    lost: list[str],
    pseudo_labels: str,
    quality: str,
    teachers: list[str],
    settings: dict,
) -> None:
    """Write the pseudo-labels of one student; `logits` and `teachers` are in the same order.

    clips, lost: the tables of index_labels (a person whose videos are lost counts when the test
    people are halved).
    """
    mode = settings.get("mode", "transductive")
    if teachers:
        table, report = _taught(logits, read_all_clips(clips, lost), teachers, mode, settings)
    else:
        table, report = (
            no_pseudo_labels(),
            {
                "selected": 0,
                "message": "no other modality to learn from; the round trains on labelled clips",
            },
        )
    report = {"mode": mode, **report}
    LOGGER.log(logging.INFO if len(table) else logging.WARNING, "%s", report["message"])
    with written_whole(pseudo_labels) as temporary:
        table.to_parquet(temporary, index=False)
    with written_whole(quality) as temporary:
        temporary.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def _taught(
    logits: list[str], index: pd.DataFrame, teachers: list[str], mode: str, settings: dict
) -> tuple[pd.DataFrame, dict]:
    tables = read_same_clips(logits)
    rows, labels = validation_rows(tables[0], index, required=False)
    temperatures = [
        fit_temperature(table.values[rows], labels, name).value
        for table, name in zip(tables, teachers)
    ]
    allowed = adaptation_clips(index, mode)
    target = np.array([clip in allowed for clip in tables[0].clips], dtype=bool)
    selection = select_pseudo_labels(
        tables[0].clips[target],
        np.stack([softmax(t.values[target], heat) for t, heat in zip(tables, temperatures)]),
        teachers,
        threshold=settings.get("threshold", 0.9),
        cap_per_class=settings.get("cap_per_class"),
        floor=settings.get("floor", 0.0),
    )
    known = ~target & np.isin(tables[0].splits, TARGET_SPLITS)
    if known.any():
        LOGGER.info(
            "%d test and unlabelled clips are no targets: of people with training or validation "
            "clips%s",
            known.sum(),
            ", or of the half that is only scored" if mode == "inductive" else "",
        )
    about = {"temperatures": dict(zip(teachers, temperatures)), "no_targets": int(known.sum())}
    return selection.table, about | selection.report


if __name__ == "__main__":
    with job(snakemake):
        select(
            list(snakemake.input.logits),
            [str(snakemake.input.clips)],
            [str(snakemake.input.lost)],
            snakemake.output.pseudo_labels,
            snakemake.output.quality,
            teachers=list(snakemake.params.teachers),
            settings=dict(snakemake.params.settings),
        )
