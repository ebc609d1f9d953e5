"""What the review page shows: video, time stamps, list, words for everybody; played, scrolled."""

import io
from fractions import Fraction

import av
import cv2
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from microgesture.review.page import ReviewVideo, write_page
from microgesture.videos.decoding import read_selected
from microgesture.videos.time_stamps import time_stamps
from tests.review import demo_page
from tests.review.hands import press, rows, until


def test_it_shows_the_video_and_its_segments(page):
    assert page.title() == "Batch <0> & co"
    assert [row[0] for row in rows(page)] == demo_page.LABELS["name"].tolist()
    assert rows(page)[1] == ['folding <arms> & "leaning"', "0:01.33 – 0:02.13 · 0.80 s", "42\u00a0%", "uncertain"]  # fmt: skip
    until(page, "document.getElementById('video').readyState >= 2")
    assert page.eval_on_selector("#video", "v => [v.videoWidth, v.videoHeight]") == [160, 120]
    # The skeleton is drawn on the overlay and can be taken away.
    drawn = "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v)"
    assert page.eval_on_selector("#overlay", drawn)
    press(page, "t", "b")
    assert not page.eval_on_selector("#overlay", drawn)


def test_the_video_shows_the_frame_that_is_told(page, rendered):
    """Frame by frame: what the browser shows is what the decoder numbers."""
    until(page, "document.getElementById('video').readyState >= 2")
    wanted = [0, 7, 8, 31, 59]
    truth = read_selected(rendered[0] / "s14.mp4", wanted).astype(float)
    press(page, "t", "b")
    for number in wanted:
        now = int(page.get_attribute("#playhead", "aria-valuenow"))
        press(page, *["ArrowRight"] * (number - now))
        for _ in range(40):  # a busy machine shows it a little later
            seen = _picture(page.locator("#video").screenshot())
            errors = [np.abs(_fitted(frame, seen.shape) - seen).mean() for frame in truth]
            if int(np.argmin(errors)) == wanted.index(number):
                break
            page.wait_for_timeout(100)
        assert int(np.argmin(errors)) == wanted.index(number), (number, errors)
        assert page.inner_text("#clock").endswith(f"frame {number} of 59")


