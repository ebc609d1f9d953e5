"""The segments of all videos in tables for people.

Output: segments (video, subject, start, end in frames, start_seconds, end_seconds, label, name,
group, confidence, second, second_confidence, margin, uncertain); persons (per person and class:
count, rate a minute, total and median duration, share of the time in which the person is seen);
label_next (which stretches to annotate next: unsure ones, spread over videos and predicted classes,
rare classes first). Videos that cannot be read end the job or are named in its log
(`index_videos: on_bad_video`): a prediction on whole videos has no other job that would say so.

Settings: stretches (rows of label_next), stretch_seconds (length of one).
"""

import numpy as np
import pandas as pd

from microgesture.ensembles.logits import read_tables, training_counts
from microgesture.provenance.jobs import job
from microgesture.segments.frame_probabilities import nobody_is_background
from microgesture.segments.label_next import candidate_stretches, label_next
from microgesture.segments.person_table import person_table
from microgesture.segments.readable import readable_segments, readable_stretches, times_of
from microgesture.stores.frames import list_frames, read_frames_of
from microgesture.tables.index import check_readable
from microgesture.tables.writing import write_table
from microgesture.videos.index_store import list_frame_indexes, read_frame_index


def summarise(
    segments: list[str],
    frames: list[str],
    frame_indexes: list[str],
    clips: list[str],
    outputs: dict[str, str],
    subjects: dict[str, str],
    labels: list[list[str]],
    settings: dict,
    facts: list[str] | tuple[str, ...] = (),
    on_bad_video: str = "stop",
) -> None:
    """Write the three tables. clips: [the clips whose labels may be seen] or []; subjects: video ->
    person ("" = unknown); labels: name and group of each class; facts: what was probed of the
    videos; on_bad_video: see `tables.index.check_readable`. Raises BadInput as that does."""
    if facts:
        check_readable(read_tables(facts), on_bad_video)
    table = read_tables(segments)
    probabilities, present, fps = {}, {}, {}
    for path in frames:
        for video in list_frames(path):
            probabilities[video], present[video], fps[video] = read_frames_of(path, video)
    names = [name for name, _ in labels]
    indexes = {
        v: read_frame_index(p, v).times for p in frame_indexes for v in list_frame_indexes(p)
    }
    times = {v: times_of(indexes.get(v), len(present[v]), fps[v]) for v in present}
    shown = readable_segments(table, labels, subjects, times)
    write_table(shown, outputs["segments"])
    videos = pd.DataFrame(
        [(video, subjects.get(video, ""), fps[video]) for video in sorted(present)],
        columns=["video", "subject", "fps"],
    )
    write_table(person_table(table, videos, present, names), outputs["persons"])
    known = (
        read_tables(clips) if clips else pd.DataFrame(columns=["video", "start", "end", "split"])
    )
    counts = training_counts(known, len(names)) if clips else np.zeros(len(names))
    done = known[known["video"].isin(list(present)) & (known["split"] != "unlabelled")]
    stretches = candidate_stretches(
        {v: nobody_is_background(probabilities[v], present[v]) for v in present},
        present,
        frames={v: max(2, round(settings["stretch_seconds"] * fps[v])) for v in present},
    )
    chosen = label_next(stretches, counts, number=settings["stretches"], done=done)
    write_table(readable_stretches(chosen, labels, times), outputs["label_next"])


if __name__ == "__main__":
    with job(snakemake):
        summarise(
            list(snakemake.input.segments),
            list(snakemake.input.frames),
            list(snakemake.input.frame_indexes),
            list(snakemake.input.clips),
            dict(snakemake.output.items()),
            subjects=dict(snakemake.params.subjects),
            labels=list(snakemake.params.labels),
            settings=dict(snakemake.params.settings),
            facts=list(snakemake.input.facts),
            on_bad_video=snakemake.params.on_bad_video,
        )
