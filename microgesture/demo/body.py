"""From channels to places: trunk, head, arms and hands in the world, for all frames at once."""

from dataclasses import dataclass, fields

import numpy as np

from microgesture.demo.anatomy import (
    EAR_CENTRES,
    FACE_TEMPLATE,
    HEAD_HALF_HEIGHT,
    SIDE_SIGN,
    bend_elbow,
    rotation,
)
from microgesture.demo.face import expression
from microgesture.demo.hands import hand_axes, hand_points
from microgesture.demo.motion import ELBOW, POSITION, Motion
from microgesture.demo.subjects import Subject

PELVIS = np.array([160.0, 207.0, 0.0])


@dataclass(frozen=True)
class Figure:
    """Places on one person over T frames, world units, (T, 3) unless said otherwise."""

    pelvis: np.ndarray
    neck: np.ndarray  # base of the neck, between the shoulders
    across: np.ndarray  # unit vector along the shoulders to the image's right
    up: np.ndarray  # unit vector from pelvis to neck
    shoulders: np.ndarray  # (T, 2, 3) right, left
    elbows: np.ndarray  # (T, 2, 3)
    wrists: np.ndarray  # (T, 2, 3)
    hips: np.ndarray  # (T, 2, 3)
    hands: np.ndarray  # (T, 2, 21, 3)
    head: np.ndarray  # middle of the head
    turn: np.ndarray  # (T, 3, 3) head rotation
    face: np.ndarray  # (T, 68, 3)
    ears: np.ndarray  # (T, 2, 3)
    behind: np.ndarray  # (T, 2) bool, the hand is behind the neck

    def pick(self, frames: np.ndarray) -> "Figure":
        """The same figure at some of its frames."""
        return Figure(**{field.name: getattr(self, field.name)[frames] for field in fields(self)})


def _head_places(subject: Subject, motion: Motion, head: np.ndarray, turn: np.ndarray):
    """Face points (T, 68, 3) and ear centres (T, 2, 3)."""
    size = np.array([subject.build.head_width, subject.build.head_height, 1.0])
    local = expression(FACE_TEMPLATE, subject, motion) * size
    face = head[:, None] + np.einsum("tij,tkj->tki", turn, local)
    ears = head[:, None] + np.einsum("tij,kj->tki", turn, EAR_CENTRES * size)
    return face, ears


def _anchors(subject, neck, up, across, head, turn, face, ears, pelvis) -> list[dict]:
    """Named places (T, 3) that hands go to, for the right and the left hand."""
    forward = np.array([0, 0, 1.0])
    shared = {
        "nose": face[:, 30],
        "chin": face[:, 8],
        "notch": neck - 4 * up + 8 * forward,
        "chest": neck - 0.46 * subject.build.trunk * up,
        "belly": 0.8 * pelvis + 0.2 * neck,
    }
    sides = []
    for side in (0, 1):
        sign = SIDE_SIGN[side]
        jaw = face[:, 5 if side == 0 else 11]
        places = {
            **shared,
            "ear": ears[:, side],
            "cheek": face[:, [31, 3] if side == 0 else [35, 13]].mean(1),
            "mouth": face[:, 48 if side == 0 else 54],
            "neck": 0.45 * jaw + 0.55 * (neck + sign * 9 * across + 3 * up),
            "nape": neck + (subject.build.neck + 6) * up + sign * 7 * across - 12 * forward,
        }
        # joined hands stay before the belly, above whatever table there is
        edge = subject.room.table_edge if subject.room.table else 194.0
        belly = places["belly"].copy()
        belly[:, 1] = np.minimum(belly[:, 1], edge - 6)
        belly[:, 2] = 0
        places["belly"] = belly
        places["chest"] = places["chest"] * np.array([1, 1, 0])
        sides.append(places)
    return sides


