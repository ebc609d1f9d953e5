"""What every importer asks before a store is written; keypoints against their videos."""

import logging

import numpy as np
import pytest

from microgesture.importers.examination import examined, find_videos, fitted
from microgesture.importers.sheet_writer import seconds_for_frames, short_clips
from microgesture.provenance.errors import BadInput
from microgesture.stores.sequences import Sequence
from tests.pose.test_joint_order import body
from tests.pose.test_persons import person


def sequence(points, layout="coco17", width=1280, height=720):
    points = np.asarray(points, np.float32)
    return Sequence(points, (points[..., -1] > 0).any((0, 2)), layout, width, height, 25.0)


def test_good_sequences_pass_unchanged(caplog):
    given = [(f"s{k}", sequence(body("coco17", seed=k))) for k in range(3)]
    with caplog.at_level(logging.WARNING):
        passed = list(examined(given, "a.pkl"))
    assert all(one is other for (_, one), (_, other) in zip(given, passed)) and not caplog.text


def test_all_implausible_ones_are_told_at_once():
    shares = body("coco17") / (1280, 720, 1)
    given = [("a", sequence(shares)), ("b", sequence(body("coco17"))), ("c", sequence(shares))]
    with pytest.raises(BadInput, match="2 implausible") as error:
        list(examined(given, "a.pkl"))
    assert "\n  a: " in str(error.value) and "\n  c: " in str(error.value)


def test_a_wrong_order_is_refused_unless_it_is_meant(caplog):
    given = [("a", sequence(body("kinect20"), "msr20"))]
    with pytest.raises(BadInput, match="write kinect20"):
        list(examined(given, "a.pkl"))
    with caplog.at_level(logging.WARNING):
        assert len(list(examined(given, "a.pkl", keep_order=True))) == 1
    assert "write kinect20" in caplog.text


def test_rows_are_put_back_and_empty_ones_last(caplog):
    right = np.stack([person(seed=1), person(middle=(900, 200), seed=2)])
    mixed = right.copy()
    mixed[:, 6:] = right[::-1, 6:]
    three = np.concatenate([np.zeros_like(right[:1]), mixed])
    joints = {"width": 1280, "layout": "coco17"}
    padded = np.pad(three, ((0, 0), (0, 0), (0, 7), (0, 0)))
    with caplog.at_level(logging.WARNING):
        ((_, found),) = examined([("a", sequence(padded, **joints))], "a.pkl")
    assert np.array_equal(found.points[:2, :, :10], right) and not found.points[2].any()
    assert "people change rows in 1 of 1 sequences (first: a at frame 6)" in caplog.text


def test_a_frame_more_or_less_is_mended_and_anything_else_refused(caplog):
    given = sequence(body("coco17", frames=30))
    assert fitted(given, 30, "a") is given
    with caplog.at_level(logging.WARNING):
        longer, shorter = fitted(given, 31, "a"), fitted(given, 29, "a")
    assert (
        longer.points.shape[1] == 31 and not longer.present[30] and not longer.points[:, 30].any()
    )
    assert np.array_equal(shorter.points, given.points[:, :29])
    assert "30 frames of keypoints for 31 of the video" in caplog.text
    for frames in (26, 28, 32, 60):
        with pytest.raises(BadInput, match=f"of 30 frames, its video shows {frames}"):
            fitted(given, frames, "a")


def test_videos_by_name(tmp_path):
    for name in ("s1.mp4", "deep/s2_rgb.AVI", "s10.mkv", "s3.json", "._s3.mp4", "s4.mp4", "s4.avi"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = find_videos(tmp_path, ["s1", "s2", "s10"])
    assert {k: v.name for k, v in found.items()} == {
        "s1": "s1.mp4", "s2": "s2_rgb.AVI", "s10": "s10.mkv",
    }  # fmt: skip
    with pytest.raises(BadInput, match="2 without a video") as error:
        find_videos(tmp_path, ["s1", "s3", "s4"])
    assert "'s3': no video is called so" in str(error.value)
    assert "'s4': 2 files could be its video" in str(error.value)
    with pytest.raises(BadInput, match="is no folder"):
        find_videos(tmp_path / "none", ["s1"])


def clips(*spans):
    return [{"start": start, "end": end} for start, end in spans]


def test_seconds_where_frames_belong():
    seconds = clips((12, 13), (40, 41), (55, 56), (70, 72), (90, 90))
    assert seconds_for_frames(seconds, 2500, 25.0)
    assert "are start and end seconds?" in short_clips(seconds)
    frames = clips((300, 325), (1000, 1035), (1375, 1390), (1750, 1800), (2250, 2251))
    assert not seconds_for_frames(frames, 2500, 25.0) and short_clips(frames) is None
    late = clips((12, 13), (40, 41), (55, 56), (70, 72), (2000, 2001))
    assert not seconds_for_frames(late, 2500, 25.0)
    assert short_clips(clips((1, 2), (3, 3))) is None  # too few to say
