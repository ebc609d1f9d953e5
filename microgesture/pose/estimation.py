"""Keypoints of one person per frame through mmpose: the only file that imports it.

Any top-down model of mmpose will do: its input size, box padding, warp, normalisation and codec are
read off its config. Frames go through in batches: mmpose's own `inference_topdown` builds its
pipeline anew and runs the network once per frame; here every frame costs one affine warp, the
network is made for estimation (inference.py), and a batch costs one call of its decoder. The points
are the same but for rounding.
"""

import difflib
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch

import microgesture.pose.compatibility  # noqa: F401  (must come before mmpose)
from microgesture.configuration.pose_models import index_folder
from microgesture.pose.inference import prepared
from microgesture.pose.layouts import LAYOUT_NAMES, get_layout
from microgesture.pose.openmmlab import config_file, load_weights, read_plain_config
from microgesture.provenance.errors import BadInput

# isort: split
import mmpose.models  # noqa: F401  (registers the networks)
from mmengine.config import Config, ConfigDict
from mmengine.registry import init_default_scope
from mmengine.structures import InstanceData
from mmpose.models.builder import build_pose_estimator
from mmpose.structures import PoseDataSample
from mmpose.structures.bbox import get_udp_warp_matrix, get_warp_matrix

# Layouts of whole-body and body models by the number of their points.
_LAYOUTS_BY_SIZE = {133: "coco_wholebody133", 136: "halpe136", 17: "coco17"}


@dataclass(frozen=True)
class Preprocessing:
    """How a model wants its crops: numbers read off its mmpose config.

    padding: factor on a person box. input_size: crop's (width, height) in pixels. use_udp: warp by
    pixel centres (UDP, Huang et al. 2020) rather than by edges. mean, std: float32 (3,) in the
    model's channel order. reverse_channels: the model wants blue, green, red.
    """

    padding: float
    input_size: tuple[int, int]
    use_udp: bool
    mean: np.ndarray
    std: np.ndarray
    reverse_channels: bool


@dataclass(frozen=True)
class Estimator:
    """A loaded pose model: network on `device` in evaluation mode, preprocessing, output layout."""

    network: torch.nn.Module
    preprocessing: Preprocessing
    layout: str
    device: torch.device


def read_config(path: str | Path, trust: bool = False) -> Config:
    """An mmpose config: a file, or 'mmpose::<folder>/<name>.py' for one that mmpose ships.

    Such a file is Python that is run when it is read. Raises BadInput for one that holds more than
    plain assignments (`check_config`), unless `trust` says that the caller knows it, and for a
    file that is missing or is no config of a top-down pose model.
    """
    name = str(path)
    if not config_file(name, "mmpose").is_file():
        if not name.startswith("mmpose::"):
            raise BadInput(f"{name}: no such mmpose config; check the path in the config")
        shipped = index_folder("mmpose") / "configs"
        known = [str(p.relative_to(shipped)) for p in shipped.rglob("*wholebody*.py")]
        near = difflib.get_close_matches(name.removeprefix("mmpose::"), known, n=1, cutoff=0)
        raise BadInput(f"{name}: mmpose ships no such config; the nearest is mmpose::{near[0]}")
    config = read_plain_config(name, "mmpose", trust)
    if "model" not in config or config.model.get("type") != "TopdownPoseEstimator":
        kind = config.get("model", {}).get("type")
        raise BadInput(
            f"{name}: model type {kind!r}; expected a top-down model "
            "(model = dict(type='TopdownPoseEstimator', ...)), such as RTMPose's whole-body configs"
        )
    return config


def read_preprocessing(config: Config) -> Preprocessing:
    """The numbers of a config's test pipeline. Raises BadInput for a pipeline of another kind."""
    pipeline = config.get("test_dataloader", {}).get("dataset", {}).get("pipeline", [])
    steps = {step["type"].rsplit(".")[-1]: step for step in pipeline}
    unknown = set(steps) - {"LoadImage", "GetBBoxCenterScale", "TopdownAffine", "PackPoseInputs"}
    if unknown or "TopdownAffine" not in steps:
        raise BadInput(
            f"{config.filename}: the test pipeline has the steps {', '.join(steps) or 'none'}; "
            "expected LoadImage, GetBBoxCenterScale, TopdownAffine, PackPoseInputs"
        )
    images = config.model.get("data_preprocessor", {})
    width, height = steps["TopdownAffine"]["input_size"]
    return Preprocessing(
        padding=float(steps.get("GetBBoxCenterScale", {}).get("padding", 1.25)),
        input_size=(int(width), int(height)),
        use_udp=bool(steps["TopdownAffine"].get("use_udp", False)),
        mean=np.array(images.get("mean", (0, 0, 0)), np.float32),
        std=np.array(images.get("std", (1, 1, 1)), np.float32),
        # mmpose reads pictures as blue, green, red; ours are red, green, blue.
        reverse_channels=not (images.get("bgr_to_rgb") or images.get("rgb_to_bgr")),
    )


def build_network(config: Config) -> torch.nn.Module:
    """The network that a config describes, with random weights (nothing is downloaded)."""
    init_default_scope(config.get("default_scope", "mmpose"))
    model = ConfigDict(config.model.to_dict())
    model.backbone.init_cfg = None
    model.train_cfg = None
    return build_pose_estimator(model)


