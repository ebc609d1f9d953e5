import resource
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from microgesture.demo.render import prepare_video
from microgesture.figures import annotated_video
from microgesture.figures.annotated_video import (
    TimeLine,
    drawn_size,
    segment_crops,
    shown_points,
    strip_of,
    write_annotated,
    write_anonymised,
)
from microgesture.figures.faces import Anonymise, find_heads
from microgesture.figures.panel import CROP, FOREGROUND, TRACK
from microgesture.figures.skeletons import rgb_of
from microgesture.figures.style import SERIES
from microgesture.pose.layouts import get_layout
from microgesture.provenance.errors import BadInput
from microgesture.stores.sequences import Sequence
from microgesture.videos.decoding import index_frames, read_selected
from microgesture.videos.encoding import write_video

WHOLE = get_layout("coco_wholebody133")
LABELS = pd.DataFrame(
    {"label": [0, 1], "name": ["touching ears", "folding arms"], "group": ["head", "hands"]}
)
SEGMENTS = pd.DataFrame(
    {"video": "v", "start": [5, 25], "end": [14, 44], "label": [0, 1], "confidence": [1.0, 0.5]}
)


@pytest.fixture(scope="module")
def filmed(tmp_path_factory):
    """A video of 60 frames, 160x120 at 15 a second, and its points (1, 60, 133, 3)."""
    path = tmp_path_factory.mktemp("annotated") / "v.mp4"
    plan, _, renderer = prepare_video("s14", {"width": 160, "height": 120})
    write_video(path, islice(renderer.frames(), 60), plan.fps, crf=18)
    return path, renderer.truth().points[None, :60]


@pytest.mark.parametrize(
    ("size", "drawn"),
    [((320, 240), (640, 480)), ((1280, 720), (1280, 720)), ((3840, 2160), (1920, 1080)), ((101, 57), (640, 362))],
)  # fmt: skip
def test_size_and_letters(size, drawn):
    width, height, _ = drawn_size(*size)
    assert (width, height) == drawn
    strip = strip_of(width, height)
    assert strip.height % 2 == 0
    assert strip.letters >= 17


def test_whole_video_frame_by_frame(filmed, tmp_path):
    path, points = filmed
    out = tmp_path / "annotated.mp4"
    crops = np.full((60, 4), np.nan)
    crops[5:15] = (30, 10, 130, 110)
    assert write_annotated(out, path, points, WHOLE, SEGMENTS, LABELS, crops=crops) == 60
    index = index_frames(out)
    assert (index.frames, index.width) == (60, 640)
    assert index.fps == pytest.approx(15)
    strip = strip_of(640, 480)
    assert index.height == 480 + strip.height
    frames = read_selected(out, [0, 10, 59])
    # The crop's left side: x = 30 -> (30 + .5) * 4 - .5 = 121.5; drawn in frame 10 only.
    yellow = np.abs(frames[:, 300, 119:125].astype(int) - rgb_of(CROP)).sum(axis=2).min(axis=1)
    assert yellow[1] < 140 < min(yellow[0], yellow[2])
    # The picture itself is the video's, enlarged: a spot that nothing is drawn on.
    source = read_selected(path, [0, 10, 59])
    np.testing.assert_allclose(frames[:, 22, 22].astype(int), source[:, 5, 5].astype(int), atol=12)


def test_one_person_or_several_and_as_many_frames(filmed, tmp_path):
    path, points = filmed
    for name, given in (("one", points[0]), ("several", points)):
        write_annotated(tmp_path / f"{name}.mp4", path, given, WHOLE, SEGMENTS, LABELS)
    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "several.mp4").read_bytes()
    with pytest.raises(BadInput, match="has 60 frames, but keypoints of 59"):
        write_annotated(tmp_path / "n.mp4", path, points[:, :59], WHOLE, SEGMENTS, LABELS)


