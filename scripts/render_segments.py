"""The whole videos of a part with skeleton, crop and segments drawn on them.

Output: a folder with one mp4 a video: below the picture the name of what is found and how sure, and
a time line with the play head. Frame by frame, so that an hour takes no more memory than a minute.

Settings: anonymise (none | blur | mask), anonymise_unknown, anonymise_margin,
anonymise_hold_seconds.
"""

from pathlib import Path

import pandas as pd
from tqdm import tqdm

from microgesture.ensembles.logits import read_tables
from microgesture.figures.annotated_video import segment_crops, shown_points, write_annotated
from microgesture.figures.faces import Anonymise, read_heads
from microgesture.pose.layouts import get_layout
from microgesture.provenance.jobs import job
from microgesture.segments.crops import with_crops
from microgesture.stores.sequences import list_sequences, read_sequence
from microgesture.videos.index_store import list_frame_indexes, read_frame_index


def render(
    segments: str,
    facts: list[str],
    frame_indexes: list[str],
    skeletons: list[str],
    folder: str,
    videos: list[str],
    labels: list[list],
    rates: dict[str, float],
    saliency: dict,
    settings: dict,
) -> None:
    """Write the folder. videos: those that are segmented; facts, frame_indexes, skeletons: of
    everybody in their files; labels: label, name, group of each class."""
    everybody = read_tables(facts)
    everybody = everybody[everybody["status"] == "ok"]
    known = everybody[everybody["video"].isin(videos)].sort_values("video")
    classes = pd.DataFrame(labels, columns=["label", "name", "group"])
    table = with_crops(pd.read_parquet(segments), skeletons, saliency)
    hidden = Anonymise.from_settings(settings)
    store_of = {video: path for path in skeletons for video in list_sequences(path)}
    index_of = {video: path for path in frame_indexes for video in list_frame_indexes(path)}
    Path(folder).mkdir(parents=True, exist_ok=True)
    bar = tqdm(known.itertuples(), total=len(known), unit="video", desc="render_segments")
    for row in bar:
        sequence = read_sequence(store_of[row.video], row.video)
        own = table[table["video"] == row.video]
        people = everybody["video"][everybody["path"] == row.path].tolist()
        fps = float(rates.get(row.video, row.fps))
        write_annotated(
            Path(folder) / f"{row.video}.mp4",
            row.path,
            shown_points(sequence)[None],
            get_layout(sequence.layout),
            own,
            classes,
            index=read_frame_index(index_of[row.video], row.video),
            crops=segment_crops(own, len(sequence.present)),
            anonymise=hidden,
            heads=None if hidden.how == "none" else read_heads(people, store_of, fps, hidden),
        )


if __name__ == "__main__":
    with job(snakemake):
        render(
            str(snakemake.input.segments),
            list(snakemake.input.facts),
            list(snakemake.input.frame_indexes),
            list(snakemake.input.skeletons),
            str(snakemake.output.folder),
            videos=list(snakemake.params.videos),
            labels=list(snakemake.params.labels),
            rates=dict(snakemake.params.rates),
            saliency=dict(snakemake.params.saliency),
            settings=dict(snakemake.params.settings),
        )