@pytest.mark.parametrize("late", [0, 500], ids=["variable rate", "late first frame"])
def test_any_time_stamps(opened, tmp_path, late):
    """Pictures as grey as their number says, shown for 15 to 80 ms each, the first one late."""
    stamps = late + np.cumsum([0, *np.random.default_rng(0).integers(15, 80, 39)])
    with av.open(str(tmp_path / "v.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width = stream.height = 64
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        for number, stamp in enumerate(stamps.tolist()):
            grey = np.full((64, 64, 3), 20 + 5 * number, np.uint8)
            frame = av.VideoFrame.from_ndarray(grey, format="rgb24")
            frame.pts, frame.time_base = stamp, stream.time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    video = ReviewVideo(
        "v", "v.mp4", time_stamps(tmp_path / "v.mp4"), 64, 64, "ann", np.zeros((40, 1, 3)), [],
        pd.DataFrame({"start": [3, 20], "end": [9, 39], "label": [0, 1]}),
    )  # fmt: skip
    page = opened(write_page(tmp_path / "r.html", [video], demo_page.LABELS, title="Times"))
    until(page, "document.getElementById('video').readyState >= 2")
    for keys, number in ([], 0), (["ArrowRight"], 1), (["ArrowDown"] * 2, 20), (["ArrowLeft"], 19):
        press(page, *keys)
        for _ in range(40):
            grey = _picture(page.locator("#video").screenshot()).mean(axis=2)
            told = (grey[grey.shape[0] // 3, grey.shape[1] // 2] - 20) / 5
            if round(told) == number:
                break
            page.wait_for_timeout(100)
        assert round(told) == number
        assert page.get_attribute("#playhead", "aria-valuenow") == str(number)


def _picture(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), float)


def _fitted(frame: np.ndarray, shape: tuple) -> np.ndarray:
    """The frame as it is drawn in a box of this shape: as large as fits, in the middle."""
    scale = min(shape[0] / frame.shape[0], shape[1] / frame.shape[1])
    size = round(frame.shape[1] * scale), round(frame.shape[0] * scale)
    full = np.zeros(shape)
    top, left = (shape[0] - size[1]) // 2, (shape[1] - size[0]) // 2
    full[top : top + size[1], left : left + size[0]] = cv2.resize(frame, size)
    return full


def test_a_missing_video_is_told_and_can_be_chosen(opened, rendered):
    folder, points = rendered
    page = opened(demo_page.write(folder, points, media="gone/my%20talk.mp4"))
    page.wait_for_selector("#trouble:not([hidden])")
    words = page.inner_text("#trouble")
    assert "my talk.mp4 cannot be played" in words
    assert "ffmpeg" in words
    opened.wrong[:] = [line for line in opened.wrong if "ERR_FILE_NOT_FOUND" not in line]
    # The skeleton plays on by itself.
    press(page, " ")
    until(page, "Number(document.getElementById('playhead').ariaValueNow) > 5")
    press(page, " ")
    page.set_input_files("#choose-video", folder / "s14.mp4")
    until(page, "document.getElementById('video').videoWidth === 160")
    assert page.is_hidden("#trouble")


def test_playing_a_segment_stops_at_its_end(page):
    until(page, "document.getElementById('video').readyState >= 3")
    press(page, "ArrowDown", "p")
    until(page, "document.getElementById('play').ariaLabel === 'Pause'")
    until(page, "document.getElementById('play').ariaLabel === 'Play'")
    assert page.get_attribute("#playhead", "aria-valuenow") == "13"


def test_screen_readers_are_told(page):
    listbox = page.locator("#list")
    assert listbox.get_attribute("role") == "listbox"
    press(page, "ArrowDown")
    active = listbox.get_attribute("aria-activedescendant")
    option = page.locator(f"#{active}")
    assert [option.get_attribute(f"aria-{name}") for name in ("selected", "posinset", "setsize")] == ["true", "1", "3"]  # fmt: skip
    until(
        page,
        "document.getElementById('say').textContent.startsWith('1 of 3: touching ears, 0.27 to 0.93 seconds, 91')",
    )
    # Everything that can be worked has a name, and Tab reaches it with a visible mark.
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('button, select, input')].filter(e => e.checkVisibility()).filter(e =>
        !(e.textContent.trim() && e.matches('button')) && !e.ariaLabel && !e.labels?.length && !e.title).map(e => e.id)"""
    )
    assert nameless == []
    press(page, "Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_their_ground(page, scheme):
    """WCAG 2.2: a contrast of at least 4.5 for the words of the page's own colours."""
    page.emulate_media(color_scheme=scheme)
    colours = page.evaluate(
        """() => Object.fromEntries(['ink','muted','good','bad','sheet','accent','on-accent'].map(n => {
        const e = document.createElement('i'); e.style.color = `var(--${n})`; document.body.append(e);
        const c = getComputedStyle(e).color.match(/\\d+/g).map(Number); e.remove(); return [n, c]; }))"""
    )
    for word, ground in (("ink", "sheet"), ("muted", "sheet"), ("good", "sheet"), ("bad", "sheet"), ("on-accent", "accent")):  # fmt: skip
        assert _contrast(colours[word], colours[ground]) >= 4.5, (scheme, word)


def _contrast(first: list[int], second: list[int]) -> float:
    def light(colour):
        parts = [v / 255 for v in colour]
        linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
        return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))

    a, b = sorted((light(first), light(second)))
    return (b + 0.05) / (a + 0.05)


def test_a_thousand_segments_scroll_smoothly(opened, rendered, record_property):
    folder, points = rendered
    page = opened(demo_page.write(folder, points, demo_page.many_segments(1000)))
    assert page.inner_text("#list-count") == "1000 segments"
    # What a step costs the page itself; how often frames come depends on the machine's other work.
    costs = page.evaluate(
        """() => {
          const list = document.getElementById('list'), costs = [];
          for (let step = 0; step < 120; step++) {
            const before = performance.now();
            list.scrollTop += 230;
            list.dispatchEvent(new Event('scroll'));
            list.offsetHeight;
            costs.push(performance.now() - before);
          }
          return costs;
        }"""
    )
    frames = page.evaluate(
        """() => new Promise(done => {
          const list = document.getElementById('list'), times = []; let before = performance.now();
          list.scrollTop = 0;
          requestAnimationFrame(function step(now) {
            times.push(now - before); before = now; list.scrollTop += 230;
            if (times.length < 60) requestAnimationFrame(step); else done(times.slice(5));
          });
        })"""
    )
    print(f"a step costs {np.median(costs):.2f} ms, frames come every {np.median(frames):.1f} ms")
    record_property("step_ms", float(np.median(costs)))
    assert np.quantile(costs, 0.25) < 8  # half of a frame at 60 a second
    assert page.locator(".row").count() < 60
    press(page, "End")
    assert page.locator("[aria-selected=true]").get_attribute("aria-posinset") == "1000"
