"""Who is seen: a person's proportions, looks, habits, room and camera, all drawn from a seed."""

from dataclasses import dataclass

import numpy as np

from microgesture.demo.drawing import Colour, mix

SKINS = [(241, 204, 180), (229, 184, 154), (214, 165, 130), (194, 142, 106), (166, 115, 82),
         (133, 90, 64), (104, 70, 50), (247, 215, 197)]  # fmt: skip
HAIRS = [(38, 30, 28), (62, 43, 32), (92, 62, 40), (134, 93, 54), (186, 146, 90), (150, 146, 144),
         (204, 200, 194), (128, 72, 44)]  # fmt: skip
FABRICS = [(58, 78, 120), (142, 52, 56), (64, 104, 86), (206, 198, 184), (66, 66, 74),
           (188, 128, 66), (110, 88, 130), (82, 134, 158), (228, 226, 222), (44, 50, 70),
           (170, 96, 110), (118, 124, 92), (96, 74, 62), (216, 176, 92)]  # fmt: skip
WALLS = [(206, 204, 196), (186, 198, 202), (214, 200, 180), (168, 180, 170), (196, 184, 190),
         (148, 160, 176), (222, 218, 212), (120, 128, 138), (176, 160, 142)]  # fmt: skip
HAIR_STYLES = ("short", "side_part", "fringe", "long", "bob", "bun", "curly", "receding")
TOPS = ("crew", "vee", "shirt", "hoodie", "jacket", "turtle")
PATTERNS = ("plain", "plain", "stripes", "band", "pinstripes")
RESTS = ("lap", "table", "folded", "apart", "chair")


@dataclass(frozen=True)
class Build:
    """Lengths in world units."""

    shoulder: float  # half the distance between the shoulder joints
    trunk: float  # base of the neck to the pelvis
    neck: float
    upper_arm: float
    forearm: float
    hand: float
    head_width: float  # factors of the template
    head_height: float
    girth: float  # factor of all widths of the trunk and limbs
    eye_gap: float
    jaw: float
    nose: float
    mouth: float
    fingers: float  # thickness factor


@dataclass(frozen=True)
class Look:
    """Colours and styles."""

    skin: Colour
    hair: Colour
    hair_style: str
    brow: Colour
    lips: Colour
    iris: Colour
    top: str
    pattern: str
    sleeve: float  # share of the arm that is covered, 0.35 (short) .. 1.95 (to the wrist)
    fabric: Colour
    second: Colour
    beard: float  # 0 none .. 1 full
    glasses: bool
    watch: bool


@dataclass(frozen=True)
class Manner:
    """Habits of movement."""

    speed: float
    amplitude: float
    dominant: int  # 0 right, 1 left
    rests: tuple[str, str]  # habitual rest of the hands, and a second one taken now and then
    lean: float  # habitual lean, degrees
    bow: float  # habitual head pitch, degrees
    turn: float  # habitual head yaw, degrees
    restless: float  # factor of idle movement
    blink_interval: float  # seconds
    talk: float  # how much the person talks, 0..1
    curl: float  # habitual finger curl offset


@dataclass(frozen=True)
class Room:
    """What stands behind, before and around the person."""

    seed: int
    wall: Colour
    kind: str  # shelf, window, frames, panels, curtain
    plant: bool
    chair: Colour
    chair_style: int
    table: bool
    table_edge: float  # world y of the table's far edge
    wood: Colour
    front: str  # object on the table before the person: none, mug, microphone, laptop, bottle
    front_x: float
    moving: str  # none, passer_by, screen, curtain
    light_side: float  # -1 light from the image's left, +1 from the right
    light: float  # strength of the light's fall-off
    tint: Colour  # factor per channel


@dataclass(frozen=True)
class Camera:
    """How the world becomes a picture."""

    zoom: float
    shift: tuple[float, float]
    roll: float  # degrees
    jitter: float  # world units of hand-held shake
    noise: float  # factor of shot and read noise
    blur: float  # sigma in output pixels
    flicker: float  # relative exposure change
    exposure: float


@dataclass(frozen=True)
class Subject:
    """One person in one room in front of one camera. `key` seeds everything further."""

    key: tuple[int, ...]
    build: Build
    look: Look
    manner: Manner
    room: Room
    camera: Camera


def _pick(rng: np.random.Generator, choices):
    return choices[int(rng.integers(len(choices)))]


def _tone(rng: np.random.Generator, colour: Colour, spread: float = 10.0) -> Colour:
    return tuple(float(c) for c in np.clip(np.array(colour) + rng.normal(0, spread, 3), 12, 246))


def _build(rng: np.random.Generator, variation: float) -> Build:
    def around(mean, deviation):
        return float(mean * (1 + variation * np.clip(rng.normal(0, deviation), -2, 2) * 1.0))

    size = around(1, 0.04)
    return Build(
        shoulder=around(43 * size, 0.06),
        trunk=around(108 * size, 0.04),
        neck=around(11 * size, 0.12),
        upper_arm=around(64 * size, 0.04),
        forearm=around(56 * size, 0.04),
        hand=around(41 * size, 0.05),
        head_width=around(1.0 * size, 0.05),
        head_height=around(1.0 * size, 0.045),
        girth=around(1.0, 0.09),
        eye_gap=around(1.0, 0.05),
        jaw=around(0.97, 0.06),
        nose=around(1.0, 0.1),
        mouth=around(1.0, 0.08),
        fingers=around(1.0, 0.08),
    )


