"""Rendering: a subject, a schedule and settings become frames with their true keypoints."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from microgesture.demo.anatomy import (
    ELBOWS,
    FACE,
    HANDS,
    HIPS,
    LEFT_EAR,
    LEFT_EYE,
    NOSE,
    NUM_KEYPOINTS,
    RIGHT_EAR,
    RIGHT_EYE,
    SHOULDERS,
    WRISTS,
    project,
)
from microgesture.demo.arms import ArmPainter
from microgesture.demo.body import solve
from microgesture.demo.camera import CameraView
from microgesture.demo.clothes import TrunkPainter
from microgesture.demo.drawing import Grid
from microgesture.demo.face import HeadPainter
from microgesture.demo.gestures import PERFORMERS, Take
from microgesture.demo.hands import HandPainter
from microgesture.demo.motion import Motion, idle_motion
from microgesture.demo.scene import ScenePainter
from microgesture.demo.schedule import VideoPlan
from microgesture.demo.subjects import Subject

# Seen around the nominal 320x240 picture, so that zoom, roll and shake never meet an edge.
MARGIN = 34


@dataclass(frozen=True)
class Truth:
    """True keypoints of a rendered video.

    `points` float32 (T, 133, 3): x, y in pixels of the picture (integers are pixel centres) and
    a score, 1 or 0. COCO-WholeBody order; left and right are the person's own. Score 0, and
    coordinates 0: points outside the picture, knees and feet (always below it), and wrist and
    hand where the hand is below the table. A point that merely lies behind something (a hip
    behind the table, an ear behind a hand) keeps its coordinates and score 1. `boxes` float32
    (T, 4): x0, y0, x1, y1 around what is in the picture of head, trunk, arms and hands; zeros
    where nothing is. `present` bool (T,): something of the person is in the picture. `width`
    and `height` of the pictures in pixels.
    """

    points: np.ndarray
    boxes: np.ndarray
    present: np.ndarray
    width: int
    height: int


def perform(subject: Subject, plan: VideoPlan, amplitude: float = 1.0) -> Motion:
    """All movement of a planned video: idle movement and every gesture of the plan."""
    gaps = [(a.end, b.start) for a, b in zip(plan.gestures, plan.gestures[1:])]
    away = plan.absence or (-1, -1)
    switches = tuple(
        end + 1 for end, start in gaps if start - end > 0.8 * plan.fps and not end < away[0] < start
    )
    motion = idle_motion(subject, plan.frames, plan.fps, plan.absence, switches=switches)
    for gesture in plan.gestures:
        length = gesture.end - gesture.start + 1
        rng = np.random.default_rng([*subject.key, 21, gesture.number, gesture.label])
        size = amplitude * subject.manner.amplitude * float(np.exp(rng.normal(0, 0.2)))
        take = Take(motion, subject, gesture.start, length, plan.fps, rng, size)
        PERFORMERS[gesture.label](take)
    return motion


def canvas_grid(size: tuple[int, int]) -> Grid:
    """The supersampled canvas for pictures of (height, width)."""
    scale = 2.0 * max(1.0, size[1] / 320, size[0] / 240)
    return Grid(-MARGIN, -MARGIN, 320 + 2 * MARGIN, 240 + 2 * MARGIN, scale)


class Renderer:
    """Draws the frames of one motion; geometry for all frames is worked out in the beginning."""

    def __init__(
        self,
        subject: Subject,
        motion: Motion,
        size: tuple[int, int],
        fps: float,
        noise: float = 1.0,
        only: np.ndarray | None = None,
    ):
        """`only` keeps these frames of the motion (int array) and drops the others."""
        figure = solve(subject, motion)
        if only is not None:
            figure, motion = figure.pick(only), motion.pick(only)
        self.subject, self.motion, self.size, self.figure = subject, motion, size, figure
        grid = canvas_grid(size)
        frames = len(motion.time)
        self.scene = ScenePainter(subject, grid, frames, fps)
        self.view = CameraView(subject, size, frames, fps, grid, noise)
        self.trunk = TrunkPainter(subject, figure, grid)
        self.head = HeadPainter(subject, motion, figure, grid)
        self.arms = [ArmPainter(subject, figure, side, grid) for side in (0, 1)]
        self.hands = [
            HandPainter(
                project(figure.hands[:, side]), figure.hands[:, side], grid, subject.look.skin,
                subject.build.hand, subject.build.fingers,
            )
            for side in (0, 1)
        ]  # fmt: skip
        edge = subject.room.table_edge
        resting_low = [motion.rest[:, side, 1].max() > edge + 12 for side in (0, 1)]
        self.below = [subject.room.table and low for low in resting_low]
        gone = np.abs(figure.pelvis[:, 0] - 160) > 300
        self.drawn = ~gone

    def _arm(self, image, frame, side):
        self.arms[side].cast(image, frame)
        self.arms[side].draw(image, frame)
        self.hands[side].draw(image, frame)

    def draw(self, frame: int) -> np.ndarray:
        """The picture (height, width, 3) uint8 RGB of one frame, as the camera takes it.

        Frames are to be drawn in order: the camera's noise follows on from frame to frame.
        """
        image = self.scene.begin(frame)
        if self.drawn[frame]:
            behind = self.figure.behind[frame]
            upper = int(self.motion.upper[frame])
            order = (1 - upper, upper)
            self.head.draw_back(image, frame)
            for side in order:
                if behind[side]:
                    self._arm(image, frame, side)
            self.trunk.draw(image, frame)
            self.head.draw(image, frame)
            for side in order:
                if self.below[side] and not behind[side]:
                    self._arm(image, frame, side)
        self.scene.table(image)
        if self.drawn[frame]:
            for side in order:
                if not self.below[side] and not behind[side]:
                    self._arm(image, frame, side)
        self.scene.finish(image)
        return self.view.take(image, frame)

    def truth(self) -> Truth:
        """True keypoints of all frames."""
        figure, room = self.figure, self.subject.room
        count = len(self.motion.time)
        world = np.zeros((count, NUM_KEYPOINTS, 2))
        score = np.zeros((count, NUM_KEYPOINTS), bool)

        def put(index, points):
            world[:, index] = project(points)
            score[:, index] = True

        face = figure.face
        put(FACE, face)
        put(NOSE, face[:, 30])
        put(RIGHT_EYE, face[:, 36:42].mean(1))
        put(LEFT_EYE, face[:, 42:48].mean(1))
        ears = figure.ears
        put(RIGHT_EAR, ears[:, 0])
        put(LEFT_EAR, ears[:, 1])
        for side in (0, 1):
            put(SHOULDERS[side], figure.shoulders[:, side])
            put(ELBOWS[side], figure.elbows[:, side])
            put(WRISTS[side], figure.wrists[:, side])
            put(HIPS[side], figure.hips[:, side])
            put(HANDS[side], figure.hands[:, side])
            if self.below[side]:
                hidden = project(figure.wrists[:, side])[:, 1] > room.table_edge + 1
                score[hidden, WRISTS[side]] = False
                score[hidden, HANDS[side]] = False
        points = np.zeros((count, NUM_KEYPOINTS, 3), np.float32)
        pixels = self.view.project(world)
        height, width = self.size
        inside = (pixels >= 0).all(-1) & (pixels <= [width - 1, height - 1]).all(-1)
        score &= inside & self.drawn[:, None]
        points[..., :2] = np.where(score[..., None], pixels, 0)
        points[..., 2] = score
        present = score.any(-1)
        boxes = self._boxes() * present[:, None]
        return Truth(points, boxes, present, width, height)

    def _boxes(self) -> np.ndarray:
        figure = self.figure
        trunk = self.trunk.outline_world[:, :13]
        joints = (figure.shoulders, figure.elbows, figure.wrists, figure.face)
        limbs = [project(points) for points in joints]
        hands = project(figure.hands).reshape(len(trunk), -1, 2)
        crown = project(figure.head - 30 * figure.turn[:, :, 1])[:, None]
        every = np.concatenate([trunk, *limbs, hands, crown], axis=1)
        pixels = self.view.project(every)
        height, width = self.size
        low = np.clip(pixels.min(1) - 4, 0, [width - 1, height - 1])
        high = np.clip(pixels.max(1) + 4, 0, [width - 1, height - 1])
        boxes = np.concatenate([low, high], axis=-1).astype(np.float32)
        empty = ((high - low).min(-1) < 8) | ~self.drawn
        boxes[empty] = 0
        return boxes

    def frames(self) -> Iterator[np.ndarray]:
        """All pictures in order."""
        for frame in range(len(self.motion.time)):
            yield self.draw(frame)
