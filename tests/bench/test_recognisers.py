"""The table of recognisers: counts against independent definitions and published numbers."""

import dataclasses

import pytest
import torch

import microgesture.models.torchvision_operators  # noqa: F401
from bench.recognisers import (
    Reference,
    count_multiply_adds,
    count_parameters,
    difference,
    input_shapes,
    read_entries,
    read_networks,
)
from microgesture.weights.networks import list_models
from tests.models.references import slowonly_reference
from tests.models.references.graph_networks import (
    JOINTS,
    Weights,
    distance_graph,
    reference_logits,
    spatial_graph,
)

# isort: split
from torchvision.models import ResNet50_Weights
from torchvision.models.video import (
    R2Plus1D_18_Weights,
    Swin3D_B_Weights,
    Swin3D_S_Weights,
    Swin3D_T_Weights,
)

ENTRIES = read_entries()
TORCHVISION = {
    "video_swin_t": Swin3D_T_Weights,
    "video_swin_s": Swin3D_S_Weights,
    "video_swin_b": Swin3D_B_Weights,
    "r2plus1d": R2Plus1D_18_Weights,
}
GRAPH_NETWORKS = ("st_gcn", "st_gcn_pp", "strong_aug", "aagcn", "ctr_gcn", "dg_stgcn")


def graph_network(entry):
    """Learned numbers of the plain definition in tests/models/references."""
    reference, weights = entry.reference, Weights()
    joints = JOINTS[reference.layout]
    graph = spatial_graph(reference.layout)
    if entry.model == "st_gcn":
        graph = distance_graph(reference.layout)
    elif entry.model == "dg_stgcn":
        graph = torch.zeros(8, joints, joints, dtype=torch.float64)
    clip = torch.zeros(1, reference.persons, 1, joints, 3, dtype=torch.float64)
    reference_logits(weights, entry.model, clip, graph, reference.classes)
    return weights.learned


def learned(shapes):
    return sum(torch.Size(shape).numel() for name, shape in shapes.items() if "running" not in name)


def pathway(channels, network, classes):
    shapes = slowonly_reference.pathway_shapes("backbone", channels, network)
    width = network["base"] * 2 ** (len(network["blocks"]) + 1)
    return learned({**shapes, **slowonly_reference.linear_shapes("fc", classes, width)})


def fusion_module(rgb, pose, speed_ratio=4):
    """Weights and biases: tokens of either map, two attentions, gates of either map."""
    tokens = rgb * pose + pose + pose * pose * speed_ratio + pose
    attention = 4 * (pose * pose + pose)
    gates = pose * rgb + rgb + pose * pose * speed_ratio + pose
    return tokens + 2 * attention + gates


def independent_count(name):
    """The reference's parameters from another source than the library; None where there is none."""
    entry = ENTRIES[name]
    classes = entry.reference.classes
    pose, rgb = slowonly_reference.POSE, slowonly_reference.RGB
    if name in GRAPH_NETWORKS:
        return graph_network(entry)
    if name in TORCHVISION:
        return TORCHVISION[name].DEFAULT.meta["num_params"]
    if name == "tsm":
        # its classifier: 2048 weights and a bias a class
        return ResNet50_Weights.DEFAULT.meta["num_params"] - (1000 - classes) * 2049
    if name == "resnet3d":
        return pathway(3, rgb, classes)
    if name in ("poseconv3d", "poseconv3d_limb", "poseconv3d_branch"):
        return pathway(17, pose, classes)
    if name.startswith("rgbpose"):
        both = learned(slowonly_reference.rgbpose_shapes(17, classes, rgb, pose))
        modules = fusion_module(512, 128) + fusion_module(1024, 256)
        return both + (modules if name == "rgbpose_fusion" else 0)
    return None


@pytest.mark.parametrize("name", ENTRIES)
def test_reference_counts_have_a_second_source(name):
    parameters = ENTRIES[name].reference.parameters
    expected = independent_count(name)
    if expected is None:
        assert not parameters.isdecimal()
    else:
        assert parameters == str(expected)


