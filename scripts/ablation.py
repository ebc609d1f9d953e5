"""Compare the whole system with its variants over seeds: `snakemake ablation`.

The variants stand in the config (ablation: variants, each some values laid over the configuration)
and run with every seed of ablation: seeds; jobs that a variant shares with another run are done
once. A variant is compared on the test clips that both it and the whole system are scored on (in
inductive mode half of the test subjects), and, where ablation: against says so, with another
variant in the same way. Test clips without a prediction are left out here and counted (missing).

Output: table (a row per comparison: mean, spread, paired differences; see
microgesture/metrics/variants.py), networks (the same for each network that a variant trains anew,
alone), systems (every network of the whole system, mean and spread over seeds, and how many of its
pseudo-labels were right), and the figure of the differences.
"""

import logging
from functools import cache

import numpy as np
import pandas as pd

from microgesture.ensembles.logits import read_logits, read_tables
from microgesture.ensembles.temperature import softmax
from microgesture.figures.ablation import draw_ablation
from microgesture.metrics.groups import groups_of, kind_of_groups
from microgesture.metrics.score_table import pseudo_label_quality
from microgesture.metrics.standing import count_in_words, protocol_of
from microgesture.metrics.sums import Sums, collect_sums
from microgesture.metrics.variants import Variant, compare_variants, spread_over_seeds
from microgesture.provenance.errors import BadInput
from microgesture.provenance.jobs import job
from microgesture.pseudo.protocol import scored_clips
from microgesture.tables.lost import read_all_clips
from microgesture.tables.writing import write_table

LOGGER = logging.getLogger("microgesture.metrics")


def compare(
    probabilities: list[str],
    scores: list[str],
    quality: list[str],
    truth: list[str],
    clips: list[str],
    lost: list[str],
    outputs: dict[str, str],
    variants: list[str],
    pairs: list[list[str]],
    modes: list[str],
    rounds: list[int],
    seeds: list[int],
    networks: list[dict],
    pretrained_on_scored: list[bool] | None = None,
) -> None:
    """Write table, networks, systems and figure.

    variants: names, the whole system first; modes: their protocols (transductive, inductive), and
    rounds: of pseudo-labels, in the same order, as pretrained_on_scored: whether a network was
    pre-trained on clips of people who are scored (None: no variant has any). pairs: (variant, what
    it is compared with), the whole system with itself first. probabilities: seed by seed, the
    variants in that order.
    scores, quality: the whole system's, one file a seed. networks: dictionaries with variant,
    against, modality and round; own and other, the logits of that network in both; pseudo_labels,
    those that it learned from in the variant ([] in round 0); one path a seed each.
    """
    index, known = read_all_clips(clips, lost), read_tables(truth)
    known = known[known["label"] >= 0].sort_values("clip", ignore_index=True)
    allowed = {name: scored_clips(index, mode) for name, mode in zip(variants, modes)}
    pretrained = pretrained_on_scored or [False] * len(variants)
    protocols = {name: protocol_of(*one) for name, *one in zip(variants, modes, rounds, pretrained)}
    count = len(variants)
    if len(probabilities) != count * len(seeds):
        raise BadInput(
            f"ablation: {len(probabilities)} ensembles for {count} variants and {len(seeds)} seeds"
        )
    ensembles = [pd.read_parquet(path).set_index("clip") for path in probabilities]
    of_variant = {name: ensembles[number::count] for number, name in enumerate(variants)}
    compared = {}
    for name, against in pairs:
        chosen = known[known["clip"].isin(list(allowed[name] & allowed[against]))]
        compared[name, against] = _variant(of_variant[name], of_variant[against], chosen)
    table = _about(compare_variants(compared), protocols, known, allowed)
    LOGGER.info("\n%s", table.to_string(index=False))
    write_table(table, outputs["table"])
    write_table(_compare_networks(networks, known, allowed, protocols), outputs["networks"])
    systems = spread_over_seeds(
        [pd.read_csv(path, sep="\t", dtype={"round": str}) for path in scores]
    )
    write_table(_with_quality(systems, quality), outputs["systems"])
    whole = table.iloc[0]
    where = f"{whole['clips']} test clips of {count_in_words(whole['groups'], whole['group_kind'])}"
    title = f"Variants against the whole system: {where}, {len(seeds)} seeds, {whole['mode']}"
    draw_ablation(table.iloc[1:], outputs["figure"], title)


