"""Batched estimation gives what mmpose's own one-frame-at-a-time call gives."""

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from microgesture.pose.estimation import (
    build_network,
    crop_regions,
    estimate_points,
    load_estimator,
    read_config,
)
from microgesture.pose.layouts import get_layout
from microgesture.provenance.errors import BadInput

DEMO_CONFIG = Path(__file__).parents[2] / "resources" / "pose" / "demo_wholebody.py"


@pytest.fixture(scope="module")
def estimator():
    torch.manual_seed(0)
    return load_estimator(DEMO_CONFIG, None)


def random_scene(frames=5, height=120, width=160):
    rng = np.random.default_rng(3)
    small = rng.integers(0, 255, (frames, height // 8, width // 8, 3), dtype=np.uint8)
    pictures = small.repeat(8, 1).repeat(8, 2)
    boxes = np.array(
        [
            [0, 0, 160, 120],
            [10, 5, 70, 110],
            [80.5, 30.25, 150, 60],
            [-20, 40, 60, 140],
            [5, 5, 9, 9],
        ]
    )
    return pictures, boxes[:frames]


def by_mmpose(config, network, frames, boxes):
    """x, y, score of `inference_topdown`, one frame at a time, on BGR pictures as it expects."""
    from mmpose.apis import inference_topdown
    from mmpose.datasets.datasets.utils import parse_pose_metainfo

    network.cfg = config
    network.dataset_meta = parse_pose_metainfo(
        {"from_file": "configs/_base_/datasets/coco_wholebody.py"}
    )
    rows = []
    for frame, box in zip(frames, boxes):
        found = inference_topdown(network, np.ascontiguousarray(frame[..., ::-1]), box[None])
        found = found[0].pred_instances
        rows.append(np.concatenate([found.keypoints[0], found.keypoint_scores[0][:, None]], 1))
    return np.stack(rows)


def random_network(config) -> torch.nn.Module:
    """mmpose's own, with responses and statistics as large as a trained network's."""
    torch.manual_seed(1)
    network = build_network(read_config(config)).eval()
    with torch.no_grad():
        network.head.cls_x.weight.mul_(300)
        network.head.cls_y.weight.mul_(300)
        for module in network.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.running_mean.uniform_(-0.1, 0.1)
                module.running_var.uniform_(0.5, 1.5)
                module.weight.uniform_(0.5, 1.5)
                module.bias.uniform_(-0.1, 0.1)
    return network


@pytest.mark.parametrize("change", ["as it is", "flip test", "udp", "bgr"])
def test_same_points_as_inference_topdown(change, tmp_path):
    text = DEMO_CONFIG.read_text()
    replaced = {
        "flip test": ("flip_test=False", "flip_test=True"),
        "udp": ('"TopdownAffine", ', '"TopdownAffine", use_udp=True, '),
        "bgr": ("bgr_to_rgb=True", "bgr_to_rgb=False"),
    }.get(change, ("", ""))
    assert replaced[0] in text
    path = tmp_path / "config.py"
    path.write_text(text.replace(*replaced) if replaced[0] else text)
    network = random_network(path)
    torch.save({"state_dict": network.state_dict()}, tmp_path / "w.pth")
    frames, boxes = random_scene()
    ours = estimate_points(load_estimator(path, tmp_path / "w.pth"), frames, boxes)
    theirs = by_mmpose(read_config(path), network, frames, boxes)
    known = theirs[..., 2] > 0
    assert known.mean() > 0.5
    np.testing.assert_allclose(ours[known][:, :2], theirs[known][:, :2], atol=1e-3)
    np.testing.assert_allclose(ours[..., 2], theirs[..., 2].clip(0, 1), atol=1e-5)
    assert not ours[~known].any()


def test_the_flip_order_is_mmposes():
    from mmpose.datasets.datasets.utils import parse_pose_metainfo

    for name, file in (("coco_wholebody133", "coco_wholebody"), ("halpe136", "halpe")):
        meta = parse_pose_metainfo({"from_file": f"configs/_base_/datasets/{file}.py"})
        assert get_layout(name).flip_order.tolist() == meta["flip_indices"]


def test_crop_regions_pad_and_keep_the_aspect():
    centers, sizes = crop_regions(np.array([[0, 0, 40, 20], [10, 10, 20, 50]]), 1.25, (96, 128))
    np.testing.assert_allclose(centers, [[20, 10], [15, 30]])
    np.testing.assert_allclose(sizes, [[50, 50 / 0.75], [50 * 0.75, 50]])


def test_no_frames_give_no_points(estimator):
    points = estimate_points(estimator, np.zeros((0, 8, 8, 3), np.uint8), np.zeros((0, 4)))
    assert points.shape == (0, 133, 3)


def test_a_saved_checkpoint_is_read_back(tmp_path):
    network = random_network(DEMO_CONFIG)
    state = {name: value.half() for name, value in network.state_dict().items()}
    torch.save(
        {"state_dict": state, "meta": {"note": "x", "sigmas": np.ones(3)}}, tmp_path / "w.pth"
    )
    again = load_estimator(DEMO_CONFIG, tmp_path / "w.pth")
    weight = network.head.cls_x.weight
    assert torch.equal(again.network.head.cls_x.weight, weight.half().float())


class Surprise:
    def __reduce__(self):
        return (print, ("this must never be printed",))


def test_a_checkpoint_that_is_more_than_weights_is_refused(tmp_path, capsys):
    path = tmp_path / "hostile.pth"
    torch.save({"state_dict": {}, "meta": Surprise()}, path)
    with pytest.raises(BadInput, match="save the weights alone"):
        load_estimator(DEMO_CONFIG, path)
    assert "never be printed" not in capsys.readouterr().out


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut short", pickle.dumps({"a": 1})])
def test_a_damaged_checkpoint_is_bad_input(tmp_path, content):
    path = tmp_path / "damaged.pth"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"damaged\.pth"):
        load_estimator(DEMO_CONFIG, path)


def test_weights_of_another_model_are_refused(tmp_path, estimator):
    state = estimator.network.state_dict()
    torch.save({"state_dict": {"head.cls_x.weight": torch.zeros(3, 3)}}, tmp_path / "a.pth")
    del state["head.cls_x.weight"]
    torch.save({"state_dict": state}, tmp_path / "b.pth")
    for name in ("a.pth", "b.pth"):
        with pytest.raises(BadInput, match="another model"):
            load_estimator(DEMO_CONFIG, tmp_path / name)


def test_configs_are_checked(tmp_path):
    with pytest.raises(BadInput, match="no such mmpose config"):
        read_config(tmp_path / "absent.py")
    (tmp_path / "other.py").write_text("model = dict(type='BottomupPoseEstimator')\n")
    with pytest.raises(BadInput, match="expected a top-down model"):
        read_config(tmp_path / "other.py")
    with pytest.raises(BadInput, match="the nearest is mmpose::wholebody_2d_keypoint/"):
        read_config("mmpose::wholebody_2d_keypoint/rtmpose/absent.py")
    with pytest.raises(BadInput, match="layout"):
        load_estimator(DEMO_CONFIG, None, layout="coco17")


def test_a_config_that_mmpose_ships_can_be_built():
    name = (
        "wholebody_2d_keypoint/rtmpose/coco-wholebody/rtmpose-m_8xb64-270e_coco-wholebody-256x192"
    )
    network = build_network(read_config(f"mmpose::{name}.py"))
    assert network.head.out_channels == 133