def load_estimator(
    config: str | Path,
    checkpoint: str | Path | None,
    device: str | torch.device = "cpu",
    layout: str | None = None,
    trust_config: bool = False,
    precision: str = "float32",
) -> Estimator:
    """Load a top-down pose model.

    config: an mmpose config (`read_config`). checkpoint: its weights (`read_checkpoint`); None
    leaves them random, for tests. layout: the layout of the points the model gives; known by their
    number for 133 (COCO-WholeBody), 136 (Halpe) and 17 (COCO). trust_config: see `read_config`.
    precision: see `inference.prepared`. Raises BadInput where config and checkpoint do not belong
    together.
    """
    settings = read_config(config, trust_config)
    preprocessing = read_preprocessing(settings)
    network = build_network(settings)
    joints = len(network.test_cfg.get("output_keypoint_indices") or ()) or network.head.out_channels
    layout = layout or _LAYOUTS_BY_SIZE.get(joints)
    if layout is None or get_layout(layout).num_joints != joints:
        raise BadInput(
            f"{config}: the model gives {joints} points, which is not layout {layout!r}; "
            f"name the right one with 'layout' (one of {', '.join(LAYOUT_NAMES)})"
        )
    if checkpoint is not None:
        load_weights(network, checkpoint, config, "model")
    device = torch.device(device)
    return Estimator(prepared(network, device, precision), preprocessing, layout, device)


def crop_regions(
    boxes: np.ndarray, padding: float, input_size: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """What a crop covers: centers (N, 2) and sizes (N, 2) in pixels, of the model's own shape.

    boxes: (N, 4) x0, y0, x1, y1. A box is padded, then widened to the input's aspect ratio.
    """
    boxes = np.asarray(boxes, np.float32)
    centers = (boxes[:, :2] + boxes[:, 2:]) * np.float32(0.5)
    width, height = ((boxes[:, 2:] - boxes[:, :2]) * np.float32(padding)).T
    ratio = input_size[0] / input_size[1]
    is_wide = width > height * ratio
    sizes = np.stack(
        [np.where(is_wide, width, height * ratio), np.where(is_wide, width / ratio, height)], 1
    )
    return centers, sizes.astype(np.float32)


def crop_frames(
    frames: np.ndarray, centers: np.ndarray, sizes: np.ndarray, preprocessing: Preprocessing
) -> torch.Tensor:
    """One warp per frame, then normalised: float32 (N, 3, h, w).

    frames: uint8 (N, H, W, 3) RGB; centers, sizes: (N, 2) from `crop_regions`. What lies outside
    the frame is black.
    """
    width, height = preprocessing.input_size
    matrix = get_udp_warp_matrix if preprocessing.use_udp else get_warp_matrix
    crops = np.empty((len(frames), height, width, 3), np.uint8)
    for frame, center, size, crop in zip(frames, centers, sizes, crops):
        warp = matrix(center, size, 0.0, output_size=(width, height))
        cv2.warpAffine(frame, warp, (width, height), dst=crop, flags=cv2.INTER_LINEAR)
    if preprocessing.reverse_channels:
        crops = crops[..., ::-1]
    images = torch.from_numpy(np.ascontiguousarray(crops.transpose(0, 3, 1, 2)))
    mean = torch.from_numpy(preprocessing.mean)[:, None, None]
    std = torch.from_numpy(preprocessing.std)[:, None, None]
    return (images.float() - mean) / std


def estimate_points(estimator: Estimator, frames: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Keypoints of the person in each frame's box: float32 (N, J, 3), x, y in pixels and score.

    frames: uint8 (N, H, W, 3) RGB. boxes: (N, 4) x0, y0, x1, y1 in pixels. Scores are the model's
    responses cut to [0, 1]; a point without a response is all zeros.
    """
    if len(frames) != len(boxes):
        raise ValueError(f"{len(frames)} frames, but {len(boxes)} boxes")
    joints = get_layout(estimator.layout).num_joints
    if len(frames) == 0:
        return np.zeros((0, joints, 3), np.float32)
    preprocessing = estimator.preprocessing
    centers, sizes = crop_regions(boxes, preprocessing.padding, preprocessing.input_size)
    images = crop_frames(frames, centers, sizes, preprocessing).to(estimator.device)
    flip = get_layout(estimator.layout).flip_order.tolist()
    samples = []
    for box, center, size in zip(np.asarray(boxes, np.float32), centers, sizes):
        notes = {"input_center": center, "input_scale": size, "flip_indices": flip}
        sample = PoseDataSample(metainfo=notes | {"input_size": preprocessing.input_size})
        sample.gt_instances = InstanceData(bboxes=box[None], bbox_scores=np.ones(1, np.float32))
        samples.append(sample)
    with torch.inference_mode():
        results = estimator.network.predict(images, samples)
    points = np.empty((len(frames), joints, 3), np.float32)
    for row, result in zip(points, results):
        row[:, :2] = result.pred_instances.keypoints[0]
        row[:, 2] = np.clip(result.pred_instances.keypoint_scores[0], 0, 1)
    found = np.isfinite(points).all(-1, keepdims=True) & (points[..., 2:] > 0)
    return np.where(found, points, np.float32(0))
