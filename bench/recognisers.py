"""The recognisers of docs/models.md: their table, their networks, and what a network costs."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
import yaml
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from microgesture.configuration.settings import FUSION_SETTINGS, complete_settings
from microgesture.datasets.clips import Clips
from microgesture.datasets.streams import HEATMAP_STREAMS, in_channels
from microgesture.pose.layouts import Layout, get_layout
from microgesture.training.fusion import build_fusion, fusion_options
from microgesture.weights.networks import build_network

FOLDER = Path(__file__).resolve().parent
CLASSES = 32  # iMiGUE's, in everything but the count of parameters


@dataclass(frozen=True)
class Reference:
    """What a network is compared with; a row of references.tsv.

    parameters: a whole number, "2.6 M" where only that is known, or "" where nothing is. classes,
    layout, persons: what it was counted with. reason: why ours differs, where it does.
    """

    parameters: str
    classes: int
    layout: str
    persons: int
    source: str
    reason: str


@dataclass(frozen=True)
class Entry:
    """One recogniser: an entry of recognisers.yaml with its reference.

    settings: what is written in the config. parents: the entries whose options the branches of a
    fusion network have, by "rgb" and "pose"; empty for all others.
    """

    name: str
    title: str
    paper: str
    batch: int
    settings: dict
    reference: Reference
    parents: "dict[str, Entry]"

    @property
    def complete(self) -> dict:
        """The settings with every default filled in."""
        return complete_settings(self.settings, FUSION_SETTINGS if self.parents else None)

    @property
    def model(self) -> str:
        """The file in microgesture/models/."""
        return self.complete["model"]

    @property
    def layout(self) -> Layout:
        """The reference's keypoint layout."""
        return get_layout(self.reference.layout)

    @property
    def streams(self) -> tuple[str, ...]:
        """What the network takes, in its order."""
        if self.parents:
            return tuple(self.parents[branch].settings["stream"] for branch in ("rgb", "pose"))
        return (self.settings["stream"],)


def read_entries(folder: Path = FOLDER) -> dict[str, Entry]:
    """All recognisers by name, in the page's order. ValueError where the two tables differ."""
    rows = yaml.safe_load((folder / "recognisers.yaml").read_text(encoding="utf-8"))["recognisers"]
    table = pd.read_csv(folder / "references.tsv", sep="\t", dtype=str, keep_default_na=False)
    references = {
        row.pop("recogniser"): Reference(
            **{**row, "classes": int(row["classes"]), "persons": int(row["persons"])}
        )
        for row in table.to_dict("records")
    }
    if set(rows) != set(references):
        alone = ", ".join(sorted(set(rows) ^ set(references)))
        raise ValueError(f"recognisers.yaml and references.tsv: only one of them has {alone}")
    entries: dict[str, Entry] = {}
    for name, row in rows.items():  # parents come first
        parents = {branch: entries[parent] for branch, parent in row.pop("parents", {}).items()}
        entries[name] = Entry(name, **row, reference=references[name], parents=parents)
    return entries


def read_networks(folder: Path = FOLDER) -> dict[str, str]:
    """What each network is, by model, in the page's order."""
    return yaml.safe_load((folder / "recognisers.yaml").read_text(encoding="utf-8"))["networks"]


def build(entry: Entry, *, classes: int = CLASSES, persons: int = 1) -> nn.Module:
    """The network as train_modality or train_fusion builds it."""
    settings = entry.complete
    if entry.parents:
        nothing = np.empty(0)
        clips = Clips(entry.layout, [], [], nothing, nothing, nothing)
        branches = (entry.parents[branch].complete["model_options"] for branch in ("rgb", "pose"))
        options = fusion_options(settings, *branches)
        return build_fusion(
            *(entry.model, classes, clips, entry.streams, options),
            *(settings["dropout"], settings["limbs"]),
        )
    return build_network(
        entry.model,
        settings["stream"],
        classes,
        entry.layout,
        persons=persons,
        dropout=settings["dropout"],
        options=settings["model_options"],
        limbs=settings["limbs"],
    )


def count_parameters(entry: Entry) -> int:
    """Numbers that training changes, with the reference's classes, joints and persons.

    The network alone: heads of the semantic and the prototype loss are left out.
    """
    reference = entry.reference
    with torch.device("meta"):
        network = build(entry, classes=reference.classes, persons=reference.persons)
    return sum(p.numel() for p in network.parameters() if p.requires_grad)


def input_shapes(entry: Entry) -> list[tuple[int, ...]]:
    """Shape of each input for one clip of one person: (C, T, V, M), or (C, T, H, W)."""
    settings, layout = entry.complete, entry.layout
    shapes = []
    for stream in entry.streams:
        channels = in_channels(stream, layout, limbs=settings["limbs"])
        if stream == "rgb":
            side = settings["rgb_size"]
            shapes.append((channels, settings["rgb_frames"], side, side))
        elif stream in HEATMAP_STREAMS:
            shapes.append((channels, settings["frames"], settings["size"], settings["size"]))
        else:
            shapes.append((channels, settings["frames"], layout.num_joints, 1))
    return shapes


@torch.no_grad()
def count_multiply_adds(entry: Entry) -> float:
    """Multiply-adds of one clip through the network, forwards.

    Half of torch's count of operations: convolutions, matrix products and attention; no
    normalisation, activation or pooling. Nothing is computed (meta device), and the stem of a
    heatmap network counts as the dense convolution that it equals.
    """
    with torch.device("meta"):
        network = build(entry)
    network = network.to("meta")  # buffers that were made from arrays
    inputs = [torch.zeros(1, *shape, device="meta") for shape in input_shapes(entry)]
    with FlopCounterMode(display=False) as counter:
        network(*inputs)
    return counter.get_total_flops() / 2


def difference(parameters: int, reference: Reference) -> str:
    """In words: none known, equal, equal when rounded, or per cent and the reason.

    ValueError for a difference that references.tsv gives no reason for.
    """
    if not reference.parameters:
        return "none known"
    if reference.parameters.endswith(" M"):
        number = reference.parameters.removesuffix(" M")
        expected, last_digit = float(number) * 1e6, 10 ** (6 - len(number.partition(".")[2]))
        tolerance, words = last_digit / 2, "equal when rounded"
    else:
        expected, tolerance, words = int(reference.parameters), 0, "equal"
    if abs(parameters - expected) <= tolerance:
        return words
    share = f"{100 * (parameters / expected - 1):+.2f} %"
    if not reference.reason:
        raise ValueError(f"{share}, and references.tsv gives no reason")
    return f"{share}: {reference.reason}"
