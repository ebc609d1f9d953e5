"""Set the labels of the test clips apart: scoring rules alone read them.

Writes truth/labels.parquet: clip, video, subject, label of every test clip whose label is known,
also of clips whose videos cannot be read: a lost clip is no right one.
"""

import pandas as pd

from microgesture.provenance.files import written_whole
from microgesture.provenance.jobs import job
from microgesture.tables.index import truth_of


def index_truth(clips, truth):
    """Write the truth. clips: clip, video, subject, split and label as lists by name."""
    with written_whole(truth) as temporary:
        truth_of(pd.DataFrame(clips)).to_parquet(temporary, index=False)


if __name__ == "__main__":
    with job(snakemake):
        index_truth(snakemake.params.clips, snakemake.output.truth)
