"""Fit a temperature per ensemble member on the validation clips, and the weights of the soft vote.

Output: a table with one row per member: member, temperature, weight, nll_before, nll_after (mean
validation loss without and with the temperature), validation_clips, vote (the same in every row).

Settings: vote = soft (weighted mean of probabilities) | log_linear (weighted geometric mean).
weights = equal | search (lowest validation loss of the vote, drawn towards equal by a prior worth
`prior` clips, 10 per member by default) | a dictionary of member: weight. calibrate = false leaves
every temperature at 1.
"""

import logging

import numpy as np
import pandas as pd

from microgesture.ensembles.log_linear import fit_log_linear_weights
from microgesture.ensembles.logits import read_same_clips, read_tables, validation_rows
from microgesture.ensembles.temperature import Temperature, fit_temperature, softmax
from microgesture.ensembles.weights import (
    PRIOR_CLIPS_PER_MEMBER,
    equal_weights,
    given_weights,
    search_weights,
)
from microgesture.provenance.errors import BadInput
from microgesture.provenance.files import written_whole
from microgesture.provenance.jobs import job

LOGGER = logging.getLogger("microgesture.ensembles")


def fit(
    logits: list[str], clips: list[str], temperatures: str, members: list[str], settings: dict
) -> None:
    """Write the table of temperatures and weights; `logits` and `members` are in the same order."""
    tables = read_same_clips(logits)
    weights, vote = settings.get("weights", "equal"), settings.get("vote", "soft")
    calibrate = settings.get("calibrate", True)
    rows, labels = validation_rows(
        tables[0], read_tables(clips), required=calibrate or weights == "search"
    )
    fitted = [
        fit_temperature(table.values[rows], labels, name) for table, name in zip(tables, members)
    ]
    if not calibrate:
        fitted = [Temperature(1.0, heat.nll_before, heat.nll_before) for heat in fitted]
    if weights == "equal":
        values = equal_weights(members)
    elif weights == "search":
        calibrated = [softmax(t.values[rows], heat.value) for t, heat in zip(tables, fitted)]
        prior = settings.get("prior")
        if vote == "log_linear":
            guard = PRIOR_CLIPS_PER_MEMBER * len(members) if prior is None else prior
            values = fit_log_linear_weights(np.stack(calibrated), labels, guard)
        else:
            values = search_weights(np.stack(calibrated), labels, prior)
    elif isinstance(weights, dict):
        values = given_weights(members, weights)
    else:
        raise BadInput(
            f"fit_temperatures: weights: {weights!r} is unknown; write equal, search, or a "
            f"dictionary such as {{{members[0]}: 0.6, ...}}"
        )
    table = pd.DataFrame(
        {
            "member": members,
            "temperature": [heat.value for heat in fitted],
            "weight": values,
            "nll_before": [heat.nll_before for heat in fitted],
            "nll_after": [heat.nll_after for heat in fitted],
            "validation_clips": len(labels),
            "vote": vote,
        }
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
        )