def test_the_bar_tells_class_confidence_and_place():
    times = np.arange(60) / 15
    bar = TimeLine(SEGMENTS, LABELS, times, 4.0, strip_of(640, 480))
    strip = strip_of(640, 480)
    pictures = [bar.draw(frame) for frame in range(60)]
    inside = 640 - 2 * strip.margin
    row = strip.words + strip.margin // 2 + strip.line // 2
    # Segments stand where they are: frames 5 to 14 are 1/12 to 1/4 of the line.
    line = pictures[59][row]
    first = strip.margin + np.array([round(inside / 12) + 4, round(inside / 4) - 4])
    sure = rgb_of(SERIES[0])
    assert (line[first[0] : first[1]] == sure).all()
    assert (line[strip.margin + 20] == rgb_of(TRACK)).all()
    # Half as sure: share .3 + .7 * .5 of the colour over the track.
    place = strip.margin + round(inside * 35 / 60)
    expected = 0.65 * np.array(rgb_of(SERIES[1])) + 0.35 * np.array(rgb_of(TRACK))
    np.testing.assert_allclose(line[place], expected, atol=1)
    # The play head is where the frame is.
    for frame in (0, 30, 59):
        columns = np.flatnonzero((pictures[frame][row] == rgb_of(FOREGROUND)).all(axis=1))
        assert abs(columns.mean() - (strip.margin + inside * frame / 60)) <= 1.5
    # Words are there while something happens, and other words for another class.
    words = [picture[: strip.words, : 640 // 2] for picture in pictures]
    assert (words[4] == words[20]).all()
    assert (words[10] != words[4]).any()
    assert (words[30] != words[10]).any()
    bright = (words[10].min(axis=2) > 200).any(axis=1)
    assert bright.sum() >= 11  # letters of that height


def test_a_long_video_shows_a_window_around_the_play_head():
    times = np.arange(600 * 5) / 5  # ten minutes
    table = pd.DataFrame({"start": [1500], "end": [1524], "label": [0]})
    strip = strip_of(640, 480)
    bar = TimeLine(table, LABELS, times, 600.0, strip)
    row = strip.words + strip.margin // 2 + strip.line // 2
    colour = rgb_of(SERIES[0])
    seen = [(bar.draw(f)[row] == colour).all(axis=1).sum() for f in (0, 1400, 1510, 2999)]
    wide = (640 - 2 * strip.margin) * 5 / 60  # five seconds of a minute
    assert seen[0] == seen[3] == 0
    assert abs(seen[1] - wide) <= 3
    assert [row.label for row in bar.current(1524)] == [0]
    assert bar.current(1525) == ()


def test_overlaps_name_the_surest_first():
    table = pd.DataFrame({"start": [0, 4], "end": [9, 9], "label": [0, 1], "confidence": [0.4, 0.8]})  # fmt: skip
    bar = TimeLine(table, LABELS, np.arange(10) / 10, 1.0, strip_of(640, 480))
    assert [row.label for row in bar.current(5)] == [1, 0]
    assert [row.label for row in bar.current(3)] == [0]


def test_faces_are_hidden_in_both_kinds_of_copies(filmed, tmp_path):
    path, points = filmed
    settings = Anonymise("mask")
    heads = find_heads(points, WHOLE, 15.0, settings)
    assert write_anonymised(tmp_path / "copy.mp4", path, heads, settings) == 60
    write_annotated(
        tmp_path / "drawn.mp4", path, points[:, :, :17], get_layout("coco17"), SEGMENTS, LABELS,
        anonymise=settings,
    )  # fmt: skip
    source = read_selected(path, range(60))
    copy = read_selected(tmp_path / "copy.mp4", range(60))
    drawn = read_selected(tmp_path / "drawn.mp4", range(60))
    for number in range(60):
        x0, y0, x1, y1 = np.round(heads.boxes[0, number]).astype(int)
        inner = slice(max(y0, 0) + 3, y1 - 2), slice(max(x0, 0) + 3, x1 - 2)
        assert np.abs(copy[number][inner].astype(int) - rgb_of(TRACK)).max() < 25
        assert source[number][inner].std() > 15
        mouth = points[0, number, 71:91]
        x, y = (4 * mouth[mouth[:, 2] > 0, :2].mean(axis=0)).astype(int)
        assert np.abs(drawn[number][y, x].astype(int) - rgb_of(TRACK)).max() < 25
    outside = np.abs(copy[:, 90:].astype(int) - source[:, 90:])
    assert outside.mean() < 4


def test_odd_sides_are_made_even():
    frame = np.random.default_rng(0).integers(0, 255, (120, 160, 3), dtype=np.uint8)
    grown = annotated_video._even(frame[:119, :159])
    assert grown.shape == (120, 160, 3)
    assert (grown[119, :159] == frame[118, :159]).all()
    assert annotated_video._even(frame) is frame


@pytest.mark.skipif(not Path("/proc/self/statm").is_file(), reason="needs Linux' /proc")
def test_memory_does_not_grow_with_the_video(tmp_path, monkeypatch):
    """200 frames of 0.9 MB: a reader that runs ahead of the drawing would hold 184 MB of them."""
    frame = np.random.default_rng(0).integers(0, 255, (480, 640, 3), dtype=np.uint8)
    write_video(tmp_path / "long.mp4", (np.roll(frame, n, 1) for n in range(200)), 25, crf=45)
    held = []

    def slowly(out, pictures, fps, crf):
        for _ in pictures:
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            held.append(pages * resource.getpagesize() / 2**20)
        return len(held)

    monkeypatch.setattr(annotated_video, "write_video", slowly)
    points = np.zeros((1, 200, 17, 3), np.float32)
    write_annotated(tmp_path / "o.mp4", tmp_path / "long.mp4", points, get_layout("coco17"), SEGMENTS, LABELS)  # fmt: skip
    assert len(held) == 200
    assert max(held[20:]) - held[20] < 60


def test_crops_of_segments():
    table = SEGMENTS.assign(x0=[1.0, 2.0], y0=1.0, x1=9.0, y1=9.0)
    crops = segment_crops(table, 60)
    assert np.isnan(crops[[4, 15, 45]]).all()
    assert crops[5:15, 0].tolist() == [1.0] * 10
    assert crops[25:45, 0].tolist() == [2.0] * 20
    assert segment_crops(SEGMENTS, 60) is None


def test_the_person_that_is_recognised_is_shown():
    points = np.zeros((2, 4, 17, 3), np.float32)
    points[0, :, :, :] = 1.0
    points[1, :, :, 2] = 1.0
    points[1, :, 3, :2] = 50.0
    sequence = Sequence(points, np.ones(4, bool), "coco17", 64, 48, 10.0)
    assert (shown_points(sequence) == points[1]).all()
