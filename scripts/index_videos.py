"""Check the clips against their videos, and decide about videos that cannot be read.

Writes results/index/spans.parquet: clip, video, batch, start, end of all clips that can be used;
no label, so that an edited label touches no pixel.

With `on_bad_video: stop` unreadable videos end the job with the list of all of them; with
`quarantine` the rest goes on and the list is in the report.
"""

import pandas as pd

from microgesture.provenance.files import written_whole
from microgesture.provenance.jobs import job
from microgesture.tables.index import check_readable, clip_spans


def index_spans(videos, clips, sheet, settings, spans):
    """Write the spans. videos: the batches' facts (paths); clips: the columns clip, video, start
    and end, as lists by name; sheet: the file named in messages."""
    facts = pd.concat([pd.read_parquet(path) for path in videos], ignore_index=True)
    check_readable(facts, settings["on_bad_video"])
    table = clip_spans(pd.DataFrame(clips), facts, sheet)
    with written_whole(spans) as temporary:
        table.to_parquet(temporary, index=False)


if __name__ == "__main__":
    with job(snakemake):
        index_spans(
            list(snakemake.input.videos),
            snakemake.params.clips,
            snakemake.params.sheet,
            snakemake.params.settings,
            snakemake.output.spans,
        )
