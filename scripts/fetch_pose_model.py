"""Fetch the weights of a pose model that `extract_keypoints: model` names from mmpose's own index.

Writes resources/weights/pose/<file>, once for all runs of a folder: with a progress bar, resumed
after a break, and checked by its size and by the eight digits of its SHA-256 that most of
OpenMMLab's file names carry, or by the whole one if the configuration gives it (`sha256`). Weights
are read as numbers only, never as code. Without a network the message says which file to put where.
"""

import logging

from microgesture.configuration.pose_models import find_model
from microgesture.provenance.jobs import job
from microgesture.weights.resuming import fetch_resuming

LOGGER = logging.getLogger("microgesture.fetch_pose_model")


def fetch_pose_model(checkpoint, model, sha256=None):
    """Fetch the weights of one model.

    checkpoint: path to write. model: a name of the index (`find_model`). sha256: of the weights, 64
    hexadecimal digits; None = as far as their name tells.
    """
    found = find_model(model)
    if not sha256 and not found.digits:
        LOGGER.warning(
            "%s: neither its name nor extract_keypoints: sha256 tells its hash; only its length is "
            "compared",
            found.url,
        )
    path = fetch_resuming(found.url, checkpoint, digits=(sha256 or found.digits))
    LOGGER.info("%s: %d bytes, fetched from %s", path, path.stat().st_size, found.url)


if __name__ == "__main__":
    with job(snakemake):
        fetch_pose_model(
            snakemake.output.checkpoint, snakemake.params.model, snakemake.params.sha256
        )
