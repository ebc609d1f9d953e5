"""Open every video of a batch and write down what it is.

Writes results/videos/{batch}.parquet: video, path, batch, fps (the file's own), frames, width,
height, status (ok | quarantined) and the problem. A recording that is brought as keypoints alone is
asked for in its store. What becomes of unreadable videos index_videos decides.
"""

import pandas as pd

from microgesture.provenance.files import written_whole
from microgesture.provenance.jobs import job
from microgesture.tables.index import probe_videos


def probe_batch(videos, batch, facts):
    """Write the facts of a batch; videos: rows (video, path, keypoints) as lists."""
    table = pd.DataFrame(videos, columns=["video", "path", "keypoints"])
    with written_whole(facts) as temporary:
        probe_videos(table, batch).to_parquet(temporary, index=False)


if __name__ == "__main__":
    with job(snakemake):
        probe_batch(
            snakemake.params.videos,
            snakemake.wildcards.batch,
            snakemake.output.facts,
        )
