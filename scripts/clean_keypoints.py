"""Turn raw keypoints into skeletons of the configured layout.

Reads results/keypoints/{batch}.h5 and writes results/skeletons/{batch}.h5: the keypoints mapped to
`layout` (h68 by default), with absurd values and one- or two-frame leaps taken out, short gaps of
single joints filled (with a lowered score) and light smoothing. Missing joints have score 0 and
coordinates 0; frames without a person hold zeros.
"""

import logging

from microgesture.pose.cleaning import CleaningSettings, clean_sequence
from microgesture.provenance.jobs import job
from microgesture.stores.sequences import list_sequences, read_sequence, write_sequences

LOGGER = logging.getLogger("microgesture.clean_keypoints")


def clean_keypoints(keypoints, skeletons, layout, settings):
    """Clean every video of the store `keypoints` and write the store `skeletons`.

    layout: a name of microgesture/pose/layouts.py. settings: fields of CleaningSettings.
    """
    numbers = CleaningSettings(**settings)

    def cleaned():
        for video in list_sequences(keypoints):
            sequence = clean_sequence(read_sequence(keypoints, video), layout, numbers)
            LOGGER.info("%s: %d frames", video, len(sequence.present))
            yield video, sequence

    write_sequences(skeletons, cleaned())


if __name__ == "__main__":
    with job(snakemake):
        clean_keypoints(
            snakemake.input.keypoints,
            snakemake.output.skeletons,
            snakemake.params.layout,
            dict(snakemake.params.settings),
        )
