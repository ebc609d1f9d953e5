"""Join the clips' spans with their subjects, splits and labels; test clips carry label -1.

Writes clips.parquet (clip, video, batch, subject, start, end, split, label), which every stage
after the crops reads, and lost.tsv: the clips whose videos cannot be read, with the reason. A run
of the rotation over people has tables of its own, with the splits of its fold.
"""

import pandas as pd

from microgesture.provenance.files import written_whole
from microgesture.provenance.jobs import job
from microgesture.tables.index import label_clips


def index_labels(videos, spans, labels, clips, lost):
    """Write both tables. videos: the batches' facts (paths); labels: the columns clip, video,
    subject, split and label (hidden where it is a test clip's), as lists by name."""
    facts = pd.concat([pd.read_parquet(path) for path in videos], ignore_index=True)
    shown, gone = label_clips(pd.DataFrame(labels), pd.read_parquet(spans), facts)
    with written_whole(clips) as temporary:
        shown.to_parquet(temporary, index=False)
    with written_whole(lost) as temporary:
        gone.to_csv(temporary, sep="\t", index=False)


if __name__ == "__main__":
    with job(snakemake):
        index_labels(
            list(snakemake.input.videos),
            snakemake.input.spans,
            snakemake.params.labels,
            snakemake.output.clips,
            snakemake.output.lost,
        )
