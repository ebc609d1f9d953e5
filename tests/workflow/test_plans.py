"""Every data set's file plans, at full size too, and every preset's network is what it says."""

import resource

import pytest
import torch

from microgesture.configuration.presets import preset_names, read_preset
from microgesture.configuration.settings import FUSION_SETTINGS, complete_settings
from microgesture.datasets.streams import in_channels
from microgesture.demo.stand_in_sheets import write_stand_in
from microgesture.pose.layouts import get_layout
from microgesture.training.fusion import fusion_options
from microgesture.weights.networks import build_network, call_build, model_module
from tests.workflow.conftest import ROOT

LAYOUT = get_layout("h68")
CLASSES = 32
# file (and the one it stands behind) -> classes, modalities, rounds of pseudo-labels, fusion
PLANS = {
    "imigue": (["imigue"], 32, 5, 2, True),
    "smg": (["smg"], 17, 5, 2, True),
    "ma52": (["ma52"], 52, 5, 0, True),
    "p1_table2": (["imigue", "p1_table2"], 32, 16, 0, True),
    "p2": (["imigue", "p2"], 32, 4, 2, False),
    "p2_on_smg": (["smg", "p2"], 17, 4, 2, False),
    "p1_table2_on_ma52": (["ma52", "p1_table2"], 52, 16, 0, True),
}
# Those whose recognisers are no presets: they plan, whatever they train.
OTHERS = [["footage"], ["msr_action3d"], ["msr_action3d", "msr_pseudo_labels"]]
# Millions of parameters that the papers and their public code give (at 17 to 25 joints and 60 or
# 400 classes: here, with 68 joints and 32 classes, graphs are larger and classifiers smaller).
PARAMETERS = {
    "st_gcn": 3.1,
    "st_gcn_pp": 1.39,
    "st_gcn_pp_strong_augmentation": 1.39,
    "aagcn": 3.8,
    "ctr_gcn": 1.4,
    "dg_stgcn": 1.7,
    "hypergraph_transformer": 2.6,
    "poseconv3d": 2.0,
    "poseconv3d_limb": 2.0,
    "rgbpose_pose": 2.0,
    "rgbpose_rgb": 31.7,
    "rgbpose_fusion": 38.0,
    "tsm": 23.9,
    "video_swin_tiny": 28.2,
    "video_swin_small": 49.8,
    "video_swin_base": 88.0,
    "video_mae_small": 22.0,
    "video_mae_base": 87.0,
    "r2plus1d": 31.5,
    "random_convolutions": 0.26,  # by hand: 8000 features x 32 classes
    "skeleton_transformer": 6.3,  # by hand: 8 layers of 12 * 256^2 weights
}
# A preset of the fusion network -> those of its RGB and pose parents.
PARENTS = {
    "rgbpose_fusion": ("rgbpose_rgb", "rgbpose_pose"),
    "demo_fusion": ("demo_rgb", "demo_heatmap"),
}
FULL_SIZE_SECONDS = 30  # of processor time: twice of what a slow machine needs


def sheet_values(paths: dict[str, str]) -> list[str]:
    """The command line's words that name the three sheets."""
    return ["--config", *(f"{kind}={path}" for kind, path in paths.items())]


@pytest.mark.parametrize("name", PLANS)
def test_data_set_plans(workspace, name):
    files, classes, modalities, rounds, fusion = PLANS[name]
    paths = write_stand_in(workspace.folder / "sheets", clips=400, videos=12, classes=classes)
    files = ["config.yaml", *(f"datasets/{file}.yaml" for file in files)]
    jobs = workspace.planned("--configfile", *files, *sheet_values(paths), "batches=2")
    assert jobs["extract_keypoints"] == jobs["decode_rgb"] == 2
    assert jobs["train_modality"] == jobs["predict_modality"] == modalities * (rounds + 1)
    assert jobs.get("select_pseudo_labels", 0) == modalities * rounds
    assert jobs.get("train_fusion", 0) == jobs.get("predict_fusion", 0) == int(fusion)
    assert jobs["combine_scores"] == jobs["score_predictions"] == 1


@pytest.mark.parametrize("files", OTHERS, ids="+".join)
def test_other_data_sets_plan(workspace, files):
    paths = write_stand_in(workspace.folder / "stand_in", clips=300, videos=9, classes=20)
    files = ["config.yaml", *(f"datasets/{file}.yaml" for file in files)]
    jobs = workspace.planned("--configfile", *files, *sheet_values(paths))
    assert jobs["train_modality"] >= 1 and jobs["index_videos"] >= 1


