"""What each gesture does to the channels of a person's movement.

Every function takes a `Take` (the motion, the subject, where the gesture lies, its own random
numbers) and writes in place. Nothing moves outside the gesture's frames.
"""

from dataclasses import dataclass

import numpy as np

from microgesture.demo.motion import (
    AIM,
    CURL,
    ELBOW,
    PITCH,
    POSITION,
    ROLL,
    SPREAD,
    STATE,
    Goal,
    Motion,
    envelope,
    wander,
)
from microgesture.demo.subjects import Subject


@dataclass
class Take:
    """One performance of one gesture."""

    motion: Motion
    subject: Subject
    start: int
    length: int
    fps: float
    rng: np.random.Generator
    size: float  # amplitude of the movement, all factors multiplied

    @property
    def frames(self) -> slice:
        """The frames that the gesture covers."""
        return slice(self.start, self.start + self.length)

    @property
    def seconds(self) -> np.ndarray:
        """Time (length,) since the gesture's first frame."""
        return np.arange(self.length) / self.fps

    def weight(self, attack: float = 0.45, release: float = 0.42) -> np.ndarray:
        """The gesture's envelope with this subject's speed and some chance, (length,)."""
        slow = 1 / self.subject.manner.speed
        attack = attack * slow * self.rng.uniform(0.8, 1.2)
        release = release * slow * self.rng.uniform(0.8, 1.2)
        return envelope(self.length, self.fps, attack, release)

    def swing(self, low: float, high: float) -> np.ndarray:
        """A rubbing rhythm (length,) in -1..1 with a frequency between `low` and `high` hertz."""
        pace = self.rng.uniform(low, high) * self.subject.manner.speed
        phase = self.rng.uniform(0, 2 * np.pi)
        drift = wander(self.rng, self.seconds, 1.5, 0.5)
        return np.sin(2 * np.pi * pace * self.seconds + phase + drift)

    def hand(self) -> int:
        """The hand that acts: mostly the dominant one."""
        dominant = self.subject.manner.dominant
        return dominant if self.rng.random() < 0.75 else 1 - dominant

    def reach(
        self,
        side: int,
        weight: np.ndarray,
        anchor: str,
        offset,
        angles: tuple[float, float, float],
        curl,
        spread: float = 0.2,
        elbow: float = 0.5,
        contact: float = 0.9,
        scatter: float = 1.6,
        behind: bool = False,
    ) -> Goal:
        """Send a hand somewhere; angles are aim, pitch and roll. Returns the goal to refine."""
        rng = self.rng
        state = np.zeros((self.length, STATE))
        state[:, [AIM, PITCH, ROLL]] = np.array(angles) + rng.normal(0, 6, 3)
        state[:, CURL] = np.clip(np.broadcast_to(curl, 5) + rng.normal(0, 0.06, 5), 0, 1)
        state[:, SPREAD] = spread
        state[:, ELBOW] = elbow + rng.normal(0, 0.12)
        place = np.zeros((self.length, 3)) + np.asarray(offset) + rng.normal(0, scatter, 3)
        goal = Goal(side, self.start, weight, anchor, place, state, contact, behind)
        self.motion.goals.append(goal)
        return goal


def _tilt_head(take: Take, side: int, weight: np.ndarray, degrees: float) -> None:
    """Tilt and turn the head toward (positive) or away from the acting hand."""
    sign = 1 if side == 1 else -1
    share = take.rng.uniform(0.2, 1.0) * degrees * weight
    take.motion.head[take.frames, 2] += sign * share
    take.motion.head[take.frames, 0] -= 0.5 * sign * share * take.rng.uniform(-0.5, 1)
    take.motion.head[take.frames, 1] += abs(degrees) * 0.3 * weight * take.rng.uniform(-0.3, 1)


POINTING = (0.45, 0.08, 0.6, 0.75, 0.8)
PINCH = (0.35, 0.35, 0.5, 0.55, 0.6)
LOOSE = (0.3, 0.25, 0.3, 0.35, 0.4)
FLAT = (0.2, 0.1, 0.1, 0.12, 0.16)


def touch_face(take: Take) -> None:
    """Nose, cheek, mouth corner or chin: a rub with the finger tips, or fingers at rest there."""
    rng, side, weight = take.rng, take.hand(), take.weight()
    place = rng.choice(["nose", "cheek", "mouth", "chin"], p=[0.28, 0.27, 0.2, 0.25])
    offset, angles, curl, contact = {
        "nose": ((2, 1, 4), (-28, 12, 150), POINTING, 0.96),
        "cheek": ((1, 1, 2), (-12, 5, 140), LOOSE, 0.92),
        "mouth": ((3, 0, 4), (-35, 10, 155), LOOSE, 0.95),
        "chin": ((2, 1, 3), (-52, 10, 160), PINCH, 0.8),
    }[str(place)]
    goal = take.reach(side, weight, str(place), offset, angles, curl, contact=contact)
    rub = take.swing(1.8, 4.0) * rng.choice([0.3, 1.0]) * 2.4 * take.size
    direction = rng.normal(0, 1, 2)
    goal.offset[:, :2] += rub[:, None] * direction / np.linalg.norm(direction)
    _tilt_head(take, side, weight, rng.normal(2, 3))


