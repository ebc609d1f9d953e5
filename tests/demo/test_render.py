import importlib.util
from pathlib import Path

import av
import numpy as np
import pytest

from microgesture.demo import schedule
from microgesture.demo.render import complete_settings, find_plan, render_video, sample_pose_frames
from microgesture.demo.subjects import make_subject
from microgesture.provenance.errors import BadInput
from microgesture.stores.sequences import read_sequence

SMALL = {"width": 96, "height": 72}


@pytest.fixture
def short(monkeypatch):
    """Videos of one gesture: the whole way from plan to file in a second."""
    monkeypatch.setattr(schedule, "GESTURES_PER_VIDEO", 22)
    plans = schedule.plan_videos()

    def cut(*arguments):
        from dataclasses import replace

        plan = plans[0]
        first = plan.gestures[:1]
        return [replace(plan, gestures=first, frames=first[0].end + 8)]

    monkeypatch.setattr("microgesture.demo.render.plan_videos", cut)
    return cut()[0]


def decoded(path):
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def test_two_renderings_have_the_same_bytes(short, tmp_path):
    plan, truth = render_video("s01", SMALL, tmp_path / "one.mp4")
    render_video("s01", SMALL, tmp_path / "two.mp4")
    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "two.mp4").read_bytes()
    frames = decoded(tmp_path / "one.mp4")
    assert len(frames) == plan.frames == len(truth.points)
    assert frames[0].shape == (72, 96, 3)


def test_the_script_writes_video_and_truth(short, tmp_path):
    path = Path(__file__).parents[2] / "scripts" / "render_demo_videos.py"
    spec = importlib.util.spec_from_file_location("render_demo_videos", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.render_demo_video("s01", SMALL, tmp_path / "s01.mp4", tmp_path / "s01.h5")
    sequence = read_sequence(tmp_path / "s01.h5", "s01")
    assert sequence.points.shape == (1, short.frames, 133, 3)
    assert sequence.layout == "coco_wholebody133"
    assert (sequence.width, sequence.height, sequence.fps) == (96, 72, 15.0)
    assert len(decoded(tmp_path / "s01.mp4")) == short.frames


def test_pose_frames_are_varied_and_repeatable():
    first = list(sample_pose_frames(30, 4, size=(120, 160), poses_per_subject=10))
    again = list(sample_pose_frames(30, 4, size=(120, 160), poses_per_subject=10))
    assert len(first) == 30
    for (frame, points, box), (frame2, points2, box2) in zip(first, again):
        assert frame.shape == (120, 160, 3)
        assert frame.dtype == np.uint8
        assert points.shape == (133, 3)
        assert points.dtype == np.float32
        assert points[:11, 2].sum() >= 5
        assert (box[2:] > box[:2] + 20).all()
        np.testing.assert_array_equal(frame, frame2)
        np.testing.assert_array_equal(points, points2)
        np.testing.assert_array_equal(box, box2)
    points = np.stack([points for _, points, _ in first])
    wrist, nose = points[:, [9, 10]], points[:, [0]]
    near = np.linalg.norm((wrist - nose)[..., :2], axis=-1)[wrist[..., 2] > 0]
    assert near.min() < 30  # hands at the face
    assert near.max() > 60  # and far from it
    other = next(iter(sample_pose_frames(1, 5, size=(120, 160))))
    assert (other[0] != first[0][0]).mean() > 0.5


def test_pose_people_are_not_the_demos():
    assert make_subject((0, 1, 0)) == make_subject((0, 1, 0))
    assert make_subject((0, 1, 0)) != make_subject((0, 2, 0))
    demo = {make_subject((0, 1, number)).build for number in range(18)}
    assert len(demo) == 18
    assert demo.isdisjoint(make_subject((0, 2, number)).build for number in range(40))


def test_variation_zero_makes_all_builds_alike():
    assert make_subject((0, 1, 0), 0.0).build == make_subject((0, 1, 7), 0.0).build
    assert make_subject((0, 1, 0), 0.0).camera.zoom == make_subject((0, 1, 7), 0.0).camera.zoom


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"colour": 1}, "colour"),
        ({"width": 321}, "width 321"),
        ({"fps": 1}, "fps 1"),
        ({"noise": -0.5}, "noise -0.5"),
    ],
)
def test_settings_are_checked(settings, words):
    with pytest.raises(BadInput, match=words):
        complete_settings(settings)


def test_an_unknown_video_is_named_with_the_known_ones():
    with pytest.raises(BadInput, match=r"'s99'.*s01 to s26"):
        find_plan("s99", complete_settings({}))
