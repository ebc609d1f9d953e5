"""Join the members' predictions to the ensemble's: the vote of their calibrated probabilities.

Temperatures, weights, the kind of vote and its correction for the classes' frequencies come from
fit_temperatures.

Output: probabilities (clip, split, probability_k) of all validation, test and unlabelled clips;
predictions, the same as a table for people (clip, video, subject, start, end, split, label, name,
confidence, second to fifth guess, remark); submission.csv with the test clips, and beside it the
zip file that the challenge takes. A test clip without a prediction (its video could not be read)
gets the commonest training class in the submission: a challenge counts it wrong when it is left
out. Its row in `predictions` says so and has no confidence.

Settings: submission = miga2025 | miga2023 | ma52 | none (microgesture/ensembles/submissions.py);
prior_correction = how far the classes' frequencies in training are divided out of the vote (0: not
at all; microgesture/ensembles/vote.py; fit_temperatures reads it).
"""

import logging

from microgesture.ensembles.logits import read_same_clips, training_counts
from microgesture.ensembles.soft_vote import prediction_table, probability_table
from microgesture.ensembles.submissions import answers_for_all, write_submission
from microgesture.ensembles.vote import read_vote
from microgesture.provenance.errors import BadInput
from microgesture.provenance.files import written_whole
from microgesture.provenance.jobs import job
from microgesture.tables.lost import read_all_clips

LOGGER = logging.getLogger("microgesture.ensembles")


def combine(
    logits: list[str],
    temperatures: str,
    clips: list[str],
    lost: list[str],
    probabilities: str,
    predictions: str,
    submission: str,
    members: list[str],
    labels: list[list[str]],
    settings: dict,
) -> None:
    """Write the ensemble's probabilities, predictions and submission.

    `logits` and `members` are in the same order; clips, lost: the tables of index_labels; `labels`:
    name and group of each class.
    """
    tables, vote = read_same_clips(logits), read_vote(temperatures, members)
    names = [name for name, _ in labels]
    if len(names) != tables[0].values.shape[1]:
        raise BadInput(
            f"{logits[0]}: {tables[0].values.shape[1]} classes, the labels sheet has {len(names)}; "
            f"train again after changing the labels"
        )
    index = read_all_clips(clips, lost)
    counts = training_counts(index, len(names))
    mixed = vote.probabilities([table.values for table in tables], counts)
    table = probability_table(tables[0].clips, tables[0].splits, mixed)
    with written_whole(probabilities) as temporary:
        table.to_parquet(temporary, index=False)
    wanted = sorted(index["clip"][index["split"] == "test"])
    answers, unanswered = answers_for_all(tables[0].clips, mixed, wanted, counts)
    if unanswered:
        LOGGER.warning(
            "%d test clip(s) have no prediction (first: %s); the submission holds the commonest "
            "training class, %r, for them",
            len(unanswered),
            unanswered[0],
            names[int(counts.argmax())],
        )
    shown = prediction_table(table, index, names, unanswered, int(counts.argmax()))
    with written_whole(predictions) as temporary:
        shown.to_csv(temporary, sep="\t", index=False)
    write_submission(settings.get("submission", "none"), wanted, answers, submission)


if __name__ == "__main__":
    with job(snakemake):
        combine(
            list(snakemake.input.logits),
            snakemake.input.temperatures,
            [str(snakemake.input.clips)],
            [str(snakemake.input.lost)],
            snakemake.output.probabilities,
            snakemake.output.predictions,
            snakemake.output.submission,
            members=list(snakemake.params.members),
            labels=list(snakemake.params.labels),
            settings=dict(snakemake.params.settings),
        )
