"""From one keypoint layout to another, joint by joint."""

import numpy as np

from microgesture.pose.layouts import Layout, get_layout
from microgesture.provenance.errors import BadInput

# Points that lie halfway between two others: made from them where a layout does not have them.
MIDPOINTS = {
    "neck": ("left_shoulder", "right_shoulder"),
    "middle_hip": ("left_hip", "right_hip"),
}


def joint_sources(source: Layout, target: Layout) -> tuple[tuple[int, ...], ...]:
    """For every joint of `target`, the joints of `source` whose mean it is.

    One joint where both layouts have it, two for a midpoint, none where it cannot be had.
    """
    number = {joint: index for index, joint in enumerate(source.joints)}

    def sources_of(joint: str) -> tuple[int, ...]:
        if joint in number:
            return (number[joint],)
        ends = MIDPOINTS.get(joint, ())
        return tuple(number[end] for end in ends) if all(end in number for end in ends) else ()

    return tuple(sources_of(joint) for joint in target.joints)


def convert_points(points: np.ndarray, source: str, target: str) -> np.ndarray:
    """Rearrange keypoints from the layout named `source` to the one named `target`.

    points: float (..., J, D+1), coordinates and, last, a score in [0, 1]; score 0 (or anything not
    finite) = missing. Returns a new float32 array (..., J', D+1). A derived point (neck or middle
    of the hips, where `source` lacks them) is the mean of its parents with the smaller of their
    scores. A missing point is all zeros. Raises BadInput if the number of joints is not that of
    `source`, or if the two layouts have no joint in common.
    """
    source_layout, target_layout = get_layout(source), get_layout(target)
    points = np.asarray(points, np.float32)
    if points.ndim < 2 or points.shape[-2] != source_layout.num_joints:
        raise BadInput(
            f"keypoints of shape {points.shape} are not of layout {source!r}: expected "
            f"(..., {source_layout.num_joints}, coordinates + score). Name the layout that the "
            "data really has."
        )
    known = np.isfinite(points).all(-1) & (points[..., -1] > 0)
    points = np.where(known[..., None], points, np.float32(0))
    if source == target:
        return points
    sources = joint_sources(source_layout, target_layout)
    if not any(sources):
        raise BadInput(f"layouts {source!r} and {target!r} have no joint in common.")
    # A point that is copied is its own "second parent", so one rule serves both kinds.
    has_source = np.array([bool(numbers) for numbers in sources])
    first = np.array([numbers[0] if numbers else 0 for numbers in sources])
    second = np.array([numbers[-1] if numbers else 0 for numbers in sources])
    out = (points[..., first, :] + points[..., second, :]) / 2
    out[..., -1] = np.minimum(points[..., first, -1], points[..., second, -1])
    return np.where(has_source[:, None] & (out[..., -1:] > 0), out, np.float32(0))
