"""Messages about what configuration and sheets show together, before the first job."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from microgesture.configuration.checked import checked_configuration
from microgesture.configuration.plan_checks import check_plan
from microgesture.configuration.plans import ROOT
from microgesture.configuration.presets import read_yaml
from microgesture.configuration.runs import Runs, laid_over
from microgesture.stores.sequences import Sequence, write_sequences
from microgesture.tables.sheets import Sheets
from tests.errors.case import Case

CHAPTER = "The plan"
ALONE = {"train_fusion": {"enabled": False}}
WEIGHTS = "resources/weights/swin/model.safetensors"
SPLITS = ("train", "train", "val", "test")


def tables(splits: tuple[str, ...], **columns) -> Sheets:
    """A video and two clips for each split."""
    videos = pd.DataFrame({"video": [f"int{n:02d}" for n in range(len(splits))]})
    videos = videos.assign(path=videos["video"] + ".mp4", subject=videos["video"], batch="")
    videos = videos.assign(fps=np.nan, keypoints="", keypoints_2d="").assign(**columns)
    rows = [
        (f"{video}_{k}", video, video, 0, 9, k, split)
        for video, split in zip(videos["video"], splits)
        for k in range(2)
    ]
    names = ["clip", "video", "subject", "start", "end", "label", "split"]
    labels = pd.DataFrame({"label": [0, 1], "name": ["touching neck", "rubbing hands"]})
    return Sheets(
        videos, pd.DataFrame(rows, columns=names), labels.assign(description="", group="")
    )


def plan(overlay: dict | None = None, splits: tuple = SPLITS, processes: int = 1, **columns):
    """Checks the shipped configuration with `overlay` on these sheets."""

    def ask(folder: Path) -> None:
        given = laid_over(
            read_yaml(ROOT / "config.yaml"), {"clips": "clips.tsv", "videos": "videos.tsv"}
        )
        runs = Runs(laid_over(given, overlay or {}), checked_configuration)
        check_plan(runs, tables(splits, **columns), processes=processes)

    return ask


def stored(layout: str, joints: int, dims: int, overlay: dict, videos=4) -> Callable[[Path], None]:
    """The same with imported keypoints of a layout."""

    def ask(folder: Path) -> None:
        points = np.ones((1, 3, joints, dims + 1), np.float32)
        one = Sequence(points, np.ones(3, bool), layout, 64, 48, 25.0)
        store = folder / "keypoints.h5"
        write_sequences(store, [(f"int{n:02d}", one) for n in range(videos)])
        plan(overlay, keypoints=str(store))(folder)

    return ask


CASES = [
    Case("A fusion parent that is not there", plan({"modalities": {"rgb": None}})),
    Case("A fusion parent of the wrong kind", plan({"train_fusion": {"pose_parent": "joint"}})),
    Case("Branches whose frames do not meet", plan({"train_fusion": {"frames": 10, "rgb_frames": 4}})),
    Case("A modality called like the two-branch network", plan({"modalities": {"fusion": {"preset": "demo_joint"}}})),
    Case("A network that does not take the stream", plan({"modalities": {"joint": {"model": "tsm", "model_options": {}}}})),
    Case("An option that the network does not have", plan({"modalities": {"joint": {"model_options": {"base_chanels": 8}}}})),
    Case("No validation clips", plan(splits=("train", "train", "test"))),
    Case("The best epoch without validation clips", plan({"fit_temperatures": {"calibrate": False, "weights": "equal"}, "train_modality": {"checkpoint": "best"}, "modalities": {"joint": None, "rgb": None}, "rounds": 0, **ALONE}, splits=("train", "train", "test"))),
    Case("A weight for a member that does not exist", plan({"fit_temperatures": {"weights": {"rbg": 2, "joint": 1}}})),
    Case("No weight above 0", plan({"fit_temperatures": {"weights": {"joint": 0}}})),
    Case("Cross-fitting over one person", plan({"fit_temperatures": {"weights": "cross_fitted"}})),
    Case("Snapshots of the best epoch", plan({"modalities": {"rgb": {"snapshots": {"count": 3}, "checkpoint": "best"}}})),
    Case("Skeletons cut like pictures", plan({"modalities": {"joint": {"augmentation": {"cutmix": 1.0}}}})),
    Case("Rounds of pseudo-labels without a teacher", plan({"modalities": {"heatmap": None, "rgb": None}, **ALONE})),
    Case("Rounds of pseudo-labels with nobody to label", plan(splits=("train", "train", "val"))),
    Case("Half of one test subject", plan({"select_pseudo_labels": {"mode": "inductive"}})),
    Case("Pictures without videos", plan(path="", keypoints="")),
    Case("A batch that the GPUs cannot share", plan({"modalities": {"heatmap": None, "rgb": None}, "rounds": 0, **ALONE}, processes=3)),
    Case("A pose model that is not there", plan({"extract_keypoints": {"checkpoint": "resources/weights/rtmw-m.pth"}})),
    Case("First weights that are not there", plan({"modalities": {"rgb": {"initial_weights": "old/model.safetensors"}}})),
    Case("First weights that no import makes", plan({"modalities": {"rgb": {"initial_weights": WEIGHTS}}})),
    Case("First weights of another network", plan({"modalities": {"rgb": {"initial_weights": WEIGHTS}}, "import_weights": {"swin": {"model": "video_swin", "stream": "rgb", "url": "https://example.org/swin.pth"}}})),
    Case("Published weights from nowhere", plan({"modalities": {"rgb": {"initial_weights": WEIGHTS}}, "import_weights": {"swin": {"model": "resnet3d", "stream": "rgb"}}})),
    Case("Pre-training of a stream that it is not made for", plan({"modalities": {"rgb": {"pretrain": {"method": "masked_motion"}}}})),
    Case("Pre-training on a choice that is none", plan({"modalities": {"joint": {"pretrain": {"method": "masked_motion", "clips": "labeled"}}}})),
    Case("Class vectors that are not there", plan({"train_fusion": {"semantic_loss": {"form": "cosine", "vectors": "words.npz"}}})),
    Case("Class vectors that are too short", plan({"train_fusion": {"semantic_loss": {"form": "cosine", "dimension": 1}}})),
    Case("A challenge's form for other classes", plan({"combine_scores": {"submission": "ma52"}})),
    Case("Imported keypoints that lack a video", stored("h68", 68, 2, {}, videos=3)),
    Case("Heatmaps of points in space", stored("msr20", 20, 3, {"layout": "msr20", "modalities": {"rgb": None}, **ALONE})),
]  # fmt: skip
