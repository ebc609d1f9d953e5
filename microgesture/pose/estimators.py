"""The two ways to keypoints, mediapipe and mmpose, behind one door.

Both give the same: points and scores of one person a frame, in pixels, and whom they followed.
Nothing after them knows which it was. Each is loaded only where it is asked for.
"""

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from microgesture.pose.layouts import get_layout
from microgesture.pose.subjects import Choice, find_jumps, make_tracks
from microgesture.pose.tracking import TrackingSettings, body_joints, track_person
from microgesture.provenance.errors import BadInput
from microgesture.stores.sequences import Track

# Settings that only one estimator has; the tracking of boxes is mmpose's.
MMPOSE_ONLY = (
    "config",
    "checkpoint",
    "layout",
    "batch_size",
    "trust_config",
    "precision",
    "detector",
)
_BATCH = 16  # frames that mediapipe is handed at once; its results do not depend on it

Follow = Callable[
    [Iterable[np.ndarray], float], Iterable[tuple[np.ndarray, np.ndarray, dict[int, Choice]]]
]


@dataclass(frozen=True)
class Estimator:
    """An estimator, loaded.

    layout: of the points it gives. batch_size: frames it wants at once. follow: batches of frames
    uint8 (N, H, W, 3) RGB and frames per second -> per batch points (N, J, 3), present (N,) and the
    choices made, by their place in the batch.
    """

    layout: str
    batch_size: int
    follow: Follow


def open_estimator(settings: dict, device: str = "cpu", threads: int = 1) -> Estimator:
    """Load what `chosen_settings` (microgesture/configuration/estimators.py) names.

    device: 'cpu' or 'cuda' (mmpose; mediapipe runs on the processor). threads: of the processor.
    Raises BadInput for an unknown setting, a missing package, and a fault of the model's files.
    """
    settings = dict(settings)
    estimator = settings.pop("estimator", "mmpose")
    if estimator == "mediapipe":
        return _open_mediapipe(settings, threads)
    if estimator == "mmpose":
        return _open_mmpose(settings, device, threads)
    raise BadInput(f"extract_keypoints: unknown estimator {estimator!r}; mediapipe or mmpose")


def _filled(kind: type, settings: dict, others: tuple[str, ...] = ()):
    """An object of the dataclass `kind`. Raises BadInput for settings that it does not have."""
    fields = [field.name for field in dataclasses.fields(kind)]
    if unknown := sorted(set(settings) - set(fields)):
        raise BadInput(
            f"extract_keypoints: unknown setting {', '.join(unknown)}; known are "
            f"{', '.join((*others, *sorted(fields)))}"
        )
    return kind(**settings)


def _open_mediapipe(settings: dict, threads: int) -> Estimator:
    from microgesture.pose.mediapipe_estimation import MediapipeSettings, follow_person
    from microgesture.pose.mediapipe_layout import LAYOUT
    from microgesture.pose.mediapipe_models import require_mediapipe

    require_mediapipe()
    numbers = _filled(MediapipeSettings, settings)

    def follow(batches, fps):
        for points, present, choice in follow_person(batches, numbers, fps, threads):
            yield points[None], np.array([present]), {} if choice is None else {0: choice}

    return Estimator(LAYOUT, _BATCH, follow)


def _open_mmpose(settings: dict, device: str, threads: int) -> Estimator:
    import torch

    from microgesture.pose.estimation import estimate_points, load_estimator

    torch.set_num_threads(threads)
    config, checkpoint = settings.pop("config"), settings.pop("checkpoint")
    layout, trust = settings.pop("layout", None), settings.pop("trust_config", False)
    batch_size, precision = (
        int(settings.pop("batch_size", 32)),
        settings.pop("precision", "float32"),
    )
    people = settings.pop("detector", None)
    tracking = _filled(TrackingSettings, settings, MMPOSE_ONLY)
    model = load_estimator(
        config, checkpoint, device, layout, trust_config=trust, precision=precision
    )
    body = body_joints(get_layout(model.layout))
    choose = None
    if people:
        from microgesture.pose.detection import Detector

        choose = Detector(**people, device=device, trust_config=trust).choose

    def estimate(frames, boxes):
        return estimate_points(model, frames, boxes)

    def follow(batches, fps):
        return track_person(batches, estimate, body, tracking, choose)

    return Estimator(model.layout, batch_size, follow)


def estimate_video(
    estimator: Estimator, batches: Iterable[np.ndarray], fps: float
) -> tuple[np.ndarray, np.ndarray, tuple[Track, ...]]:
    """All frames of one video: points float32 (T, J, 3), present bool (T,), whom was followed."""
    parts, shown, choices, frame = [], [], {}, 0
    for points, present, made in estimator.follow(batches, fps):
        choices |= {frame + place: choice for place, choice in made.items()}
        parts.append(points)
        shown.append(present)
        frame += len(present)
    points, present = np.concatenate(parts), np.concatenate(shown)
    jumps = find_jumps(points, present, body_joints(get_layout(estimator.layout)))
    return points, present, make_tracks(present, jumps, choices)
