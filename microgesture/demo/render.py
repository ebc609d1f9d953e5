"""From a video's name and settings to its file and true keypoints; frames for the pose model."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from microgesture.demo.renderer import Renderer, Truth, perform
from microgesture.demo.schedule import DEFAULTS as SCHEDULE_DEFAULTS
from microgesture.demo.schedule import VideoPlan, plan_pose_poses, plan_videos
from microgesture.demo.subjects import Subject, make_subject
from microgesture.provenance.errors import BadInput
from microgesture.videos.encoding import write_video

DEMO_PEOPLE, POSE_PEOPLE = 1, 2  # second number of a subject's key: never the same person

# What a user may change. Only fps, tail and schedule_seed change the sheets (see `sheets`).
DEFAULTS = {
    "width": 320,
    "height": 240,
    "crf": 26.0,
    "noise": 1.0,  # factor of the camera's noise
    "amplitude": 1.0,  # factor of the gestures' movement
    "subject_variation": 1.0,  # how far subjects differ; 0 leaves colours and styles
    "occlusion": 0.5,  # chance that something stands on the table before the person
    "seed": 0,  # other people, rooms and movements on the same schedule
    **SCHEDULE_DEFAULTS,
}


def complete_settings(settings: dict) -> dict:
    """`DEFAULTS` with the given values put in. Raises BadInput for an unknown or bad one."""
    unknown = sorted(set(settings) - set(DEFAULTS))
    if unknown:
        raise BadInput(
            f"render_demo_videos: unknown setting {unknown[0]!r}; known are {', '.join(DEFAULTS)}"
        )
    full = {**DEFAULTS, **settings}
    for name in ("width", "height"):
        if full[name] % 2 or not 64 <= full[name] <= 2048:
            raise BadInput(
                f"render_demo_videos: {name} {full[name]} must be an even number from 64 to 2048"
            )
    if not 5 <= full["fps"] <= 120:
        raise BadInput(f"render_demo_videos: fps {full['fps']} must lie between 5 and 120")
    for name in ("noise", "amplitude", "subject_variation", "tail", "occlusion"):
        if full[name] < 0:
            raise BadInput(f"render_demo_videos: {name} {full[name]} must not be negative")
    return full


def find_plan(video: str, settings: dict) -> VideoPlan:
    """The plan of one video. Raises BadInput where the demo has no video of that name."""
    plans = plan_videos(settings["fps"], settings["tail"], settings["schedule_seed"])
    for plan in plans:
        if plan.video == video:
            return plan
    raise BadInput(
        f"the demo has no video {video!r}; its videos are {plans[0].video} to {plans[-1].video}"
    )


def prepare_video(video: str, settings: dict) -> tuple[VideoPlan, Subject, Renderer]:
    """Plan, subject and a renderer ready to draw for one of the demo's videos."""
    settings = complete_settings(settings)
    plan = find_plan(video, settings)
    subject = make_subject(
        (int(settings["seed"]), DEMO_PEOPLE, plan.number),
        settings["subject_variation"],
        settings["occlusion"],
    )
    motion = perform(subject, plan, settings["amplitude"])
    size = (settings["height"], settings["width"])
    return plan, subject, Renderer(subject, motion, size, plan.fps, settings["noise"])


def render_video(video: str, settings: dict, path: str | Path) -> tuple[VideoPlan, Truth]:
    """Render one of the demo's videos to an mp4; returns its plan and true keypoints.

    `settings`: any of `DEFAULTS`. The same video and settings give the same bytes. Raises
    BadInput for an unknown video or setting.
    """
    plan, _, renderer = prepare_video(video, settings)
    write_video(path, renderer.frames(), plan.fps, complete_settings(settings)["crf"])
    return plan, renderer.truth()


def sample_pose_frames(
    count: int, seed: int, size: tuple[int, int] = (240, 320), poses_per_subject: int = 24
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Single frames of people who are not in the demo, to train and check a pose model.

    Yields `count` times: frame uint8 (H, W, 3) RGB; keypoints float32 (133, 3), x, y in pixels
    and 1 or 0 (see `renderer.Truth` for what counts as visible); box float32 (4,), x0, y0, x1,
    y1. Each person is seen `poses_per_subject` times in unrelated poses: all the demo's gestures
    at all moments (hands over the face, crossed arms), hands anywhere in reach, with wide
    variation of framing, light and noise, and with the traces of JPEG compression.
    """
    fps, hold = 15.0, 5
    made = number = 0
    while made < count:
        key = (int(seed), POSE_PEOPLE, number)
        rng = np.random.default_rng([*key, 41])
        subject = make_subject(key, variation=1.25, occlusion=0.5)
        plan, moments = plan_pose_poses(number, poses_per_subject, fps, hold, rng)
        motion = perform(subject, plan, 1.3)
        motion.head += rng.normal(0, 1, (1, 3)) * [5, 3, 3]
        for moment in moments:
            around = slice(max(0, moment - 3), moment + 4)
            motion.head[around] += rng.normal(0, 1, 3) * [9, 6, 5]
            motion.root[around] += rng.normal(0, 1, 2) * [7, 2]
            motion.lean[around] += rng.normal(0, 2.5)
            motion.press[around] = max(0.0, rng.normal(0, 0.5))
            motion.mouth[around] = max(0.0, rng.normal(-0.1, 0.4))
        noise = float(rng.uniform(0.3, 1.6))
        renderer = Renderer(subject, motion, size, fps, noise, np.array(moments))
        truth = renderer.truth()
        for index in range(len(moments)):
            if made == count:
                return
            if not truth.present[index]:
                continue
            frame = renderer.draw(index)
            quality = int(rng.integers(35, 90))
            _, packed = cv2.imencode(".jpg", frame[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
            frame = np.ascontiguousarray(cv2.imdecode(packed, cv2.IMREAD_COLOR)[..., ::-1])
            yield frame, truth.points[index], truth.boxes[index]
            made += 1
        number += 1
