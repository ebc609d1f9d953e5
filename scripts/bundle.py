"""Pack a finished run into one folder that predicts elsewhere: weights, settings, vote, labels,
pose model, segmenter, scores, and a card in plain words (microgesture/bundles, docs/bundle.md).

Inputs: `weights` and `metadata` of the members (last rounds, in the order of `names`),
`temperatures` (fit_temperatures), `clips` (index_labels: counts of training clips; labels of test
clips are not in it), `videos` (probe_videos of all batches: sizes and rates for the card); where
there are any, `segmenter` (its files), `scores` and `facts` (score_predictions). The pose model's
files and the layout file are taken by the names that the settings give.

Params: `names` of the members; `settings`, the whole checked configuration (what prediction needs
of it is kept); `labels`, rows of label, name, description, group; `title`; `commit`.

Output: the folder.
"""

import pandas as pd

from microgesture.bundles.card import trained_on
from microgesture.bundles.writing import LABEL_COLUMNS, write_bundle
from microgesture.ensembles.logits import read_tables, training_counts
from microgesture.metrics.standing import protocol_of
from microgesture.provenance.jobs import job


def bundle(
    members: dict[str, tuple[str, str]],
    temperatures: str,
    clips: str,
    videos: list[str],
    folder: str,
    *,
    settings: dict,
    labels: list[list],
    title: str,
    commit: str = "",
    segmenter: list[str] | tuple[str, ...] = (),
    scores: str | None = None,
    facts: str | None = None,
    pretrained_on_scored: bool = False,
) -> None:
    """Write the bundle into `folder`. members: name -> (model.safetensors, model.json).
    pretrained_on_scored: a network was pre-trained on clips of people who are scored."""
    index = pd.read_parquet(clips)
    rounds = settings.get("rounds", 0)
    mode = ""
    if rounds or pretrained_on_scored:
        mode = protocol_of(settings["select_pseudo_labels"]["mode"], rounds, pretrained_on_scored)
    write_bundle(
        folder,
        name=title,
        labels=pd.DataFrame(labels, columns=list(LABEL_COLUMNS)),
        settings=settings,
        members=members,
        vote=temperatures,
        counts=training_counts(index, len(labels)),
        trained=trained_on(index, len(labels), read_tables(videos) if videos else None, mode),
        segmenter=segmenter,
        scores=scores,
        facts=facts,
        commit=commit,
    )


if __name__ == "__main__":
    with job(snakemake):
        given = snakemake.input
        bundle(
            dict(zip(snakemake.params.names, zip(list(given.weights), list(given.metadata)))),
            str(given.temperatures),
            str(given.clips),
            list(given.get("videos", [])),
            str(snakemake.output.folder),
            settings=dict(snakemake.params.settings),
            labels=list(snakemake.params.labels),
            title=snakemake.params.title,
            commit=snakemake.params.commit,
            segmenter=list(given.get("segmenter", [])),
            scores=given.get("scores") or None,
            facts=given.get("facts") or None,
            pretrained_on_scored=snakemake.params.pretrained_on_scored,
        )
