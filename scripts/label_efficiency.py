"""Scores over the number of labels: `snakemake label_efficiency`.

Every share of label_efficiency: shares is a run with fewer labelled training clips, drawn by class
and person with every seed of label_efficiency: seeds (microgesture/configuration/label_shares.py);
validation and test clips are those of the sheet. The configurations of label_efficiency: against
are run with the same labels. Jobs that two runs share are done once, and with all labels they are
those of the main run where its seed is among them.

Output: table (a row a variant, share and system: microgesture/metrics/label_efficiency.py) and the
figure of the curves. Test clips without a prediction are left out.
"""

import logging

import numpy as np
import pandas as pd

from microgesture.configuration.runs import FULL
from microgesture.ensembles.logits import read_logits, read_tables
from microgesture.ensembles.temperature import softmax
from microgesture.figures.label_efficiency import draw_label_efficiency
from microgesture.metrics.groups import groups_of, kind_of_groups
from microgesture.metrics.label_efficiency import ENSEMBLE, Point, label_efficiency_table
from microgesture.metrics.standing import count_in_words, protocol_of
from microgesture.metrics.sums import collect_sums
from microgesture.provenance.errors import BadInput
from microgesture.provenance.jobs import job
from microgesture.pseudo.protocol import scored_clips
from microgesture.tables.lost import read_all_clips
from microgesture.tables.writing import write_table

LOGGER = logging.getLogger("microgesture.metrics")


def compare(
    scored: list[dict],
    labelled: dict[tuple[int, int], str],
    truth: list[str],
    clips: list[str],
    lost: list[str],
    table: str,
    figure: str,
) -> None:
    """Write the table and the figure.

    scored: dictionaries with variant, share, seed, system, mode, rounds and file (probabilities of
    the ensemble, logits of a network). labelled: (share, seed) -> its table of clips. truth, clips,
    lost: of the main run.
    """
    index, known = read_all_clips(clips, lost), read_tables(truth)
    known = known[known["label"] >= 0].sort_values("clip", ignore_index=True)
    for mode in sorted({one["mode"] for one in scored}):
        known = known[known["clip"].isin(list(scored_clips(index, mode)))]
    tables = {one["file"]: _probabilities(one) for one in scored}
    there = set.intersection(*(set(each.index) for each in tables.values()))
    missing = known[~known["clip"].isin(there)]
    known = known[known["clip"].isin(there)]
    if not len(known):
        raise BadInput(
            "label_efficiency: no test clip with a label has a prediction in every run; give some "
            "clips of the clips sheet the split 'test' and a label"
        )
    labels = known["label"].to_numpy(np.int64)
    groups = groups_of(known["subject"].to_numpy(), known["video"].to_numpy())
    points: dict[Point, list] = {}
    for one in scored:
        point = Point(one["variant"], one["share"], one["system"])
        values = tables[one["file"]].loc[known["clip"]].to_numpy()
        points.setdefault(point, []).append(collect_sums(labels, values, groups))
    counts: dict[int, list[int]] = {}
    for (share, _), path in labelled.items():
        own = pd.read_parquet(path, columns=["split", "label"])
        learned = (own["split"] == "train") & (own["label"] >= 0)
        counts.setdefault(share, []).append(int(learned.sum()))
    ordered = sorted(points, key=lambda point: (point.system != ENSEMBLE, point.system))
    found = label_efficiency_table(
        {point: points[point] for point in ordered}, counts, FULL, kind_of_groups(groups)
    )
    protocols = {one["variant"]: protocol_of(one["mode"], one["rounds"]) for one in scored}
    found.insert(3, "mode", [protocols[variant] for variant in found["variant"]])
    found.insert(found.columns.get_loc("clips") + 1, "missing", len(missing))
    LOGGER.info("\n%s", found.to_string(index=False))
    write_table(found, table)
    where = count_in_words(len(set(groups)), kind_of_groups(groups))
    seeds = len({one["seed"] for one in scored})
    title = f"Fewer labels: {len(known)} test clips of {where}, seeds: {seeds}, {protocols[FULL]}"
    draw_label_efficiency(found, figure, title)


def _probabilities(one: dict) -> pd.DataFrame:
    """Probabilities by clip, of an ensemble's table or of a network's logits."""
    if one["system"] == ENSEMBLE:
        table = pd.read_parquet(one["file"]).set_index("clip")
        return table[[name for name in table if name.startswith("probability_")]]
    logits = read_logits(one["file"])
    return pd.DataFrame(softmax(logits.values), index=logits.clips)


if __name__ == "__main__":
    with job(snakemake):
        labelled = {}
        for run, path in zip(snakemake.params.runs, snakemake.input.labelled, strict=True):
            labelled[tuple(map(int, run.split("/")[2:4]))] = path
        compare(
            [dict(one) for one in snakemake.params.scored],
            labelled,
            [str(snakemake.input.truth)],
            [str(snakemake.input.clips)],
            [str(snakemake.input.lost)],
            str(snakemake.output.table),
            str(snakemake.output.figure),
        )
