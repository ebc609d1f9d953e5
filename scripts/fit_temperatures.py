"""Fit the vote on the validation clips: a temperature a member, their weights, and one temperature
behind the vote.

Output: a table with one row per member and one, "(vote)", for what stands behind them: member,
temperature, weight, prior_correction (the vote's), nll_before, nll_after (mean validation loss
without and with the row's temperature), validation_clips, vote (the same in every row). How they
act together: microgesture/ensembles/vote.py.

Settings: vote = soft (weighted mean of probabilities) | log_linear (weighted geometric mean).
weights = equal | search (lowest validation loss of the vote, drawn towards equal by a prior worth
`prior` clips, 10 per member by default) | a dictionary of member: weight | cross_fitted (members
chosen and weighted by ballots, their number found on people left out) | stacking (a regularised
multinomial regression in place of weights). calibrate = false leaves every temperature at 1,
vote_temperature = false the vote's. The vote's temperature is fitted behind combine_scores:
prior_correction.
"""

import logging

from microgesture.ensembles.fitting import OVER_PEOPLE, fit_vote
from microgesture.ensembles.logits import (
    read_same_clips,
    read_tables,
    training_counts,
    validation_groups,
    validation_rows,
)
from microgesture.provenance.files import written_whole
from microgesture.provenance.jobs import job

LOGGER = logging.getLogger("microgesture.ensembles")


def fit(
    logits: list[str],
    clips: list[str],
    temperatures: str,
    members: list[str],
    settings: dict,
    prior_correction: float = 0.0,
) -> None:
    """Write the table of the vote; `logits` and `members` are in the same order."""
    tables, index = read_same_clips(logits), read_tables(clips)
    weights = settings.get("weights", "equal")
    over_people = weights in OVER_PEOPLE if isinstance(weights, str) else False
    needed = settings.get("calibrate", True) or weights == "search" or over_people
    rows, labels = validation_rows(tables[0], index, required=needed)
    _, table = fit_vote(
        [one.values[rows] for one in tables],
        labels,
        training_counts(index, tables[0].values.shape[1]),
        members,
        settings,
        prior_correction,
        validation_groups(tables[0], index, rows) if over_people else None,
    )
    LOGGER.info("\n%s", table.to_string(index=False))
    with written_whole(temperatures) as temporary:
        table.to_csv(temporary, sep="\t", index=False, float_format="%.9g")


if __name__ == "__main__":
    with job(snakemake):
        fit(
            list(snakemake.input.logits),
            [str(snakemake.input.clips)],
            snakemake.output.temperatures,
            members=list(snakemake.params.members),
            settings=dict(snakemake.params.settings),
            prior_correction=snakemake.params.prior_correction,
        )
