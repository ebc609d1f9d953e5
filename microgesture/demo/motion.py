"""The channels of a person's movement over time, and all movement that is no gesture."""

from dataclasses import dataclass, field

import numpy as np

from microgesture.demo.anatomy import SIDE_SIGN
from microgesture.demo.subjects import Subject

# One hand's state: wrist (u, y, z: own side), aim, pitch, roll, five curls, spread, elbow.
STATE = 13
POSITION, AIM, PITCH, ROLL, CURL, SPREAD, ELBOW = slice(0, 3), 3, 4, 5, slice(6, 11), 11, 12


@dataclass
class Goal:
    """What one hand does from frame `start` on.

    `weight` (n,) goes from 0 at rest to 1 on the goal; `anchor` names a place on the body
    (`body.solve`), `offset` (n, 3) is added to it (own side); `state` (n, 13) holds angles, curls,
    spread and elbow. `contact` is how far along the hand, in hand lengths from the wrist, the
    place is that meets the anchor; `behind` puts the hand behind the neck.
    """

    side: int
    start: int
    weight: np.ndarray
    anchor: str
    offset: np.ndarray
    state: np.ndarray
    contact: float
    behind: bool = False


@dataclass
class Motion:
    """All channels of one person over T frames; gestures add to them in place.

    Angles in degrees, lengths in world units, times in seconds. (T,) unless said otherwise.
    """

    time: np.ndarray
    root: np.ndarray  # (T, 2) sway of the pelvis
    absence: np.ndarray  # (T, 2) shift of the whole person when leaving the picture
    lean: np.ndarray
    bow: np.ndarray  # forward lean of the trunk
    twist: np.ndarray
    shrug: np.ndarray  # (T, 2) right, left
    head: np.ndarray  # (T, 3) yaw, pitch, roll
    blink: np.ndarray  # 0 open .. 1 closed
    press: np.ndarray  # lips, 0 relaxed .. 1 pressed
    mouth: np.ndarray  # 0 closed .. 1 open
    smile: np.ndarray
    brow: np.ndarray
    gaze: np.ndarray  # (T, 2)
    rest: np.ndarray  # (T, 2, 13) hands' states at rest
    upper: np.ndarray  # (T,) int, the arm that lies over the other: 0 right, 1 left
    goals: list[Goal] = field(default_factory=list)

    def pick(self, frames: np.ndarray) -> "Motion":
        """The same channels at some of the frames; goals, already solved, are dropped."""
        channels = {name: getattr(self, name)[frames] for name in vars(self) if name != "goals"}
        return Motion(**channels)


def ease(t: np.ndarray) -> np.ndarray:
    """Minimum-jerk step from 0 (t <= 0) to 1 (t >= 1)."""
    t = np.clip(t, 0, 1)
    return t**3 * (10 - 15 * t + 6 * t**2)


def envelope(length: int, fps: float, attack: float, release: float) -> np.ndarray:
    """Weight (length,) of a gesture: up within `attack` seconds, hold, down within `release`.

    Every value is above 0; the frames just before and after would be 0. Attack and release
    shrink together where the gesture is too short for both and a hold of a quarter.
    """
    frames = np.arange(1, length + 1)
    scale = min(1.0, 0.75 * length / ((attack + release) * fps))
    rise, fall = attack * fps * scale, release * fps * scale
    weight = ease(frames / rise) * ease((length + 1 - frames) / fall)
    return np.maximum(weight, 1e-3)


def wander(rng: np.random.Generator, time: np.ndarray, period: float, size: float) -> np.ndarray:
    """Slow smooth noise (T,) with standard deviation about `size`: five sinusoids."""
    periods = period * np.exp(rng.uniform(-0.7, 0.7, 5))
    phases = rng.uniform(0, 2 * np.pi, 5)
    waves = np.sin(2 * np.pi * time[:, None] / periods + phases)
    return size * waves.sum(-1) * np.sqrt(2 / 5)


def shifts(rng: np.random.Generator, time: np.ndarray, every: float, size: float) -> np.ndarray:
    """Now and then to a new position (T,): weight shifts and head turns, eased over 0.4 to 1 s."""
    value = np.full(time.shape, rng.normal(0, size) * 0.5)
    moment = rng.exponential(every)
    while moment < time[-1]:
        target = rng.normal(0, size)
        step = ease((time - moment) / rng.uniform(0.4, 1.0))
        value = value + (target - value) * step
        moment += rng.exponential(every) + 0.8
    return value


def rest_state(subject: Subject, name: str, side: int, rng: np.random.Generator) -> np.ndarray:
    """A hand's state (13,) in one of the habitual rest poses; z and y in world units."""
    manner, room = subject.manner, subject.room
    edge = room.table_edge if room.table else 192.0
    reach = subject.build.upper_arm + subject.build.forearm - 118
    poses = {  # u, y, z, aim, pitch, roll, curl, spread, elbow
        "lap": (19, (edge + 22 if room.table else 196), 34, -125, 15, 150, 0.32, 0.15, 0.35),
        "table": (27, edge + 5, 52, -112, 18, 145, 0.12, 0.3, 0.5),
        "folded": (17, edge + 3, 54, -84, 8, 148, 0.3, 0.1, 0.55),
        "apart": (44, edge + 5, 46, -135, 22, 142, 0.25, 0.25, 0.45),
        "chair": (55, 178, 34, -150, 35, 150, 0.35, 0.15, 0.4),
    }
    u, y, z, aim, pitch, roll, curl, spread, elbow = poses[name]
    if name == "folded":
        z += 4 * (side == manner.dominant)
        y -= 3 * (side == manner.dominant)
    state = np.empty(STATE)
    state[POSITION] = np.array([u, y + 0.4 * reach, z]) + rng.normal(0, 1.0, 3)
    state[[AIM, PITCH, ROLL]] = np.array([aim, pitch, roll]) + rng.normal(0, 5, 3)
    state[CURL] = np.clip(curl + manner.curl + rng.normal(0, 0.05, 5), 0, 1)
    state[SPREAD], state[ELBOW] = spread, elbow + rng.normal(0, 0.05)
    return state