def _look(rng: np.random.Generator) -> Look:
    skin = _tone(rng, _pick(rng, SKINS), 6)
    hair = _pick(rng, HAIRS)
    hair = mix(
        hair, (0, 0, 0) if rng.random() < 0.5 else (214, 196, 176), float(rng.uniform(0, 0.15))
    )
    if sum(skin) < 400:
        hair = mix(hair, (34, 28, 26), 0.8)
    fair = sum(skin) > 480
    style = _pick(rng, HAIR_STYLES)
    fabric = _tone(rng, _pick(rng, FABRICS), 9)
    second = _tone(rng, _pick(rng, FABRICS), 9)
    if sum(abs(a - b) for a, b in zip(fabric, second)) < 90:
        second = mix(second, (236, 234, 230) if sum(fabric) < 400 else (40, 44, 60), 0.7)
    top = _pick(rng, TOPS)
    long_sleeve = top in ("jacket", "hoodie", "turtle") or rng.random() < 0.45
    return Look(
        skin=skin,
        hair=hair,
        hair_style=style,
        brow=mix(hair, (40, 30, 26), 0.35),
        lips=mix(skin, (176, 72, 74), float(rng.uniform(0.3, 0.6))),
        iris=_pick(rng, [(70, 48, 34), (52, 38, 30), (74, 98, 120), (84, 100, 70)][: 2 + 2 * fair]),
        top=top,
        pattern=_pick(rng, PATTERNS),
        sleeve=float(rng.uniform(1.86, 1.95) if long_sleeve else rng.uniform(0.45, 0.85)),
        fabric=fabric,
        second=second,
        beard=float(rng.uniform(0.35, 1)) if style in ("short", "side_part", "receding", "curly")
        and rng.random() < 0.4 else 0.0,
        glasses=bool(rng.random() < 0.3),
        watch=bool(rng.random() < 0.35),
    )  # fmt: skip


def _manner(rng: np.random.Generator, variation: float, table: bool) -> Manner:
    rests = ("lap", "table", "folded", "apart") if table else ("lap", "folded", "chair", "apart")
    first = _pick(rng, rests)
    second = _pick(rng, [name for name in rests if name != first])
    if table and "lap" in (first, second):  # a hand comes up from below the table only by gesture
        second = first
    return Manner(
        speed=float(np.exp(variation * rng.normal(0, 0.18))),
        amplitude=float(np.exp(variation * rng.normal(0, 0.22))),
        dominant=int(rng.random() < 0.3),
        rests=(first, second),
        lean=float(variation * rng.normal(0, 1.8)),
        bow=float(variation * rng.normal(0, 3.5)),
        turn=float(variation * rng.normal(0, 7)),
        restless=float(np.exp(variation * rng.normal(0, 0.35))),
        blink_interval=float(rng.uniform(1.8, 4.5)),
        talk=float(rng.uniform(0.1, 0.7)),
        curl=float(variation * rng.normal(0, 0.06)),
    )


def _room(rng: np.random.Generator, variation: float, occlusion: float) -> Room:
    table = bool(rng.random() < 0.7)
    front = "none"
    if table and rng.random() < occlusion:
        front = _pick(rng, ("mug", "microphone", "laptop", "bottle"))
    warm = float(variation * rng.normal(0, 0.035))
    return Room(
        seed=int(rng.integers(2**31)),
        wall=_tone(rng, _pick(rng, WALLS), 7),
        kind=_pick(rng, ("shelf", "window", "frames", "panels", "curtain")),
        plant=bool(rng.random() < 0.45),
        chair=_tone(rng, _pick(rng, [(52, 52, 58), (96, 66, 48), (70, 82, 100), (128, 120, 112)])),
        chair_style=int(rng.integers(3)),
        table=table,
        table_edge=float(rng.uniform(184, 197)),
        wood=_tone(rng, _pick(rng, [(150, 108, 70), (196, 164, 124), (92, 64, 46), (210, 206, 200),
                                    (70, 72, 78)]), 8),
        front=front,
        front_x=float(rng.choice([-1, 1]) * rng.uniform(34, 110)),
        moving=_pick(rng, ("none", "none", "none", "passer_by", "screen", "curtain")),
        light_side=float(rng.choice([-1, 1])),
        light=float(rng.uniform(0.04, 0.05 + 0.25 * variation)),
        tint=(1 + warm, 1.0, 1 - warm),
    )  # fmt: skip


def _camera(rng: np.random.Generator, variation: float) -> Camera:
    return Camera(
        zoom=float(1.0 * np.exp(variation * np.clip(rng.normal(0, 0.05), -0.1, 0.1))),
        shift=(float(variation * rng.normal(0, 7)), float(variation * rng.normal(0, 3))),
        roll=float(variation * rng.normal(0, 1.2)),
        jitter=float(variation * rng.choice([0.0, 0.15, 0.5])),
        noise=float(np.exp(variation * rng.normal(0, 0.3))),
        blur=float(rng.uniform(0.2, 0.3 + 0.35 * variation)),
        flicker=float(rng.uniform(0.002, 0.014)),
        exposure=float(np.exp(variation * rng.normal(0, 0.07))),
    )


def make_subject(key: tuple[int, ...], variation: float = 1.0, occlusion: float = 0.5) -> Subject:
    """The subject of `key`, a tuple of non-negative integers (seed, kind, number).

    `variation` scales how far subjects differ (0: all alike but for colours), `occlusion` is the
    chance that something stands on the table before the person. The same arguments give the same
    subject.
    """
    streams = [np.random.default_rng([*key, part]) for part in range(5)]
    room = _room(streams[3], variation, occlusion)
    return Subject(
        key=tuple(key),
        build=_build(streams[0], variation),
        look=_look(streams[1]),
        manner=_manner(streams[2], variation, room.table),
        room=room,
        camera=_camera(streams[4], variation),
    )
