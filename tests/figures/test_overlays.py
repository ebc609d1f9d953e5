import numpy as np

from microgesture.figures.overlays import draw_overlay, draw_strip, overlay_scale, strip_inside
from microgesture.figures.panel import CROP, FIRST, ClipText, draw_panel, font, wrapped
from microgesture.figures.skeletons import rgb_of
from microgesture.pose.layouts import get_layout

COCO = get_layout("coco17")
TEXT = ClipText([("nod", 0.75), ("wave", 0.2)], [("clip", "c1")])


def overlay(box=(30.0, 20.0, 110.0, 100.0), text=TEXT, frames=4):
    pictures = [np.full((120, 160, 3), 60 + 10 * n, dtype=np.uint8) for n in range(frames)]
    points = np.zeros((1, frames, 17, 3), dtype=np.float32)
    motion = np.array([0.0, 1.0, 2.0, 1.0])[:frames]
    return list(draw_overlay(pictures, points, COCO, box, motion, text, 25.0))


def test_frames_are_enlarged_and_even():
    frames = overlay()
    assert len(frames) == 4
    height, width = frames[0].shape[:2]
    assert height % 2 == width % 2 == 0
    assert frames[0].dtype == np.uint8
    for number, frame in enumerate(frames):  # a spot of the video that nothing is drawn on
        assert abs(int(frame[10, 10, 0]) - (60 + 10 * number)) <= 1


def test_crop_box_is_where_the_saliency_says():
    frame = overlay()[0]
    # x = 30 -> (30 + .5) * 2 - .5 = 60.5, y = 20 -> 40.5
    assert (np.abs(frame[100, 58:63].astype(int) - rgb_of(CROP)).sum(axis=1) < 60).any()
    assert (np.abs(frame[38:43, 120].astype(int) - rgb_of(CROP)).sum(axis=1) < 60).any()
    without = overlay(box=None)[0]
    assert not (np.abs(without.astype(int) - rgb_of(CROP)).sum(axis=2) < 30).any()


def test_huge_video_is_not_enlarged_beyond_1080():
    assert overlay_scale(240, 2) == 2
    assert overlay_scale(2160, 2) == 0.5


def test_the_bar_is_as_long_as_the_confidence():
    def filled(confidence):
        panel, _ = draw_panel(ClipText([("nod", confidence)]), 400, 400)
        return (panel == rgb_of(FIRST)).all(axis=2).sum(axis=1).max()

    full = filled(1.0)
    assert abs(filled(0.5) / full - 0.5) < 0.03
    assert abs(filled(0.25) / full - 0.25) < 0.03


def test_true_label_is_shown_only_when_told():
    told, below = draw_panel(ClipText(TEXT.guesses, TEXT.facts, "wave"), 400, 400)
    untold, above = draw_panel(TEXT, 400, 400)
    assert below > above
    assert (told != untold).any()


def test_panel_without_a_recogniser():
    panel, free = draw_panel(ClipText([], [("clip", "c1")]), 300, 200)
    assert panel.shape == (200, 300, 3)
    assert free < 100


def test_wrapped():
    letters = font(20)
    assert wrapped("nod", 500, letters) == ["nod"]
    lines = wrapped("touching or scratching the suprasternal notch", 200, letters, 2)
    assert len(lines) == 2
    assert lines[1].endswith("…")
    assert all(letters.getlength(line) <= 200 for line in lines)


def test_motion_strip_is_highest_at_the_peak():
    strip = draw_strip(np.array([0.0, 1.0, 4.0, 1.0, 0.0]), 400, 60)
    left, right, top, bottom = strip_inside(400, 60)
    inside = (strip[top:bottom, left:right] == (70, 88, 104)).all(axis=2).sum(axis=0)
    assert abs(int(inside.argmax()) - (right - left) // 2) <= 4
    draw_strip(np.zeros(0), 400, 60)
    draw_strip(np.full(3, np.nan), 400, 60)


def test_play_head_moves():
    first, *_, last = overlay()
    low = first.shape[0]
    strip = slice(round(low * 0.9), low)
    white = [np.argwhere((f[strip] == (238, 241, 244)).all(axis=2))[:, 1] for f in (first, last)]
    assert np.median(white[1]) > np.median(white[0]) + 100