def idle_motion(
    subject: Subject,
    frames: int,
    fps: float,
    absence: tuple[int, int] | None = None,
    quiet: tuple[tuple[int, int], ...] = (),
    switches: tuple[int, ...] = (),
) -> Motion:
    """A person's movement over `frames` frames without any gesture.

    `quiet` lists stretches (start, end) in which the hands must not change their rest on their
    own; at the frames in `switches` a hand settles anew (a movement without a touch).
    """
    rng = np.random.default_rng([*subject.key, 7])
    manner = subject.manner
    time = np.arange(frames) / fps
    slow, restless = 1 / manner.speed, manner.restless
    breath = np.sin(2 * np.pi * time / (3.6 * slow) + rng.uniform(0, 6.3))
    root = np.stack(
        [
            wander(rng, time, 6 * slow, 0.7 * restless) + shifts(rng, time, 9, 2.2 * restless),
            wander(rng, time, 7 * slow, 0.3 * restless),
        ],
        -1,
    )
    lean = manner.lean + wander(rng, time, 6 * slow, 0.5 * restless)
    lean = lean + shifts(rng, time, 8, 1.3 * restless)
    shrug = 0.5 * breath[:, None] + np.stack([wander(rng, time, 4, 0.3) for _ in range(2)], -1)
    head = np.stack(
        [
            manner.turn + wander(rng, time, 4 * slow, 2 * restless) + shifts(rng, time, 5, 7),
            manner.bow + wander(rng, time, 3 * slow, 1.2 * restless) + shifts(rng, time, 6, 3),
            wander(rng, time, 5 * slow, 1.3 * restless) + shifts(rng, time, 7, 2),
        ],
        -1,
    )
    blink = np.zeros(frames)
    moment = rng.exponential(manner.blink_interval)
    while moment < time[-1]:
        blink = np.maximum(blink, np.exp(-(((time - moment) / 0.07) ** 2)))
        moment += 0.4 + rng.exponential(manner.blink_interval)
    talking = shifts(rng, time, 4, 1.0) > 1.2 - 1.6 * manner.talk
    syllables = np.abs(np.sin(2 * np.pi * 2.1 * time + wander(rng, time, 1.5, 1.2)))
    mouth = np.convolve(talking * syllables, [0.25, 0.5, 0.25], "same") * 0.7
    gaze = np.stack([shifts(rng, time, 2.5, 0.5), shifts(rng, time, 3, 0.25)], -1)

    rest = np.empty((frames, 2, STATE))
    for side in (0, 1):
        current = rest_state(subject, manner.rests[0], side, rng)
        track = np.tile(current, (frames, 1))
        for moment in switches:
            name = manner.rests[int(rng.random() < 0.4)]
            if rng.random() < 0.35:
                continue
            target = rest_state(subject, name, side, rng)
            duration = rng.uniform(0.5, 0.9) * slow
            step = ease((time - moment / fps) / duration)[:, None]
            lift = np.sin(np.pi * step[:, 0]) * rng.uniform(0, 14)
            track = track + (target - track) * step
            track[:, 1] -= lift
        track[:, POSITION] += 0.5 * np.stack([wander(rng, time, 5, restless) for _ in range(3)], -1)
        track[:, CURL] += np.stack([wander(rng, time, 3, 0.03) for _ in range(5)], -1)
        rest[:, side] = track
    away = np.zeros((frames, 2))
    if absence is not None:
        start, end = absence
        out = ease((np.arange(frames) - start) / (0.7 * fps))
        back = ease((end - np.arange(frames)) / (0.7 * fps))
        away = (out * back)[:, None] * np.array([SIDE_SIGN[manner.dominant] * 330.0, 40.0])
        lean = lean + (out * back) * SIDE_SIGN[manner.dominant] * 14
    return Motion(
        time=time,
        root=root,
        absence=away,
        lean=lean,
        bow=4 + wander(rng, time, 7 * slow, 1.2 * restless) + shifts(rng, time, 10, 2.5),
        twist=shifts(rng, time, 8, 4) + wander(rng, time, 5, 1),
        shrug=shrug,
        head=head,
        blink=blink,
        press=np.clip(shifts(rng, time, 6, 0.12), 0, 0.25),
        mouth=mouth,
        smile=np.clip(shifts(rng, time, 6, 0.5), 0, 1),
        brow=shifts(rng, time, 4, 0.4),
        gaze=gaze,
        rest=rest,
        upper=np.full(frames, manner.dominant),
    )
