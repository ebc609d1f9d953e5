"""The field's heatmaps drawn one keypoint at a time: what the fast versions are held against.

Written from the definition in microgesture/heatmaps/gaussian.py and limb.py, in the plain way that
the common toolboxes draw them: a Python loop over frames, keypoints and people, a few numpy calls
on a patch for each.
"""

import numpy as np


def plain_joints(points, size, sigma):
    """Joint heatmaps of points (M, T, V, 3) as float32 (V, T, H, W)."""
    people, frames, joints, _ = points.shape
    volume = np.zeros((joints, frames, *size), dtype=np.float32)
    for t in range(frames):
        for v in range(joints):
            for m in range(people):
                draw_blob(volume[v, t], *points[m, t, v], sigma)
    return volume


def plain_limbs(points, edges, size, sigma):
    """Limb heatmaps of points (M, T, V, 3) as float32 (L, T, H, W)."""
    people, frames = points.shape[:2]
    volume = np.zeros((len(edges), frames, *size), dtype=np.float32)
    for t in range(frames):
        for index, (a, b) in enumerate(edges):
            for m in range(people):
                draw_limb(volume[index, t], points[m, t, a], points[m, t, b], sigma)
    return volume


def draw_blob(plane, x, y, score, sigma):
    """Put one blob into plane (H, W)."""
    if score < 1e-3:
        return
    height, width = plane.shape
    left, right = max(int(x - 3 * sigma), 0), min(int(x + 3 * sigma) + 1, width)
    top, bottom = max(int(y - 3 * sigma), 0), min(int(y + 3 * sigma) + 1, height)
    columns = np.arange(left, right, dtype=np.float32)
    rows = np.arange(top, bottom, dtype=np.float32)[:, None]
    if not columns.size or not rows.size:
        return
    patch = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 2 / sigma**2) * score
    place = plane[top:bottom, left:right]
    np.maximum(place, patch, out=place)


def draw_limb(plane, start, end, sigma):
    """Put one limb between two keypoints (x, y, score) into plane (H, W)."""
    score = min(start[2], end[2])
    if score < 1e-3:
        return
    height, width = plane.shape
    (ax, ay), (bx, by) = start[:2], end[:2]
    left, right = max(int(min(ax, bx) - 3 * sigma), 0), min(int(max(ax, bx) + 3 * sigma) + 1, width)
    top, bottom = (
        max(int(min(ay, by) - 3 * sigma), 0),
        min(int(max(ay, by) + 3 * sigma) + 1, height),
    )
    columns = np.arange(left, right, dtype=np.float32)
    rows = np.arange(top, bottom, dtype=np.float32)[:, None]
    if not columns.size or not rows.size:
        return
    squared_length = (ax - bx) ** 2 + (ay - by) ** 2
    if squared_length < 1:
        draw_blob(plane, ax, ay, start[2], sigma)
        return
    to_start = (columns - ax) ** 2 + (rows - ay) ** 2
    to_end = (columns - bx) ** 2 + (rows - by) ** 2
    share = (to_start - to_end + squared_length) / 2 / squared_length
    nearest_x, nearest_y = ax + share * (bx - ax), ay + share * (by - ay)
    to_line = (columns - nearest_x) ** 2 + (rows - nearest_y) ** 2
    before, after = share <= 0, share >= 1
    squared = np.where(before, to_start, np.where(after, to_end, to_line))
    place = plane[top:bottom, left:right]
    np.maximum(place, np.exp(-squared / 2 / sigma**2) * score, out=place)


def plain_batch(clips, size, sigma, edges=None):
    """Clips of points (M, T, V, 3) as the tensor of a batch, (N, V or L, T, H, W), the field's way:
    a volume is drawn frame by frame for each clip, its axes are turned, a batch is stacked."""
    import torch

    volumes = []
    for points in clips:
        frames = []
        for t in range(points.shape[1]):
            own = points[:, t : t + 1]
            drawn = (
                plain_joints(own, size, sigma)
                if edges is None
                else plain_limbs(own, edges, size, sigma)
            )
            frames.append(drawn[:, 0])
        volume = np.stack(frames)  # (T, V, H, W)
        volumes.append(torch.from_numpy(np.ascontiguousarray(volume.transpose(1, 0, 2, 3))))
    return torch.stack(volumes)
