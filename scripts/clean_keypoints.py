"""Turn raw keypoints into skeletons of the configured layout.

Reads results/keypoints/{part}.h5 of a batch's parts and writes results/skeletons/{batch}.h5: the
keypoints mapped to `layout` (h68 by default), with absurd values and one- or two-frame leaps taken
out, short gaps of single joints filled (with a lowered score) and light smoothing. Missing joints
have score 0 and coordinates 0; frames without a person hold zeros.
"""

import logging

from microgesture.pose.cleaning import CleaningSettings, clean_and_count, summary
from microgesture.provenance.jobs import job
from microgesture.stores.sequences import list_sequences, read_sequence, write_sequences

LOGGER = logging.getLogger("microgesture.clean_keypoints")


def clean_keypoints(keypoints, skeletons, layout, settings):
    """Clean every video of the stores `keypoints` (paths) and write the store `skeletons`.

    layout: a name of microgesture/pose/layouts.py. settings: fields of CleaningSettings.
    """
    numbers = CleaningSettings(**settings)
    counts = {}

    def cleaned():
        for store in keypoints:
            for video in list_sequences(store):
                sequence, counts[video] = clean_and_count(
                    read_sequence(store, video), layout, numbers
                )
                yield video, sequence

    write_sequences(skeletons, cleaned())
    for line in summary(counts):
        LOGGER.info("%s", line)
    single = [video for video, count in counts.items() if count.frames == 1]
    if single:
        LOGGER.warning(
            "%d of %d sequences hold a single frame: there is no motion to see (first: %s)",
            *(len(single), len(counts), single[0]),
        )


if __name__ == "__main__":
    with job(snakemake):
        clean_keypoints(
            list(snakemake.input.keypoints),
            snakemake.output.skeletons,
            snakemake.params.layout,
            dict(snakemake.params.settings),
        )
