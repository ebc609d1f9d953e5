"""Open every video of a batch, check its clips against it, and set the test labels apart.

Writes results/index/{batch}/videos.parquet (frames, frame rate, size, readable or quarantined),
results/index/{batch}/clips.parquet (the clips; test clips carry label -1) and
results/truth/{batch}.parquet (the labels of the test clips: only scoring rules read it).

With `on_bad_video: stop` an unreadable video ends the job with the list of all of them; with
`quarantine` the rest goes on and the list is in the report.
"""

import pandas as pd

from microgesture.provenance.jobs import job
from microgesture.tables.index import write_index


def index_batch(videos, clips, batch, sheet, settings, videos_path, clips_path, truth_path):
    """Index one batch.

    videos: rows (video, path, subject, fps, keypoints); clips: rows (clip, video, subject, start,
    end, label, split), as lists; the three paths are written.
    """
    videos = pd.DataFrame(videos, columns=["video", "path", "subject", "fps", "keypoints"])
    columns = ["clip", "video", "subject", "start", "end", "label", "split"]
    clips = pd.DataFrame(clips, columns=columns)
    write_index(
        videos,
        clips,
        batch,
        settings["on_bad_video"],
        sheet,
        videos_path,
        clips_path,
        truth_path,
    )


if __name__ == "__main__":
    with job(snakemake):
        index_batch(
            snakemake.params.videos,
            snakemake.params.clips,
            snakemake.wildcards.batch,
            snakemake.params.sheet,
            snakemake.params.settings,
            snakemake.output.videos,
            snakemake.output.clips,
            snakemake.output.truth,
        )
