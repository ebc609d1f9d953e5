"""Pictures for training the demo's pose model: rendered once, kept small, drawn as crops.

The people are the renderer's, but never those of the demo's videos. Some pictures show an empty
room, and some show nothing of the renderer's at all (clutter, pieces of photographs), so that the
model learns what nobody looks like, in drawn rooms and elsewhere.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from microgesture.demo.render import POSE_PEOPLE, sample_pose_frames
from microgesture.demo.renderer import Renderer, perform
from microgesture.demo.schedule import plan_pose_poses
from microgesture.demo.subjects import make_subject
from microgesture.pose.layouts import get_layout
from microgesture.provenance.files import written_whole

LAYOUT = "coco_wholebody133"
_JPEG_QUALITY = 90
_SMALLEST_BOX = 16  # pixels
_EMPTY_ROOMS = 7  # added to the seed: rooms that no person of the training set stands in


@dataclass(frozen=True)
class Pictures:
    """JPEG pictures end to end (uint8) with their offsets (N + 1,) and points (N, 133, 3).

    Points are x, y in pixels and 1 (visible) or 0; a picture of an empty room has zeros only.
    """

    packed: np.ndarray
    offsets: np.ndarray
    points: np.ndarray

    def __len__(self) -> int:
        return len(self.points)

    def read(self, number: int) -> np.ndarray:
        """uint8 (H, W, 3) RGB."""
        data = self.packed[self.offsets[number] : self.offsets[number + 1]]
        return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])


def sample_empty_rooms(count: int, seed: int, size: tuple[int, int]):
    """`count` pictures, uint8 (H, W, 3), of rooms with nobody at their middle."""
    for number in range(count):
        key = (seed + _EMPTY_ROOMS, POSE_PEOPLE, number)
        rng = np.random.default_rng([*key, 43])
        subject = make_subject(key, variation=1.25, occlusion=0.5)
        plan, moments = plan_pose_poses(number, 2, 15.0, 5, rng)
        renderer = Renderer(
            subject, perform(subject, plan), size, 15.0, noise=float(rng.uniform(0.3, 1.6))
        )
        renderer.drawn[:] = False
        yield renderer.draw(moments[-1])


def _clouds(size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Smooth coloured noise over several scales: float32 (H, W, 3) in 0..255."""
    height, width = size
    image = np.zeros((height, width, 3), np.float32)
    for cells in (2, 4, 8, 16, 32, 64):
        noise = rng.standard_normal((cells, cells, 3), np.float32)
        weight = np.float32(cells ** -rng.uniform(0.3, 1.2))
        image += weight * cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
    image = image * np.float32(rng.uniform(0.1, 1.0)) + image.mean(-1, keepdims=True)
    image = (image - image.mean()) / max(float(image.std()), 1e-6)
    colour = rng.uniform(40, 215, 3).astype(np.float32)
    return np.clip(colour + image * np.float32(rng.uniform(8, 55)), 0, 255)