def _arm_states(subject, motion, anchors, side) -> tuple[np.ndarray, np.ndarray]:
    """Wanted wrist (T, 3) in the world and hand state (T, 13), goals blended over the rest."""
    sign = SIDE_SIGN[side]
    state = motion.rest[:, side].copy()
    wrist = state[:, POSITION] * np.array([sign, 1, 1])
    wrist[:, 0] += PELVIS[0]
    wrist[:, :2] += motion.absence + 0.25 * motion.root
    behind = np.zeros(len(wrist), bool)
    for goal in motion.goals:
        if goal.side != side:
            continue
        frames = slice(goal.start, goal.start + len(goal.weight))
        weight = goal.weight[:, None]
        target = goal.state.copy()
        away = np.array([sign, 1, 1])
        _, along, _ = hand_axes(target)
        place = anchors[goal.anchor][frames] + goal.offset * away
        place = place - along * away * goal.contact * subject.build.hand
        arc = np.sin(np.pi * weight) * np.array([sign * (16 if goal.behind else 3), 0, 9])
        wrist[frames] += weight * (place - wrist[frames]) + arc
        state[frames] += weight * (target - state[frames])
        behind[frames] |= goal.behind & (goal.weight > 0.55)
    return wrist, state, behind


def solve(subject: Subject, motion: Motion) -> Figure:
    """Place the whole person for every frame of `motion`."""
    build = subject.build
    count = len(motion.time)
    shift = np.zeros((count, 3))
    shift[:, :2] = motion.root + motion.absence
    pelvis = PELVIS + shift
    lean, bow, twist = (np.deg2rad(a) for a in (motion.lean, motion.bow, motion.twist))
    up = np.stack([np.sin(lean) * np.cos(bow), -np.cos(lean) * np.cos(bow), np.sin(bow)], -1)
    neck = pelvis + build.trunk * up
    across = np.stack(
        [np.cos(lean) * np.cos(twist), np.sin(lean) * np.cos(twist), -np.sin(twist)], -1
    )
    shoulders = np.stack(
        [
            neck + sign * build.shoulder * across + (motion.shrug[:, side, None] - 6) * up
            for side, sign in enumerate(SIDE_SIGN)
        ],
        axis=1,
    )
    hips = np.stack(
        [pelvis + sign * 19 * build.girth * across - 3 * up for sign in SIDE_SIGN], axis=1
    )
    yaw, pitch, roll = motion.head.T
    turn = rotation(yaw + 0.5 * motion.twist, pitch + 0.3 * motion.bow, roll + 0.6 * motion.lean)
    head_up = -turn[:, :, 1]
    sink = 0.12 * motion.shrug.mean(1)[:, None] * up
    throat = neck + (build.neck + 0.35 * build.head_height * HEAD_HALF_HEIGHT) * up - sink
    head = throat + 0.65 * build.head_height * HEAD_HALF_HEIGHT * head_up
    face, ears = _head_places(subject, motion, head, turn)
    anchors = _anchors(subject, neck, up, across, head, turn, face, ears, pelvis)
    elbows, wrists, hands, behinds = [], [], [], []
    for side, sign in enumerate(SIDE_SIGN):
        wrist, state, behind = _arm_states(subject, motion, anchors[side], side)
        pole = np.stack(
            [sign * state[:, ELBOW], np.full(count, 0.9), np.full(count, -0.12)], axis=-1
        )
        # a hand behind the neck lifts the elbow: the pole turns outward and up
        pole[:, 1] -= 1.3 * np.maximum(0, state[:, ELBOW] - 0.9)
        elbow, wrist = bend_elbow(shoulders[:, side], wrist, build.upper_arm, build.forearm, pole)
        elbows.append(elbow)
        wrists.append(wrist)
        hands.append(hand_points(wrist, state, side, build.hand))
        behinds.append(behind)
    return Figure(
        pelvis=pelvis,
        neck=neck,
        across=across,
        up=up,
        shoulders=shoulders,
        elbows=np.stack(elbows, 1),
        wrists=np.stack(wrists, 1),
        hips=hips,
        hands=np.stack(hands, 1),
        head=head,
        turn=turn,
        face=face,
        ears=ears,
        behind=np.stack(behinds, 1),
    )