def test_no_data_set_is_left_out():
    planned = {file for files, *_ in PLANS.values() for file in files}
    planned |= {file for files in OTHERS for file in files}
    planned |= {"footage_hands"}  # its sheets come from real footage: tests/bench
    assert planned == {path.stem for path in (ROOT / "datasets").glob("*.yaml")}


def test_imported_keypoints_replace_the_pose_stage(workspace):
    paths = write_stand_in(workspace.folder / "sheets", 400, 12, 32, keypoints=True)
    files = ["config.yaml", "datasets/imigue.yaml"]
    jobs = workspace.planned("--configfile", *files, *sheet_values(paths), "batches=2")
    assert jobs["import_keypoints"] == 2 and "extract_keypoints" not in jobs


def test_long_videos_are_jobs_of_their_own_and_share_the_light_ones(workspace):
    paths = write_stand_in(workspace.folder / "sheets", 1500, 150, 32)
    files = ["config.yaml", "datasets/imigue.yaml"]
    jobs = workspace.planned("--configfile", *files, *sheet_values(paths), "batches=0")
    assert jobs["extract_keypoints"] == jobs["decode_rgb"] == 150
    light = {"probe_videos", "clean_keypoints", "locate_saliency"}
    assert {name: jobs[name] for name in light} == dict.fromkeys(light, jobs["probe_videos"])
    assert 50 < jobs["probe_videos"] <= 64


@pytest.mark.slow
def test_thousands_of_long_videos_plan_in_seconds(workspace):
    paths = write_stand_in(workspace.folder / "sheets", 100_000, 3400, 32)
    files = ["config.yaml", "datasets/imigue.yaml"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    jobs = workspace.planned("--configfile", *files, *sheet_values(paths), "batches=0")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert jobs["extract_keypoints"] == jobs["decode_rgb"] == 3400
    assert seconds < 2 * FULL_SIZE_SECONDS


def test_imigue_plans_at_full_size_in_seconds(workspace):
    write_stand_in(workspace.folder / "data" / "imigue", clips=18232, videos=359, classes=32)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    jobs = workspace.planned("--configfile", "config.yaml", "datasets/imigue.yaml")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert jobs["extract_keypoints"] == 60 and jobs["train_modality"] == 15
    assert seconds < FULL_SIZE_SECONDS


def built(name: str) -> tuple[torch.nn.Module, tuple[torch.Tensor, ...]]:
    """A preset's network and two clips of the preset's own size, both without memory (meta)."""
    recipe = read_preset(name)
    with torch.device("meta"):
        if "stream" in recipe:
            settings = complete_settings(recipe)
            stream = settings["stream"]
            network = build_network(
                settings["model"],
                stream,
                CLASSES,
                LAYOUT,
                dropout=settings["dropout"],
                options=settings["model_options"],
            )
            inputs = (clips_of(stream, settings),)
        else:
            settings = complete_settings(recipe, FUSION_SETTINGS)
            parents = [complete_settings(read_preset(parent)) for parent in PARENTS[name]]
            options = fusion_options(settings, *(parent["model_options"] for parent in parents))
            network = call_build(
                model_module("rgbpose_fusion"),
                CLASSES,
                in_channels=in_channels("joint_heatmap", LAYOUT, 2),
                layout=LAYOUT,
                dropout=settings["dropout"],
                **options,
            )
            inputs = (clips_of("rgb", settings), clips_of("joint_heatmap", settings))
    return network.to("meta"), inputs  # some graphs are made of numpy arrays


def clips_of(stream: str, settings: dict) -> torch.Tensor:
    """Two clips of a stream at the settings' size."""
    if stream == "rgb":
        side = settings["rgb_size"]
        return torch.empty(2, 3, settings["rgb_frames"], side, side)
    channels, frames = in_channels(stream, LAYOUT, 2), settings["frames"]
    if stream.endswith("heatmap"):
        return torch.empty(2, channels, frames, settings["size"], settings["size"])
    return torch.empty(2, channels, frames, LAYOUT.num_joints, 1)


@pytest.mark.parametrize("name", preset_names())
def test_network_of_a_preset_takes_clips_of_its_size(name):
    network, inputs = built(name)
    logits = network(*inputs)
    logits = logits if isinstance(logits, tuple) else (logits,)
    assert all(values.shape == (2, CLASSES) for values in logits)
    assert len(logits) == len(inputs)
    if name in PARAMETERS:
        count = sum(parameter.numel() for parameter in network.parameters()) / 1e6
        assert count == pytest.approx(PARAMETERS[name], rel=0.2)


def test_every_reference_preset_has_its_size_checked():
    ours = {"decoupled_st_cnn"}  # no published network
    assert {n for n in preset_names() if not n.startswith("demo_")} - ours == set(PARAMETERS)
