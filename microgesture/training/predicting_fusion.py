"""Predict with a trained two-branch network: the table of logits of one rule's job."""

from microgesture.bundles.layout import layout_of
from microgesture.configuration.settings import FUSION_SETTINGS, complete_settings
from microgesture.training.device import make_accelerator
from microgesture.training.fusion import build_fusion
from microgesture.training.predicting import PREDICTED, write_logits
from microgesture.training.snapshots import earlier_networks
from microgesture.training.stores import load_stores
from microgesture.weights.checkpoints import load_network, read_metadata


def predict_fusion(
    stores: dict[str, list[str]],
    checkpoint: str,
    metadata: str,
    logits: str,
    *,
    settings: dict,
    threads: int = 1,
    gpu: bool = False,
) -> None:
    """Write the log of the branches' mean probability of all clips but the training ones."""
    facts = read_metadata(metadata)
    settings = complete_settings({**facts["settings"], **settings}, FUSION_SETTINGS)
    streams = tuple(facts["streams"])
    accelerator = make_accelerator(gpu, settings["precision"], threads=threads)
    clips = load_stores(stores, streams, settings, layout_of(facts, metadata), PREDICTED)
    network = build_fusion(
        *(facts["model"], facts["num_classes"], clips, streams, facts["options"]),
        *(settings["dropout"], settings["limbs"]),
    )
    load_network(network, checkpoint)
    networks = [network, *earlier_networks(network, checkpoint)]
    write_logits(networks, clips, streams, settings, accelerator, facts["num_classes"], logits)
