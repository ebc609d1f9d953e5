"""Predict with a trained network: the table of logits of one rule's job."""

import numpy as np
import pandas as pd

from microgesture.bundles.layout import layout_of
from microgesture.configuration.settings import complete_settings
from microgesture.provenance.files import written_whole
from microgesture.training.device import make_accelerator
from microgesture.training.inputs import lay_network
from microgesture.training.prediction import predict_logits
from microgesture.training.recogniser import Recogniser
from microgesture.training.snapshots import SnapshotMean, earlier_networks
from microgesture.training.stores import load_stores
from microgesture.weights.checkpoints import load_network, read_metadata
from microgesture.weights.networks import build_as_trained

PREDICTED = ("val", "test", "unlabelled")


def predict_modality(
    stores: dict[str, list[str]],
    checkpoint: str,
    metadata: str,
    logits: str,
    *,
    settings: dict,
    threads: int = 1,
    gpu: bool = False,
) -> None:
    """Write the logits of all validation, test and unlabelled clips.

    settings: those that differ from the training's (`test_clips`, `test_flip`, `batch_size`, ...).
    """
    facts = read_metadata(metadata)
    settings = complete_settings({**facts["settings"], **settings})
    streams = (facts["stream"],)
    accelerator = make_accelerator(gpu, settings["precision"], threads=threads)
    clips = load_stores(stores, streams, settings, layout_of(facts, metadata), PREDICTED)
    network = build_as_trained(facts, clips.layout, settings)
    load_network(network, checkpoint)
    networks = [network, *earlier_networks(network, checkpoint)]
    write_logits(networks, clips, streams, settings, accelerator, facts["num_classes"], logits)


def write_logits(networks, clips, streams, settings, accelerator, num_classes, path) -> None:
    """Predict every clip with a network, or the mean of its snapshots, and write the table of
    logits, ordered by clip."""
    for network in networks:
        lay_network(network, streams, accelerator)
    plain = {**settings, "semantic_loss": {"form": "none"}, "prototype_loss": {"weight": 0}}
    recogniser, *earlier = (Recogniser(network, num_classes, plain) for network in networks)
    predictor = SnapshotMean(recogniser, earlier) if earlier else recogniser
    model = accelerator.prepare_model(predictor.to(accelerator.device), evaluation_mode=True)
    # Split by split: what a clip is batched with never depends on clips of another split, so its
    # logits are the same, bit for bit, when clips are added there.
    values = np.zeros((len(clips), num_classes))
    for split in sorted(set(clips.splits)):
        chosen = clips.where(split)
        values[chosen] = predict_logits(
            model,
            clips,
            chosen,
            streams,
            settings,
            accelerator,
            views=settings["test_clips"],
            flip=settings["test_flip"],
        )
    if accelerator.is_main_process:
        table = pd.DataFrame({"clip": clips.clips, "split": clips.splits})
        table = table.assign(**{f"logit_{k}": values[:, k] for k in range(num_classes)})
        with written_whole(path) as temporary:
            table.to_parquet(temporary, index=False)
