"""How close estimated keypoints are to the true ones: PCK and OKS.

PCK (percentage of correct keypoints; Yang & Ramanan 2013): share of the points within a part of the
torso's length of the truth. OKS (object keypoint similarity; COCO, for whole bodies Jin et al.
2020): mean over points of exp(-d^2 / (2 area k^2)), k a constant per point.
Only points that can truly be seen (true score > 0) count. A point that was not estimated (score 0,
or a frame marked as without a person) counts as wrong.
"""

import numpy as np

from microgesture.pose.layouts import get_layout

LAYOUT = "coco_wholebody133"
PARTS = {"body": range(0, 17), "face": range(23, 91), "hands": range(91, 133)}

# COCO's sigmas of the 17 body points (k = 2 sigma); for face and hands the means of COCO-WholeBody.
_BODY_SIGMAS = (
    0.026, 0.025, 0.025, 0.035, 0.035, 0.079, 0.079, 0.072, 0.072, 0.062, 0.062,
    0.107, 0.107, 0.087, 0.087, 0.089, 0.089,
)  # fmt: skip
_FOOT_SIGMA, _FACE_SIGMA, _HAND_SIGMA = 0.075, 0.020, 0.028
SIGMAS = np.array(
    [*_BODY_SIGMAS, *[_FOOT_SIGMA] * 6, *[_FACE_SIGMA] * 68, *[_HAND_SIGMA] * 42], np.float64
)


def torso_lengths(truth: np.ndarray) -> np.ndarray:
    """Distance of the middle of the shoulders to the middle of the hips: (T,) pixels.

    truth: (T, 133, 3); the coordinates are used even where the hips are hidden (score 0 beside true
    coordinates). Where shoulders or hips have no coordinates at all (all zeros), the median of the
    other frames stands in; NaN if there is none.
    """
    joints = get_layout(LAYOUT).joints
    ends = []
    for name in ("shoulder", "hip"):
        pair = [joints.index(f"{side}_{name}") for side in ("left", "right")]
        points = truth[:, pair, :2].astype(np.float64)
        known = (truth[:, pair, 2] > 0) | points.any(-1)
        ends.append(np.where(known.all(1)[:, None], points.mean(1), np.nan))
    lengths = np.linalg.norm(ends[0] - ends[1], axis=-1)
    known = np.isfinite(lengths)
    return np.where(known, lengths, np.median(lengths[known]) if known.any() else np.nan)


def point_errors(points: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Distances in pixels, (T, J): inf where not estimated, NaN where the truth cannot be seen."""
    distances = np.linalg.norm(points[..., :2].astype(np.float64) - truth[..., :2], axis=-1)
    distances = np.where(points[..., 2] > 0, distances, np.inf)
    return np.where(truth[..., 2] > 0, distances, np.nan)


def point_similarities(errors: np.ndarray, areas: np.ndarray) -> np.ndarray:
    """OKS terms (T, J) from `point_errors` (T, 133) and the person's areas (T,) in pixels^2."""
    spread = 2 * areas[:, None] * (2 * SIGMAS) ** 2
    return np.exp(-(errors**2) / np.maximum(spread, 1e-9))


def person_areas(truth: np.ndarray) -> np.ndarray:
    """Area of the box around the points that can be seen, times .53 as COCO's mask has it: (T,)."""
    known = truth[..., 2:] > 0
    low = np.where(known, truth[..., :2], np.inf).min(1)
    high = np.where(known, truth[..., :2], -np.inf).max(1)
    return np.where(known.any((1, 2)), 0.53 * (high - low).prod(-1), 0.0)


def score_frames(points: np.ndarray, truth: np.ndarray, fraction: float = 0.2) -> dict[str, dict]:
    """Sums over frames, to be added up over videos: part -> {points, correct, similarity, missed}.

    points, truth: (T, 133, 3). fraction: of the torso's length within which a point is correct.
    points counts the points that can be seen, in videos whose torso is known; missed those of them
    that were not estimated.
    """
    lengths = torso_lengths(truth)
    errors = point_errors(points, truth)
    errors[~(lengths > 0)] = np.nan
    correct = errors <= fraction * lengths[:, None]
    similarity = point_similarities(errors, person_areas(truth))
    sums = {}
    for part, numbers in PARTS.items():
        part_errors = errors[:, list(numbers)]
        seen = ~np.isnan(part_errors)
        sums[part] = {
            "points": int(seen.sum()),
            "correct": int(correct[:, list(numbers)].sum()),
            "similarity": float(similarity[:, list(numbers)][seen].sum()),
            "missed": int(np.isinf(part_errors).sum()),
        }
    return sums


def score_presence(present: np.ndarray, truth: np.ndarray) -> dict[str, int]:
    """Frames, frames with a person, people missed and people invented.

    present: bool (T,) as estimated; truth: bool (T,).
    """
    return {
        "frames": len(truth),
        "with_person": int(truth.sum()),
        "missed": int((truth & ~present).sum()),
        "invented": int((present & ~truth).sum()),
    }
