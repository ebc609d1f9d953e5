"""The bundle's vote on given segments: their classes and how sure they are.

Output: probabilities (clip, split, probability_k) and predictions, the same for people (clip,
video, subject, start, end, split, label, name, confidence, second to fifth guess). Segments whose
video could not be read are not in it; the log names them.
"""

import logging

from microgesture.bundles.reading import read_bundle
from microgesture.bundles.voting import vote_probabilities
from microgesture.ensembles.logits import read_same_clips
from microgesture.ensembles.soft_vote import prediction_table, probability_table
from microgesture.provenance.files import written_whole
from microgesture.provenance.jobs import job
from microgesture.tables.lost import read_all_clips

LOGGER = logging.getLogger("microgesture.ensembles")


def vote(
    logits: list[str],
    clips: str,
    lost: str,
    bundle: str,
    members: list[str],
    probabilities: str,
    predictions: str,
) -> None:
    """Write both tables; `logits` and `members` are in the same order."""
    opened = read_bundle(bundle, members, content=False)
    tables, index = read_same_clips(logits), read_all_clips([clips], [lost])
    values = {name: table.values for name, table in zip(members, tables)}
    table = probability_table(tables[0].clips, tables[0].splits, vote_probabilities(opened, values))
    gone = sorted(set(index["clip"]) - set(table["clip"]))
    if gone:
        LOGGER.warning("%d segment(s) have no prediction: %s", len(gone), ", ".join(gone[:20]))
    with written_whole(probabilities) as temporary:
        table.to_parquet(temporary, index=False)
    shown = prediction_table(table, index, opened.labels["name"].tolist())
    with written_whole(predictions) as temporary:
        shown.to_csv(temporary, sep="\t", index=False)


if __name__ == "__main__":
    with job(snakemake):
        vote(
            list(snakemake.input.logits),
            str(snakemake.input.clips),
            str(snakemake.input.lost),
            snakemake.params.bundle,
            members=list(snakemake.params.members),
            probabilities=str(snakemake.output.probabilities),
            predictions=str(snakemake.output.predictions),
        )
