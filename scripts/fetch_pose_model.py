"""Fetch the weights of a model that `extract_keypoints` names: `model` from mmpose's own index,
`detector: model` from mmdet's.

Writes resources/weights/pose/<file>, once for all runs of a folder: with a progress bar, resumed
after a break, and checked by its size and by the eight digits of its SHA-256 that most of
OpenMMLab's file names carry, or by the whole one if the configuration gives it (`sha256`). Weights
are read as numbers only, never as code. Without a network the message says which file to put where.
"""

import logging

from microgesture.configuration.pose_models import IndexedModel
from microgesture.provenance.jobs import job
from microgesture.weights.resuming import fetch_resuming

LOGGER = logging.getLogger("microgesture.fetch_pose_model")


def fetch_pose_model(checkpoint, model, sha256=None):
    """Fetch the weights of one model.

    checkpoint: path to write. model: IndexedModel. sha256: of the weights, 64 hexadecimal digits;
    None = as far as their name tells.
    """
    if not sha256 and not model.digits:
        LOGGER.warning(
            "%s: neither its name nor extract_keypoints: sha256 tells its hash; only its length is "
            "compared",
            model.url,
        )
    path = fetch_resuming(model.url, checkpoint, digits=(sha256 or model.digits))
    LOGGER.info("%s: %d bytes, fetched from %s", path, path.stat().st_size, model.url)


if __name__ == "__main__":
    with job(snakemake):
        fetch_pose_model(
            snakemake.output.checkpoint,
            IndexedModel(**snakemake.params.model),
            snakemake.params.sha256,
        )
