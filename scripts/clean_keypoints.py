"""Turn raw keypoints into skeletons of the configured layout.

Reads results/keypoints/{part}.h5 of a batch's parts and writes results/skeletons/{batch}.h5: the
keypoints mapped to `layout` (h68 by default), with absurd values and one- or two-frame leaps taken
out, short gaps of single joints filled (with a lowered score) and light smoothing. Missing joints
have score 0 and coordinates 0; frames without a person hold zeros. An
interrupted job goes on after its last finished videos and gives the same bytes.
"""

import logging
from dataclasses import asdict, replace

from microgesture.pose.cleaning import CleaningCounts, CleaningSettings, clean_in_parts, summary
from microgesture.pose.layouts import get_layout
from microgesture.provenance.jobs import job
from microgesture.provenance.state import batch_state_folder
from microgesture.provenance.termination import leave_if_told
from microgesture.stores.pieces import write_pieces
from microgesture.stores.sequences import (
    KIND,
    list_sequences,
    open_sequence,
    read_sequence,
    sequence_facts,
)

LOGGER = logging.getLogger("microgesture.clean_keypoints")


def clean_keypoints(keypoints, skeletons, layout, settings, made_from=None, state=None):
    """Clean every video of the stores `keypoints` (paths) and write the store `skeletons`.

    layout: a name of microgesture/pose/layouts.py. settings: fields of CleaningSettings.
    made_from: video -> signature of all that its skeletons are made from; state: folder of an
    interrupted job (see `write_pieces`).
    """
    numbers, made_from = CleaningSettings(**settings), made_from or {}

    store_of = {video: store for store in keypoints for video in list_sequences(store)}

    def clean(group, video):
        leave_if_told()
        facts, present, shape = sequence_facts(store_of[video], video)
        joints, channels = get_layout(layout).num_joints, shape[-1]
        write = open_sequence(
            group,
            video,
            replace(facts, layout=layout, tracks=()),
            present,
            (*shape[:2], joints, channels),
            packed=False,  # every process that learns from them maps them
        )

        def write_part(first, points):
            leave_if_told()
            write(first, points)

        def read(first, last):
            return read_sequence(store_of[video], video, first, last).points

        return asdict(clean_in_parts(read, facts, present, shape, layout, numbers, write_part))

    wanted = {video: made_from.get(video, "") for video in store_of}
    found = write_pieces(skeletons, KIND, wanted, clean, state)
    counts = {video: CleaningCounts(**count) for video, count in found.items()}
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
            made_from=dict(snakemake.params.pieces),
            state=batch_state_folder(
                "clean_keypoints", snakemake.wildcards.batch, snakemake.wildcards.view
            ),
        )
