"""People in a frame through mmdet: the only file that imports it.

A whole-body model looks into a box. Where nobody is followed yet, and where the one followed is
lost, a detector says where people are; in between the keypoints themselves give the box
(tracking.py), so that it is asked rarely, and mmdet's own call for one picture will do.
"""

import numpy as np
import torch

import microgesture.pose.compatibility  # noqa: F401  (must come before mmdet)
from microgesture.pose.openmmlab import config_file, load_weights, read_plain_config
from microgesture.pose.subjects import Choice, choose_person
from microgesture.provenance.errors import BadInput

# isort: split
import mmdet.models  # noqa: F401  (registers the networks)
from mmdet.apis import inference_detector
from mmdet.registry import MODELS
from mmengine.config import Config
from mmengine.registry import DefaultScope

_PERSON = 0  # COCO's first class


class Detector:
    """A loaded detector that says whom to follow.

    config: an mmdet config (a file, or 'mmdet::<folder>/<name>.py' for one that mmdet ships).
    checkpoint: its weights; None leaves them random, for tests. threshold: least score of a person.
    trust_config: as for pose models. Raises BadInput where they do not belong together.
    """

    def __init__(
        self,
        config: str,
        checkpoint: str | None,
        threshold: float = 0.5,
        device: str = "cpu",
        trust_config: bool = False,
    ):
        settings = _read_config(config, trust_config)
        self.threshold = float(threshold)
        with DefaultScope.overwrite_default_scope("mmdet"):
            self._network = MODELS.build(settings.model)
        self._network.cfg = settings
        if checkpoint is not None:
            load_weights(self._network, checkpoint, config, "detector")
        self._network.to(torch.device(device)).eval()

    def find(self, frame: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Everybody in a frame uint8 (H, W, 3) RGB: boxes float32 (N, 4) x0, y0, x1, y1 in pixels
        inside the frame, and scores (N,)."""
        with DefaultScope.overwrite_default_scope("mmdet"):
            found = inference_detector(self._network, np.ascontiguousarray(frame[..., ::-1]))
        found = found.pred_instances.cpu().numpy()
        people = found.labels == _PERSON
        limits = np.array([frame.shape[1], frame.shape[0]] * 2, np.float32)
        return found.bboxes[people].clip(0, limits), found.scores[people]

    def choose(
        self, frame: np.ndarray, last: np.ndarray | None
    ) -> tuple[np.ndarray, Choice] | None:
        """The box (4,) of the person to follow and why, or None for nobody; last: the box (4,) of
        the one followed until a moment ago, None = anybody (`choose_person`)."""
        boxes, scores = self.find(frame)
        before = None if last is None else _around(last[None])[0]
        picture = frame.shape[1], frame.shape[0]
        choice = choose_person(_around(boxes), scores, picture, before, self.threshold)
        return None if choice is None else (boxes[choice.index], choice)


def _around(boxes: np.ndarray) -> np.ndarray:
    """Boxes (N, 4) as `choose_person` has them: middle and longer side first, (N, 5)."""
    low, high = boxes[:, :2], boxes[:, 2:]
    side = (high - low).max(1, keepdims=True, initial=0)
    return np.concatenate([(low + high) / 2, side, high - low], 1)


def _read_config(path: str, trust: bool) -> Config:
    if not config_file(path, "mmdet").is_file():
        raise BadInput(
            f"{path}: no such mmdet config; check extract_keypoints: detector: config, or name a "
            "model of mmdet's index with extract_keypoints: detector: model"
        )
    config = read_plain_config(path, "mmdet", trust)
    if "model" not in config or "backbone" not in config.model:
        raise BadInput(f"{path}: is no detector's config: it has no `model` with a `backbone`")
    config.model.backbone.init_cfg = None  # nothing is downloaded
    return config
