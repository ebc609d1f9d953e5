"""The segments in the annotators' tools.

Output: a folder with elan/*.eaf (a tier per person, confidence beside it), boris/*.csv and
boris/project.boris, segments_frames.csv, segments_seconds.csv and webvtt/*.vtt (subtitles for any
player). See docs/annotations.md. Uncertain segments are exported, too: their confidence tells.
"""

from pathlib import Path

import pandas as pd

from microgesture.exports.segments import Export, Video, from_table
from microgesture.exports.write import write_all
from microgesture.provenance.jobs import job
from microgesture.videos.index_store import list_frame_indexes, read_frame_index


def export(
    segments: str,
    frame_indexes: list[str],
    folder: str,
    videos: list[list[str]],
    labels: list[list],
    settings: dict,
) -> None:
    """Write the folder. videos: video, path, subject of each; labels: label, name, description,
    group of each class; settings: formats."""
    words = dict.fromkeys(("video", "subject", "name", "second"), str)
    table = pd.read_csv(segments, sep="\t", dtype=words, keep_default_na=False)
    times = {v: read_frame_index(p, v).times for p in frame_indexes for v in list_frame_indexes(p)}
    rows = pd.DataFrame(videos, columns=["video", "path", "subject"])
    rows = rows[rows["video"].isin(times)]
    shown = [
        Video(
            Path(path),
            tuple(own["video"]),
            tuple(
                subject or f"person in {video}"
                for video, subject in own[["video", "subject"]].values
            ),
            times[own["video"].iloc[0]],
        )
        for path, own in rows.groupby("path", sort=False)
    ]
    classes = pd.DataFrame(labels, columns=["label", "name", "description", "group"])
    people = {name: person for video in shown for name, person in zip(video.names, video.people)}
    table = table[table["video"].isin(people)]
    found = from_table(
        table.drop(columns=["label", "subject"]), classes[["label", "name"]], people, segments
    )
    described = {
        row["name"]: {"description": row["description"], "group": row["group"]}
        for row in classes.to_dict("records")
    }
    Path(folder).mkdir(parents=True, exist_ok=True)
    write_all(Export(found, shown, described), folder, settings["formats"])


if __name__ == "__main__":
    with job(snakemake):
        export(
            str(snakemake.input.segments),
            list(snakemake.input.frame_indexes),
            str(snakemake.output.exports),
            videos=list(snakemake.params.videos),
            labels=list(snakemake.params.labels),
            settings=dict(snakemake.params.settings),
        )