def touch_ear(take: Take) -> None:
    """Ear lobe or rim: pulled, rubbed or held, now and then scratched behind."""
    rng, side, weight = take.rng, take.hand(), take.weight()
    lower = rng.uniform(-3, 6)
    goal = take.reach(
        side,
        weight,
        "ear",
        (rng.uniform(0, 3), lower, 5),
        (rng.uniform(-38, -8), 2, rng.uniform(105, 150)),
        [PINCH, LOOSE, POINTING][int(rng.integers(3))],
        elbow=0.65,
        contact=rng.uniform(0.82, 0.95),
    )
    rub = take.swing(1.5, 4.0) * rng.choice([0.3, 1.0]) * 2.0 * take.size
    goal.offset[:, 1] += rub
    goal.offset[:, 0] += 0.4 * rub
    _tilt_head(take, side, weight, rng.normal(3, 4))


def touch_neck(take: Take) -> None:
    """Side, front or back of the neck: stroked, scratched or held."""
    rng, side, weight = take.rng, take.hand(), take.weight()
    if rng.random() < 0.25:
        goal = take.reach(side, weight, "nape", (4, 0, -6), (-42, -18, 165), LOOSE,
                          elbow=1.4, contact=0.75, behind=True)  # fmt: skip
    else:
        height = rng.uniform(-5, 6)
        angles = (rng.uniform(-66, -22), 4, rng.uniform(130, 168))
        goal = take.reach(side, weight, "neck", (rng.uniform(-4, 2), height, 6), angles,
                          [LOOSE, FLAT, PINCH][int(rng.integers(3))], elbow=0.6,
                          contact=rng.uniform(0.8, 0.95))  # fmt: skip
    rub = take.swing(1.5, 4.0) * rng.choice([0.35, 1.0]) * 2.8 * take.size
    goal.offset[:, 1] += rub
    goal.offset[:, 0] += 0.3 * rub
    _tilt_head(take, side, weight, rng.normal(-2, 5))


def cover_notch(take: Take) -> None:
    """The flat hand on the hollow between the collar bones."""
    rng, side, weight = take.rng, take.hand(), take.weight()
    angles = (rng.uniform(-88, -52), 4, 168)
    goal = take.reach(side, weight, "notch", (rng.uniform(-2, 3), rng.uniform(-1, 6), 8), angles,
                      [FLAT, LOOSE][int(rng.integers(2))], elbow=0.55,
                      contact=rng.uniform(0.72, 0.92))  # fmt: skip
    goal.offset[:, 0] += take.swing(0.8, 2.2) * rng.choice([0.2, 1.2]) * take.size
    take.motion.head[take.frames, 1] += weight * rng.uniform(-2, 6)


def fold_arms(take: Take) -> None:
    """Forearms crossed before the chest, one hand over and one under the other upper arm."""
    rng, over = take.rng, take.hand()
    weight = take.weight(0.55, 0.5)
    take.motion.upper[take.frames] = over
    low = rng.uniform(-5, 5)
    for side in (0, 1):
        top = side == over
        inward = -take.subject.build.shoulder * (0.5 if top else 0.3)
        place = (inward, low - (6 if top else -6), 42 if top else 26)
        goal = take.reach(side, weight, "chest", place, (-88 if top else -97, 0, 172),
                          LOOSE if top else FLAT, elbow=0.6, contact=0.35)  # fmt: skip
        goal.offset[:, 1] += take.swing(0.3, 0.8) * 0.5
    take.motion.lean[take.frames] += weight * rng.normal(0, 1.2)


def _join_hands(take: Take, curl, aim: float, overlap: float) -> tuple[Goal, Goal]:
    """Both hands together before the belly; returns the goals of the right and left hand."""
    rng, over = take.rng, take.hand()
    weight = take.weight(0.4, 0.4)
    take.motion.upper[take.frames] = over
    lift = -rng.uniform(0, 16)
    aim = aim + rng.normal(0, 8)
    goals = []
    for side in (0, 1):
        top = side == over
        goals.append(
            take.reach(
                side,
                weight,
                "belly",
                (overlap, lift + (-2 if top else 3), 56 + (5 if top else 0)),
                (aim + (4 if top else -6), 6, 150 + rng.normal(0, 8)),
                curl,
                spread=0.12,
                elbow=0.65,
                contact=0.62,
                scatter=0.8,
            )
        )
    return goals[0], goals[1]


def rub_hands(take: Take) -> None:
    """One hand on the other, sliding along it or holding it."""
    rng = take.rng
    right, left = _join_hands(take, (0.35, 0.4, 0.42, 0.45, 0.5), -82, rng.uniform(-1, 3))
    slide = take.swing(1.2, 2.8) * rng.choice([0.35, 1.0]) * 4.2 * take.size
    right.offset[:, 0] += slide
    left.offset[:, 0] += slide * rng.uniform(-0.2, 0.8)
    right.offset[:, 1] += 0.25 * np.roll(slide, 2)
    left.offset[:, 1] -= 0.25 * np.roll(slide, 2)


