"""Draw the scores: all systems at a glance, the ensemble's confusions, how far confidences keep
their word, and a time line.

Reads what score_predictions wrote. Output: overview, confusion and reliability figures, and a time
line of the test video with the most predicted clips. Titles say what the numbers stand on: clips,
people (or videos), mode, seed and clips that were lost.
"""

import pandas as pd

from microgesture.figures.confusion import draw_confusion
from microgesture.figures.overview import draw_overview
from microgesture.figures.reliability import draw_reliability
from microgesture.figures.timeline import draw_timeline
from microgesture.metrics.classification import confusion_counts, predicted_labels
from microgesture.metrics.scored_clips import BEFORE, of_system
from microgesture.metrics.standing import standing
from microgesture.provenance.jobs import job

ENSEMBLE = "ensemble"


def plot(scores: str, clips: str, outputs: dict[str, str], labels: list[list[str]]) -> None:
    """Draw all figures.

    scores, clips: the tables of score_predictions; outputs: overview, confusion, reliability,
    timeline; labels: name and group of each class.
    """
    table = pd.read_csv(scores, sep="\t", keep_default_na=False, na_values=[""])
    clips = pd.read_parquet(clips)
    names, parts = [name for name, _ in labels], [group for _, group in labels]
    where = standing(table.iloc[-1])
    draw_overview(table, len(names), outputs["overview"], f"All systems on {where}")
    spans, values = of_system(clips, ENSEMBLE)
    answers = predicted_labels(values)
    draw_confusion(
        confusion_counts(spans["label"], answers, len(names)),
        names,
        outputs["confusion"],
        parts,
        f"Ensemble on {where}",
    )
    before = clips["system"][clips["stage"] == BEFORE].drop_duplicates()
    draw_reliability(
        {name: (of_system(clips, name, BEFORE)[1], of_system(clips, name)[1]) for name in before}
        | {ENSEMBLE: (None, values)},
        spans["label"].to_numpy(),
        outputs["reliability"],
        where,
    )
    spans = spans.assign(predicted=answers, confidence=values.max(axis=1, initial=0.0))
    spans = spans[spans["start"].notna()]
    counts = sorted(spans["video"].value_counts().items(), key=lambda row: (-row[1], row[0]))
    video, number = counts[0] if counts else ("", 0)
    row = table.iloc[-1]
    draw_timeline(
        spans[spans["video"] == video],
        names,
        outputs["timeline"],
        title=f"Ensemble on the {number} clips of video {video} ({row['mode']}, seed "
        f"{row['seed']}; number: confidence, %)",
    )


if __name__ == "__main__":
    with job(snakemake):
        plot(
            snakemake.input.scores,
            snakemake.input.clips,
            dict(snakemake.output.items()),
            labels=list(snakemake.params.labels),
        )
