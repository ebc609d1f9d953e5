"""Compare the members of the vote on validation clips: how often they disagree, and what each adds.

Everything is scored apart from its people: fitted on some validation people, asked about the others
(microgesture/ensembles/cross_fitting.py). No test clip is read, and no later job reads what this
one writes: it is for people who decide which members and which weights to use.

Output: members (a row a member: alone, the vote without it, what it adds), disagreement (a row a
pair), votes (a row a way to weigh the members), figure of the first two.

Settings: weights = ways of fit_temperatures that are compared beside the configured one.
"""

import logging
from contextlib import contextmanager

from microgesture.ensembles.cross_fitting import parts_of_people
from microgesture.ensembles.diversity import Votes, disagreement_table, ways_table, worth_table
from microgesture.ensembles.logits import (
    read_same_clips,
    read_tables,
    training_counts,
    validation_groups,
    validation_rows,
)
from microgesture.figures.members import draw_members
from microgesture.metrics.groups import kind_of_groups
from microgesture.metrics.standing import count_in_words
from microgesture.provenance.jobs import job
from microgesture.tables.writing import write_table

LOGGER = logging.getLogger("microgesture.compare_members")


@contextmanager
def silenced():
    """A vote is fitted many times here: what it has to say stands in fit_temperatures' log."""
    logger = logging.getLogger("microgesture.ensembles")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def compare(
    logits: list[str],
    clips: str,
    outputs: dict[str, str],
    members: list[str],
    vote: dict,
    settings: dict,
    prior_correction: float = 0.0,
) -> None:
    """Write all tables and the figure.

    `logits` and `members` are in the same order; outputs: members, disagreement, votes, figure;
    vote: the section fit_temperatures; settings: the section compare_members.
    """
    tables, index = read_same_clips(logits), read_tables([clips])
    rows, labels = validation_rows(tables[0], index)
    values = [table.values[rows] for table in tables]
    groups = validation_groups(tables[0], index, rows)
    votes = Votes(
        values,
        labels,
        groups,
        parts_of_people(groups),
        training_counts(index, values[0].shape[1]),
        members,
        prior_correction,
    )
    pairs = disagreement_table(values, labels, members)
    with silenced():
        worth, ways = worth_table(votes, vote), ways_table(votes, vote, list(settings["weights"]))
    for name, table in (("members", worth), ("disagreement", pairs), ("votes", ways)):
        LOGGER.info("%s\n%s", name, table.to_string(index=False))
        write_table(table, outputs[name])
    people = count_in_words(len(set(groups)), kind_of_groups(groups))
    title = f"Members of the vote on {len(labels)} validation clips of {people}"
    draw_members(pairs, worth, outputs["figure"], title)


if __name__ == "__main__":
    with job(snakemake):
        compare(
            list(snakemake.input.logits),
            str(snakemake.input.clips),
            {name: str(path) for name, path in snakemake.output.items()},
            members=list(snakemake.params.members),
            vote=dict(snakemake.params.vote),
            settings=dict(snakemake.params.settings),
            prior_correction=snakemake.params.prior_correction,
        )
