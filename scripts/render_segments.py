"""The whole videos of a batch with skeleton, crop and segments drawn on them.

Output: a folder with one mp4 a video: below the picture the name of what is found and how sure, and
a time line with the play head. Frame by frame, so that an hour takes no more memory than a minute.

Settings: anonymise (none | blur | mask), anonymise_unknown, anonymise_margin,
anonymise_hold_seconds.
"""

from pathlib import Path

import pandas as pd
from tqdm import tqdm

from microgesture.figures.annotated_video import segment_crops, shown_points, write_annotated
from microgesture.figures.faces import Anonymise, read_heads
from microgesture.pose.layouts import get_layout
from microgesture.provenance.jobs import job
from microgesture.segments.crops import with_crops
from microgesture.stores.sequences import list_sequences, read_sequence
from microgesture.videos.index_store import read_frame_index


def render(
    segments: str,
    facts: str,
    frame_indexes: str,
    skeletons: str,
    folder: str,
    videos: list[str],
    labels: list[list],
    rates: dict[str, float],
    saliency: dict,
    settings: dict,
) -> None:
    """Write the folder. videos: those that are segmented; labels: label, name, group of each."""
    known = pd.read_parquet(facts)
    known = known[known["video"].isin(videos) & (known["status"] == "ok")].sort_values("video")
    classes = pd.DataFrame(labels, columns=["label", "name", "group"])
    table = with_crops(pd.read_parquet(segments), skeletons, saliency)
    hidden = Anonymise.from_settings(settings)
    store_of = dict.fromkeys(list_sequences(skeletons), skeletons)
    Path(folder).mkdir(parents=True, exist_ok=True)
    bar = tqdm(known.itertuples(), total=len(known), unit="video", desc="render_segments")
    for row in bar:
        sequence = read_sequence(skeletons, row.video)
        own = table[table["video"] == row.video]
        people = known["video"][known["path"] == row.path].tolist()
        fps = float(rates.get(row.video, row.fps))
        write_annotated(
            Path(folder) / f"{row.video}.mp4",
            row.path,
            shown_points(sequence),
            get_layout(sequence.layout),
            own,
            classes,
            index=read_frame_index(frame_indexes, row.video),
            crops=segment_crops(own, len(sequence.present)),
            anonymise=hidden,
            heads=None if hidden.how == "none" else read_heads(people, store_of, fps, hidden),
        )


if __name__ == "__main__":
    with job(snakemake):
        render(
            str(snakemake.input.segments),
            str(snakemake.input.facts),
            str(snakemake.input.frame_indexes),
            str(snakemake.input.skeletons),
            str(snakemake.output.folder),
            videos=list(snakemake.params.videos),
            labels=list(snakemake.params.labels),
            rates=dict(snakemake.params.rates),
            saliency=dict(snakemake.params.saliency),
            settings=dict(snakemake.params.settings),
        )