def cross_fingers(take: Take) -> None:
    """Fingers of both hands laced; still, or with small movements of thumbs and wrists."""
    rng = take.rng
    right, left = _join_hands(take, (0.2, 0.46, 0.48, 0.5, 0.5), -62, rng.uniform(-5, -1))
    play = take.swing(0.8, 2.4) * rng.choice([0.2, 0.9]) * take.size
    for goal in (right, left):
        goal.state[:, SPREAD] = 0.4
        goal.state[:, CURL.start] = np.clip(goal.state[:, CURL.start] + 0.2 * play, 0, 1)
        goal.state[:, AIM] += 3 * play
        goal.offset[:, 1] += 0.8 * play


def press_lips(take: Take) -> None:
    """Lips pressed to a line, once or twice; the head and brows may help a little."""
    rng, weight = take.rng, take.weight(0.22, 0.22)
    if take.length > 1.6 * take.fps and rng.random() < 0.4:
        weight = weight * (0.65 + 0.35 * np.cos(2 * np.pi * take.seconds / take.seconds[-1] * 2))
    frames = take.frames
    strength = np.clip(rng.uniform(0.7, 1.05) * take.size**0.5, 0.5, 1.1)
    take.motion.press[frames] = np.maximum(take.motion.press[frames], strength * weight)
    take.motion.mouth[frames] *= 1 - np.minimum(1, 1.3 * weight)
    take.motion.smile[frames] *= 1 - 0.7 * weight
    take.motion.brow[frames] += weight * rng.normal(0.1, 0.4)
    take.motion.head[frames, 1] += weight * rng.normal(1.5, 2.0)


def shake_shoulders(take: Take) -> None:
    """A shrug of both shoulders, or a shake of the two in turn."""
    rng, weight = take.rng, take.weight(0.25, 0.25)
    size = rng.uniform(5.5, 9.5) * take.size
    frames = take.frames
    swing = take.swing(1.0, 2.2)
    if rng.random() < 0.55:
        both = size * weight * (0.65 + 0.35 * swing)
        take.motion.shrug[frames] += both[:, None]
    else:
        take.motion.shrug[frames] += (size * weight * swing)[:, None] * np.array([0.8, -0.8])
        take.motion.lean[frames] += weight * swing * rng.uniform(0.3, 1.0)
    take.motion.head[frames, 2] += weight * rng.normal(0, 3)


def illustrate(take: Take) -> None:
    """Open hands beating the air in time with speech; some come near the face or each other."""
    rng, weight = take.rng, take.weight(0.4, 0.4)
    lead = take.hand()
    sides = (0, 1) if rng.random() < 0.5 else (lead,)
    near = rng.random() < 0.22 and len(sides) == 1
    together = rng.random() < 0.35 and len(sides) == 2
    beat = take.swing(0.7, 1.8)
    for side in sides:
        place = np.array([rng.uniform(16, 36), rng.uniform(-36, -6), 58])
        if near:
            place = np.array([rng.uniform(22, 34), rng.uniform(-76, -48), 40])
        elif together:
            place = np.array([rng.uniform(10, 16), rng.uniform(-24, -4), 60])
        aim = rng.uniform(-62, -8)
        goal = take.reach(side, weight, "belly", place, (aim, 25, rng.uniform(40, 150)), LOOSE,
                          spread=rng.uniform(0.2, 0.6), elbow=0.5, contact=0.45)  # fmt: skip
        reach = rng.uniform(3, 9) * take.size
        lag = rng.integers(0, 2) if len(sides) == 2 else 0
        goal.offset[:, 1] += reach * np.roll(beat, lag)
        goal.offset[:, 0] += wander(rng, take.seconds, 1.6, 3.0 * take.size)
        goal.offset[:, POSITION.stop - 1] += wander(rng, take.seconds, 2, 3)
        goal.state[:, ROLL] += wander(rng, take.seconds, 1.4, 16)
        goal.state[:, AIM] += 6 * beat
        goal.state[:, PITCH] += wander(rng, take.seconds, 1.4, 8)
    if rng.random() < 0.65:
        talk = np.abs(np.sin(2 * np.pi * 2.2 * take.seconds + rng.uniform(0, 6)))
        frames = take.frames
        take.motion.mouth[frames] = np.maximum(take.motion.mouth[frames], 0.7 * talk * weight)
    take.motion.head[take.frames, 1] += weight * beat * rng.uniform(0, 3)


# One function per label, in the order of schedule.LABELS.
PERFORMERS = (
    touch_face,
    touch_ear,
    touch_neck,
    cover_notch,
    fold_arms,
    rub_hands,
    cross_fingers,
    press_lips,
    shake_shoulders,
    illustrate,
)