@pytest.mark.parametrize("name", ENTRIES)
def test_parameters_are_the_references(name):
    entry = ENTRIES[name]
    words = difference(count_parameters(entry), entry.reference)
    expected = {
        "hypergraph_transformer": "equal when rounded",
        "semantic_joint": "equal when rounded",
        "semantic_limb": "equal when rounded",
        "video_mae_s": "equal when rounded",
        "video_mae_b": "equal when rounded",
        "decoupled_st_cnn": "none known",
        "skeleton_transformer": "none known",
        "random_convolutions": "none known",
        "resnet3d_heatmap": "none known",
    }
    assert words == expected.get(name, "equal")


def test_every_network_has_its_words_and_a_recogniser():
    models = {entry.model for entry in ENTRIES.values()}
    assert models == set(read_networks()) == set(list_models())


def test_every_reference_has_a_source():
    for entry in ENTRIES.values():
        assert entry.reference.source
        assert entry.paper.startswith("[")


@pytest.mark.parametrize(
    ("name", "giga"),
    [
        # torchvision's own counts: of 16 frames for Swin, of one picture for ResNet-50
        ("video_swin_t", 2 * Swin3D_T_Weights.DEFAULT.meta["_ops"]),
        ("r2plus1d", R2Plus1D_18_Weights.DEFAULT.meta["_ops"]),
        ("tsm", 8 * ResNet50_Weights.DEFAULT.meta["_ops"]),
    ],
)
def test_multiply_adds_are_torchvisions(name, giga):
    assert count_multiply_adds(ENTRIES[name]) == pytest.approx(giga * 1e9, rel=1e-3)


@pytest.mark.parametrize(("name", "giga"), [("st_gcn", 3.82), ("st_gcn_pp", 1.95)])
def test_multiply_adds_are_near_the_published_ones(name, giga):
    # MMAction2's, of two persons, with normalisation
    assert 0.96 * giga * 1e9 < 2 * count_multiply_adds(ENTRIES[name]) < giga * 1e9


def test_multiply_adds_by_hand():
    entry = ENTRIES["decoupled_st_cnn"]
    options = {"base_channels": 8, "num_stages": 2, "joint_kernel": 3, "frame_kernel": 5}
    settings = {**entry.settings, "frames": 10, "model_options": options}
    small = dataclasses.replace(entry, settings=settings)
    # each half doubles its channels and halves its axis in its only block, which so has a shortcut
    joints = 10 * 9 * 3 * 16 * (3 + 1)
    frames = 5 * 9 * 16 * 32 * (5 + 1)
    assert count_multiply_adds(small) == joints + frames + 32 * 32


def test_shapes_of_inputs():
    assert input_shapes(ENTRIES["aagcn"]) == [(3, 100, 17, 1)]
    assert input_shapes(ENTRIES["poseconv3d_limb"]) == [(17, 48, 56, 56)]
    assert input_shapes(ENTRIES["rgbpose_fusion"]) == [(3, 8, 224, 224), (17, 32, 56, 56)]


@pytest.mark.parametrize(
    ("parameters", "reference", "words"),
    [
        (1000, "1000", "equal"),
        (990, "1000", "-1.00 %: why"),
        (2_649_999, "2.6 M", "equal when rounded"),
        (2_560_000, "2.6 M", "equal when rounded"),
        (2_730_000, "2.6 M", "+5.00 %: why"),
        (36_400_000, "36 M", "equal when rounded"),
        (7, "", "none known"),
    ],
)
def test_differences_in_words(parameters, reference, words):
    assert difference(parameters, Reference(reference, 2, "coco17", 1, "source", "why")) == words


def test_a_difference_needs_a_reason():
    with pytest.raises(ValueError, match=r"-1.00 %, and references.tsv gives no reason"):
        difference(990, Reference("1000", 2, "coco17", 1, "source", ""))


def test_tables_that_do_not_fit_are_told(tmp_path):
    (tmp_path / "recognisers.yaml").write_text("recognisers: {one: {}, two: {}}")
    header = "recogniser\tparameters\tclasses\tlayout\tpersons\tsource\treason\n"
    (tmp_path / "references.tsv").write_text(header + "one\t5\t2\tcoco17\t1\tbook\t\n")
    with pytest.raises(ValueError, match="only one of them has two"):
        read_entries(tmp_path)
