"""The camera: framing, hand-held shake, light, blur, shot and read noise."""

import cv2
import numpy as np

from microgesture.demo.anatomy import CENTRE
from microgesture.demo.drawing import Grid
from microgesture.demo.motion import wander
from microgesture.demo.subjects import Subject

FULL_WELL = 2600.0  # electrons at white: sets the shot noise
READ_NOISE = 1.1  # grey levels


class CameraView:
    """Turns canvases into pictures of (height, width) and world points into their pixels."""

    def __init__(
        self, subject: Subject, size: tuple[int, int], frames: int, fps: float, grid: Grid,
        noise: float = 1.0,
    ):  # fmt: skip
        camera, room = subject.camera, subject.room
        self.height, self.width = size
        rng = np.random.default_rng([*subject.key, 11])
        time = np.arange(frames) / fps
        jitter = np.stack([wander(rng, time, 0.9, camera.jitter) for _ in range(2)], -1)
        angle = np.deg2rad(camera.roll + wander(rng, time, 1.7, 0.25 * camera.jitter))
        scale = camera.zoom * max(self.width / 320, self.height / 240)
        cosine, sine = np.cos(angle) * scale, np.sin(angle) * scale
        turn = np.stack([np.stack([cosine, -sine], -1), np.stack([sine, cosine], -1)], -2)
        middle = np.array([(self.width - 1) / 2, (self.height - 1) / 2])
        aim = CENTRE + [0, 4] + np.array(camera.shift) + jitter
        self.to_picture = np.concatenate(
            [turn, (middle - np.einsum("tij,tj->ti", turn, aim))[..., None]], axis=-1
        )  # (T, 2, 3) world -> picture
        self.from_canvas = self.to_picture @ grid.matrix()
        flicker = 1 + camera.flicker * rng.standard_normal(frames)
        self.exposure = camera.exposure * flicker
        x = np.linspace(-1, 1, self.width)[None, :] * room.light_side
        y = np.linspace(-1, 1, self.height)[:, None]
        fall = 1 + 0.5 * room.light * x - 0.16 * room.light * y - 0.10 * (x**2 + y**2)
        self.light = (fall[..., None] * np.array(room.tint)).astype(np.float32)
        self.blur = camera.blur
        self.strength = camera.noise * noise
        self.rng = np.random.default_rng([*subject.key, 12])
        self.grain = self.rng.standard_normal((self.height + 64, self.width + 64, 3), np.float32)
        self.grain = 0.8 * self.grain + 0.35 * cv2.GaussianBlur(self.grain, (0, 0), 1.0) * 3
        levels = np.arange(256)
        deviation = np.sqrt(READ_NOISE**2 + levels * 255 / FULL_WELL)
        self.deviation = (deviation * self.strength).astype(np.float32)

    def project(self, flat: np.ndarray) -> np.ndarray:
        """World points of the picture plane (T, N, 2) -> pixels (T, N, 2)."""
        return (
            np.einsum("tij,tnj->tni", self.to_picture[..., :2], flat)
            + self.to_picture[:, None, :, 2]
        )

    def take(self, canvas: np.ndarray, frame: int) -> np.ndarray:
        """The picture (height, width, 3) uint8 that the camera makes of a canvas."""
        picture = cv2.warpAffine(
            canvas, self.from_canvas[frame], (self.width, self.height),
            flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE,
        )  # fmt: skip
        if self.blur > 0.15:
            picture = cv2.GaussianBlur(picture, (3, 3), self.blur)
        lit = np.multiply(picture.astype(np.float32), self.light)
        if self.strength > 0:
            top, left = self.rng.integers(0, 64, 2)
            grain = self.grain[top : top + self.height, left : left + self.width]
            flip = int(self.rng.integers(-1, 3))
            if flip < 2:
                grain = cv2.flip(grain, flip)
            lit = cv2.add(lit, cv2.multiply(grain, cv2.LUT(picture, self.deviation)))
        # noise below black is folded to just above it
        return cv2.convertScaleAbs(lit, alpha=float(self.exposure[frame]))