def _about(
    table: pd.DataFrame,
    protocols: dict[str, str],
    known: pd.DataFrame,
    allowed: dict[str, set[str]],
) -> pd.DataFrame:
    """The columns mode (of both where they differ) and missing (clips), behind the seeds."""
    modes, missing = [], []
    for row in table.itertuples():
        both = [protocols[row.variant], protocols[row.against]]
        modes.append(both[0] if len(set(both)) == 1 else " against ".join(both))
        wanted = known["clip"].isin(list(allowed[row.variant] & allowed[row.against]))
        missing.append(int(wanted.sum()) - row.clips)
    if len(table):
        place = table.columns.get_loc("seeds") + 1
        table.insert(place, "mode", modes)
        table.insert(place + 2, "missing", missing)
    return table


def _compare_networks(
    networks: list[dict],
    known: pd.DataFrame,
    allowed: dict[str, set[str]],
    protocols: dict[str, str],
) -> pd.DataFrame:
    """Rows as of `compare_variants`, with modality, round, and of its pseudo-labels the number and
    the share that is right (means over seeds) behind variant and against."""
    compared, facts = {}, []
    read = cache(_probabilities)  # the whole system's networks meet many variants
    for network in networks:
        pair = network["variant"], network["against"]
        chosen = known[known["clip"].isin(list(allowed[pair[0]] & allowed[pair[1]]))]
        own, other = ([read(path) for path in network[kind]] for kind in ("own", "other"))
        key = *pair, network["modality"]
        compared[key] = _variant(own, other, chosen)
        facts.append([*key, network["round"], *_mean_quality(network["pseudo_labels"], known)])
    table = _about(compare_variants(compared), protocols, known, allowed)
    columns = ["variant", "against", "modality", "round", "selected", "precision"]
    about = pd.DataFrame(facts, columns=columns)
    return pd.concat([about, table.drop(columns=columns[:2], errors="ignore")], axis=1)


def _mean_quality(paths: list[str], known: pd.DataFrame) -> tuple[float, float]:
    """selected and precision of pseudo-labels, means over seeds; NaN without any."""
    tables = {(path, ""): pd.read_parquet(path) for path in paths}
    quality = pseudo_label_quality(tables, known, targets=0)
    return quality["selected"].mean(), quality["precision"].mean()


def _probabilities(path: str) -> pd.DataFrame:
    """A table of logits as probabilities, by clip."""
    logits = read_logits(path)
    columns = [f"probability_{label}" for label in range(logits.values.shape[1])]
    return pd.DataFrame(softmax(logits.values), index=logits.clips, columns=columns)


def _variant(own: list[pd.DataFrame], other: list[pd.DataFrame], known: pd.DataFrame) -> Variant:
    """Sums over the known clips that all tables have a prediction of, seed by seed."""
    there = known["clip"].isin(set.intersection(*(set(table.index) for table in [*own, *other])))
    labels = known["label"].to_numpy(np.int64)
    num_classes = sum(name.startswith("probability_") for name in own[0])
    classes = np.bincount(labels, minlength=num_classes) > 0
    known = known[there]
    groups = groups_of(known["subject"].to_numpy(), known["video"].to_numpy())

    def sums(table: pd.DataFrame) -> Sums:
        values = table.loc[known["clip"], [f"probability_{k}" for k in range(num_classes)]]
        return collect_sums(labels[there], values.to_numpy(), groups, classes)

    return Variant([sums(t) for t in own], [sums(t) for t in other], kind_of_groups(groups))


def _with_quality(systems: pd.DataFrame, quality: list[str]) -> pd.DataFrame:
    """Columns selected and precision: means over seeds of a system's pseudo-labels."""
    tables = [pd.read_csv(path, sep="\t", dtype={"round": str}) for path in quality]
    means = pd.concat(tables).groupby(["modality", "round"])[["selected", "precision"]].mean()
    return systems.merge(means.reset_index(), on=["modality", "round"], how="left")


if __name__ == "__main__":
    with job(snakemake):
        compare(
            list(snakemake.input.probabilities),
            list(snakemake.input.scores),
            list(snakemake.input.quality),
            [str(snakemake.input.truth)],
            [str(snakemake.input.clips)],
            [str(snakemake.input.lost)],
            dict(snakemake.output.items()),
            variants=list(snakemake.params.variants),
            pairs=[list(pair) for pair in snakemake.params.pairs],
            modes=list(snakemake.params.modes),
            rounds=list(snakemake.params.rounds),
            seeds=list(snakemake.params.seeds),
            networks=list(snakemake.params.networks),
            pretrained_on_scored=list(snakemake.params.pretrained_on_scored),
        )
