"""Read every video of a batch once, number its shown frames and write down what it is.

Writes results/videos/{batch}.h5, the frame indexes by which every later reader numbers, and
results/videos/{batch}.parquet: video, path, batch, fps (the file's own), frames, width,
height, status (ok | quarantined) and the problem. A recording that is brought as keypoints alone is
asked for in its store. What becomes of unreadable videos index_videos decides.
"""

import pandas as pd

from microgesture.provenance.files import written_whole
from microgesture.provenance.jobs import job
from microgesture.tables.probed import probe_videos
from microgesture.videos.index_store import write_frame_indexes


def probe_batch(videos, batch, facts, frame_indexes):
    """Write facts and frame indexes of a batch; videos: rows (video, path, keypoints) as lists."""
    table = pd.DataFrame(videos, columns=["video", "path", "keypoints"])
    probed, indexes = probe_videos(table, batch)
    write_frame_indexes(frame_indexes, indexes)
    with written_whole(facts) as temporary:
        probed.to_parquet(temporary, index=False)


if __name__ == "__main__":
    with job(snakemake):
        probe_batch(
            snakemake.params.videos,
            snakemake.wildcards.batch,
            snakemake.output.facts,
            snakemake.output.frame_indexes,
        )