def _shapes(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The picture with some boxes, ellipses and lines drawn on it."""
    height, width = image.shape[:2]
    for _ in range(int(rng.integers(2, 16))):
        colour = tuple(float(value) for value in rng.uniform(0, 255, 3))
        x, y = int(rng.integers(width)), int(rng.integers(height))
        reach = rng.uniform(4, 90, 2).astype(int)
        kind, angle = rng.integers(3), float(rng.uniform(0, 180))
        if kind == 0:
            corners = cv2.boxPoints(((x, y), (float(reach[0]), float(2 * reach[1])), angle))
            cv2.fillPoly(image, [corners.astype(np.int32)], colour, lineType=cv2.LINE_AA)
        elif kind == 1:
            axes = (int(reach[0]), int(reach[1]))
            cv2.ellipse(image, (x, y), axes, angle, 0, 360, colour, -1, lineType=cv2.LINE_AA)
        else:
            end = (int(rng.integers(width)), int(rng.integers(height)))
            cv2.line(image, (x, y), end, colour, int(rng.integers(1, 12)), lineType=cv2.LINE_AA)
    return image


def sample_clutter(count: int, seed: int, size: tuple[int, int]):
    """`count` pictures, uint8 (H, W, 3), without people or drawn rooms.

    Clouds of noise, shapes on them, and pieces of the two photographs (a temple, a flower) that
    scikit-learn brings, under any turn, scale and colour.
    """
    if count == 0:
        return
    from sklearn.datasets import load_sample_images  # not in the pose stage's own environment

    photographs = load_sample_images().images
    height, width = size
    for number in range(count):
        rng = np.random.default_rng([seed, 47, number])
        if rng.random() < 0.5:
            photograph = photographs[int(rng.integers(len(photographs)))][..., rng.permutation(3)]
            middle = (rng.uniform(0.1, 0.9, 2) * photograph.shape[1::-1]).tolist()
            turn = float(rng.normal(0, 25)) if rng.random() < 0.7 else float(rng.uniform(0, 360))
            warp = cv2.getRotationMatrix2D(middle, turn, float(np.exp(rng.uniform(-0.6, 1.2))))
            warp[:, 2] += np.array([width, height]) / 2 - middle
            image = cv2.warpAffine(
                np.ascontiguousarray(photograph), warp, (width, height),
                borderMode=cv2.BORDER_REFLECT,
            ).astype(np.float32)  # fmt: skip
        else:
            image = _clouds(size, rng)
        if rng.random() < 0.5:
            image = _shapes(np.ascontiguousarray(image), rng)
        if rng.random() < 0.5:
            image = cv2.GaussianBlur(image, (0, 0), float(rng.uniform(0.4, 3)))
        yield np.clip(image, 0, 255).astype(np.uint8)


def render_pictures(
    path: str | Path, count: int, empty: int, clutter: int, seed: int, size=(240, 320)
) -> None:
    """Make one .npz file: `count` pictures of people, `empty` of rooms, `clutter` of neither."""
    packed, points = [], []

    def add(frame, keypoints):
        options = [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]
        packed.append(cv2.imencode(".jpg", frame[..., ::-1], options)[1].ravel())
        points.append(keypoints)

    joints = get_layout(LAYOUT).num_joints
    with tqdm(total=count + empty + clutter, unit="picture", desc="rendering") as progress:
        for frame, keypoints, _ in sample_pose_frames(count, seed, size, poses_per_subject=12):
            add(frame, keypoints)
            progress.update()
        for samples in (sample_empty_rooms(empty, seed, size), sample_clutter(clutter, seed, size)):
            for frame in samples:
                add(frame, np.zeros((joints, 3), np.float32))
                progress.update()
    offsets = np.cumsum([0, *(len(data) for data in packed)])
    with written_whole(path) as temporary:
        np.savez(temporary, packed=np.concatenate(packed), offsets=offsets, points=np.stack(points))


def load_pictures(path: str | Path) -> Pictures:
    """What `render_pictures` wrote."""
    with np.load(path) as file:
        return Pictures(file["packed"], file["offsets"], file["points"])


def draw_box(points: np.ndarray, size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """A box (4,) as the tracking might give it: around the visible points, but never exactly.

    One in six is the whole frame, as where nobody has been seen yet; one in twenty lies anywhere.
    """
    height, width = size
    whole = np.array([0, 0, width, height], np.float64)
    known = points[points[:, 2] > 0, :2].astype(np.float64)
    fate = rng.random()
    if len(known) < 3 or fate < 1 / 6:
        extent = whole[2:] * rng.uniform(0.85, 1.15)
        middle = whole[2:] / 2 + rng.normal(0, 0.03, 2) * whole[2:]
    elif fate < 1 / 6 + 1 / 20:
        extent = whole[2:] * rng.uniform(0.2, 0.8, 2)
        middle = rng.uniform(0, 1, 2) * whole[2:]
    else:
        low, high = known.min(0), known.max(0)
        margin = 0.1 * (high - low)
        low, high = (low - margin).clip(0, whole[2:]), (high + margin).clip(0, whole[2:])
        extent = np.maximum(high - low, _SMALLEST_BOX)
        extent = extent * rng.uniform(0.8, 1.35) * rng.uniform(0.92, 1.08, 2)
        middle = (low + high) / 2 + rng.normal(0, 0.06, 2) * (high - low)
    return np.concatenate([middle - extent / 2, middle + extent / 2])


def draw_crop(
    frame: np.ndarray,
    points: np.ndarray,
    input_size: tuple[int, int],
    padding: float,
    flip_order: np.ndarray,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """One training sample: crop uint8 (h, w, 3) and its points (133, 3) in pixels of the crop.

    Random box, turn (up to 20 degrees), mirror image, light, colour, blur and noise. A point out of
    the crop is as good as invisible: score 0.
    """
    width, height = input_size
    box = draw_box(points, frame.shape[:2], rng)
    middle = (box[:2] + box[2:]) / 2
    extent = (box[2:] - box[:2]) * padding
    extent = np.maximum(extent, extent[::-1] * [width / height, height / width])
    angle = np.deg2rad(np.clip(rng.normal(0, 7), -20, 20)) if rng.random() < 0.6 else 0.0
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    scale = width / extent[0]
    mirrored = rng.random() < 0.5
    matrix = turn * scale
    if mirrored:
        matrix[0] *= -1
    shift = np.array([width, height]) / 2 - matrix @ middle
    warp = np.concatenate([matrix, shift[:, None]], axis=1)
    crop = cv2.warpAffine(frame, warp, (width, height), flags=cv2.INTER_LINEAR)
    placed = points.copy()
    placed[:, :2] = points[:, :2] @ matrix.T + shift
    if mirrored:
        placed = placed[flip_order]
    inside = (placed[:, :2] >= 0).all(1) & (placed[:, :2] <= [width - 1, height - 1]).all(1)
    placed[:, 2] *= inside
    return change_look(crop, rng), placed.astype(np.float32)


def change_look(crop: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The same crop in other light: gain, contrast, tint, saturation, at times blur or noise."""
    image = crop.astype(np.float32)
    gain = np.exp(rng.normal(0, 0.08)) * np.exp(rng.normal(0, 0.05, 3))
    image = (image - 128) * np.exp(rng.normal(0, 0.1)) + 128
    image *= gain.astype(np.float32)
    grey = image.mean(-1, keepdims=True)
    image = grey + (image - grey) * np.float32(rng.uniform(0.4, 1.4))
    if rng.random() < 0.2:
        image = cv2.GaussianBlur(image, (3, 3), float(rng.uniform(0.3, 1.0)))
    if rng.random() < 0.2:
        image += rng.standard_normal(image.shape, np.float32) * np.float32(rng.uniform(2, 10))
    return np.clip(image, 0, 255).astype(np.uint8)
