"""Join the members' predictions to the ensemble's: the vote of their calibrated probabilities.

Temperatures, weights and the kind of vote come from fit_temperatures.

Output: probabilities (clip, split, probability_k) of all validation, test and unlabelled clips;
predictions, the same as a table for people (clip, video, subject, start, end, split, label, name,
confidence, second to fifth guess); submission.csv with the test clips, and beside it the zip file
that the challenge takes.

Settings: submission = miga2025 | miga2023 | ma52 | none (microgesture/ensembles/submissions.py);
prior_correction = how far the classes' frequencies in training are divided out of the vote (0: not
at all; microgesture/ensembles/log_linear.py).
"""

import numpy as np
import pandas as pd

from microgesture.ensembles.log_linear import corrected_for_prior, log_linear_vote
from microgesture.ensembles.logits import read_same_clips, read_tables
from microgesture.ensembles.soft_vote import prediction_table, probability_table, soft_vote
from microgesture.ensembles.submissions import write_submission
from microgesture.ensembles.temperature import softmax
from microgesture.provenance.errors import BadInput
from microgesture.provenance.files import written_whole
from microgesture.provenance.jobs import job


def combine(
    logits: list[str],
    temperatures: str,
    clips: list[str],
    probabilities: str,
    predictions: str,
    submission: str,
    members: list[str],
    labels: list[list[str]],
    settings: dict,
) -> None:
    """Write the ensemble's probabilities, predictions and submission.

    `logits` and `members` are in the same order; `labels`: name and group of each class.
    """
    tables = read_same_clips(logits)
    fitted = pd.read_csv(temperatures, sep="\t", dtype={"member": str}).set_index("member")
    if sorted(fitted.index) != sorted(members):
        raise BadInput(
            f"{temperatures}: holds the members {', '.join(fitted.index)}, the config names "
            f"{', '.join(members)}; run fit_temperatures again"
        )
    names = [name for name, _ in labels]
    if len(names) != tables[0].values.shape[1]:
        raise BadInput(
            f"{logits[0]}: {tables[0].values.shape[1]} classes, the labels sheet has {len(names)}; "
            f"train again after changing the labels"
        )
    calibrated = [
        softmax(table.values, fitted["temperature"][name]) for table, name in zip(tables, members)
    ]
    weights = fitted["weight"][members].to_numpy()
    if fitted["vote"].iloc[0] == "log_linear":
        mixed = log_linear_vote(np.stack(calibrated), weights)
    else:
        mixed = soft_vote(np.stack(calibrated), weights / weights.sum())  # the file rounds them
    index = read_tables(clips)
    if settings.get("prior_correction", 0.0):
        learned = index.loc[(index["split"] == "train") & (index["label"] >= 0), "label"]
        counts = np.bincount(learned, minlength=len(names))
        mixed = corrected_for_prior(mixed, counts, settings["prior_correction"])
    table = probability_table(tables[0].clips, tables[0].splits, mixed)
    with written_whole(probabilities) as temporary:
        table.to_parquet(temporary, index=False)
    with written_whole(predictions) as temporary:
        prediction_table(table, index, names).to_csv(temporary, sep="\t", index=False)
    test = tables[0].splits == "test"
    write_submission(
        settings.get("submission", "none"), tables[0].clips[test], mixed[test], submission
    )


if __name__ == "__main__":
    with job(snakemake):
        combine(
            list(snakemake.input.logits),
            snakemake.input.temperatures,
            [str(snakemake.input.clips)],
            snakemake.output.probabilities,
            snakemake.output.predictions,
            snakemake.output.submission,
            members=list(snakemake.params.members),
            labels=list(snakemake.params.labels),
            settings=dict(snakemake.params.settings),
        )
