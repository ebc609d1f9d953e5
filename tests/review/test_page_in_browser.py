"""The review page in a real Chromium, opened from the disk, worked with keys and mouse."""

import csv
import io
import shutil
import zipfile
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from microgesture.importers.elan import read_elan
from microgesture.review.page import ReviewVideo, write_page
from microgesture.tables.sheets import read_sheets
from microgesture.videos.decoding import read_selected
from microgesture.videos.time_stamps import seconds_to_frames, time_stamps
from tests.exports.eaf_rules import broken_rules
from tests.review import demo_page

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
playwright = pytest.importorskip("playwright.sync_api", reason="needs the package playwright")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt install chromium")


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    folder = tmp_path_factory.mktemp("review page")  # a space in its address
    return folder, demo_page.render(folder)


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        # Root in a container has no user namespaces for Chromium's sandbox.
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def opened(browser, rendered):
    """A function that opens a page and checks at the end that nothing went wrong in it."""
    contexts, wrong, asked = [], [], []

    def visit(path: Path, again=None):
        context = again or browser.new_context(
            viewport={"width": 1280, "height": 800}, reduced_motion="reduce", accept_downloads=True
        )
        if not again:
            contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path.as_uri())
        page.wait_for_selector(".row, #list-empty:not([hidden])")
        return page

    visit.wrong = wrong
    yield visit
    for context in contexts:
        context.close()
    assert not [url for url in asked if not url.startswith(("file:", "blob:", "data:"))]
    assert wrong == []


@pytest.fixture
def page(opened, rendered):
    folder, points = rendered
    return opened(demo_page.write(folder, points))


def until(page, expression: str, seconds: float = 20) -> None:
    """Wait until it is true. (Playwright's own wait evaluates text, which the page forbids.)"""
    for _ in range(int(seconds * 20)):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never true: {expression}")


def rows(page) -> list[list[str]]:
    """Name, seconds, confidence and state of every row of the list."""
    return page.eval_on_selector_all(
        ".row",
        "all => all.map(r => ['b','small','em','u'].map(t => r.querySelector(t).textContent))",
    )


def states(page) -> list[str]:
    return [row[3] for row in rows(page)]


def saved(page, button: str, tmp_path: Path) -> Path:
    if not page.is_visible("#save"):
        page.keyboard.press("Control+s")
    with page.expect_download() as download:
        page.click(button)
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    return path


def clips(page, tmp_path: Path) -> list[tuple]:
    table = pd.read_csv(saved(page, "#save-clips", tmp_path), sep="\t")
    page.keyboard.press("Escape")
    return [tuple(row) for row in table[["start", "end", "label"]].to_numpy().tolist()]


def press(page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def at(page, frame: float, row: int = 0) -> tuple[float, float]:
    """Where a border between frames lies on the time line of the whole video."""
    box = page.locator("#lanes").bounding_box()
    return box["x"] + box["width"] * frame / demo_page.FRAMES, box["y"] + 40 + 3 + 33 * row + 15


def drag(page, start: tuple, end: tuple) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=4)
    page.mouse.up()


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


def test_with_keys_alone(page, tmp_path):
    press(page, "ArrowDown", "a")  # accept, on to the next
    assert states(page) == ["accepted", "uncertain", ""]
    press(page, "l")
    page.keyboard.type("lips")
    press(page, "Enter")  # relabel
    assert rows(page)[1][0] == "pressing lips"
    press(page, "f", "f", "h")  # start two frames later, end one later
    press(page, "ArrowDown", "r")  # reject the last
    assert states(page) == ["accepted", "corrected", "rejected"]
    assert clips(page, tmp_path) == [(4, 13, 0), (22, 32, 2)]
    press(page, *["Control+z"] * 3)
    assert clips(page, tmp_path) == [(4, 13, 0), (21, 31, 2)]
    press(page, *["Control+y"] * 3)
    assert clips(page, tmp_path) == [(4, 13, 0), (22, 32, 2)]
    press(page, *["Control+z"] * 9)
    assert states(page) == ["", "uncertain", ""]


def test_the_second_choice_and_the_play_head_as_end(page, tmp_path):
    press(page, "ArrowDown", "ArrowDown", "s")
    assert rows(page)[1][0] == "pressing lips"
    press(page, "Shift+ArrowRight", "ArrowRight", "ArrowRight", "o")  # frame 20 + 12
    press(page, *["ArrowLeft"] * 9, "i")
    assert clips(page, tmp_path) == [(23, 32, 2)]
    press(page, "ArrowDown", "s")  # its second choice is that nothing happens
    assert rows(page)[2][0] == "pressing lips"
    until(page, "document.getElementById('say').textContent.includes('no second')")


def test_dragging_ends_and_drawing_a_segment(page, tmp_path):
    drag(page, at(page, 14), at(page, 17.3))  # the end of the first, behind frame 13
    assert clips(page, tmp_path) == [(4, 16, 0)]
    drag(page, at(page, 40), at(page, 34.8))  # the start of the last
    assert clips(page, tmp_path) == [(4, 16, 0), (35, 52, 2)]
    page.keyboard.down("Shift")
    drag(page, at(page, 54.5), at(page, 58.5))
    page.keyboard.up("Shift")
    page.keyboard.type("1")
    press(page, "Enter")
    assert clips(page, tmp_path) == [(4, 16, 0), (35, 52, 2), (54, 58, 1)]
    assert states(page) == ["corrected", "uncertain", "corrected", "added"]
    press(page, "Delete")
    assert states(page) == ["corrected", "uncertain", "corrected"]
    press(page, "Control+z", "Control+z")
    assert clips(page, tmp_path) == [(4, 16, 0), (35, 52, 2)]


def test_adding_at_the_play_head(page, tmp_path):
    press(page, "n", "Escape")
    assert len(rows(page)) == 3  # closed without a class: nothing was added
    press(page, "n")
    page.keyboard.type("2")
    press(page, "Enter")
    assert clips(page, tmp_path) == [(0, 15, 2)]


def test_filters(page):
    page.select_option("#filter-state", "uncertain")
    assert [row[0] for row in rows(page)] == ['folding <arms> & "leaning"']
    page.click("#filter-clear")
    page.fill("#filter-from", "60")
    assert [row[2] for row in rows(page)] == ["91\u00a0%", "67\u00a0%"]
    page.fill("#filter-to", "80")
    assert [row[2] for row in rows(page)] == ["67\u00a0%"]
    page.select_option("#filter-class", "0")
    assert rows(page) == []
    assert "Show all" in page.inner_text("#list-empty")
    page.click("#filter-clear")
    page.select_option("#filter-order", "unsure")
    assert [row[2] for row in rows(page)] == ["42\u00a0%", "67\u00a0%", "91\u00a0%"]
    # In a list that a verdict takes rows out of, keys go on to the next one.
    page.select_option("#filter-order", "time")
    page.select_option("#filter-state", "open")
    page.focus("#list")
    press(page, "ArrowDown", "a", "a", "r")
    assert rows(page) == []


def test_what_was_done_is_kept(opened, rendered):
    folder, points = rendered
    first = opened(demo_page.write(folder, points))
    press(first, "ArrowDown", "a", "d")
    first.close(run_before_unload=False)
    # The page written anew, elsewhere: the same segments, so the same work.
    (folder / "elsewhere").mkdir(exist_ok=True)
    video = demo_page.review_video(folder, points, media="../s14.mp4")
    path = write_page(folder / "elsewhere/new.html", [video], demo_page.LABELS, title="New")
    second = opened(path, again=first.context)
    assert states(second) == ["accepted", "corrected", ""]
    press(second, "Control+z")
    assert states(second) == ["accepted", "uncertain", ""]
    other = demo_page.SEGMENTS.assign(end=[13, 31, 53])
    third = opened(demo_page.write(folder, points, other), again=first.context)
    assert states(third) == ["", "uncertain", ""]


def test_saved_files_go_back_into_the_workflow(page, rendered, tmp_path):
    folder, _ = rendered
    press(page, "ArrowDown", "a", "g", "a")  # accept; one frame shorter; on
    page.fill("#comment", "tab\there, <b> & quotes \"'")
    press(page, "Enter")
    page.focus("#list")
    press(page, "a")
    press(page, "n")
    page.keyboard.type("1")
    press(page, "Enter")
    press(page, "Control+s")
    page.check("text=Finished >> xpath=ancestor::table//input")
    archive = zipfile.ZipFile(saved(page, "#save-zip", tmp_path))
    assert archive.testzip() is None
    archive.extractall(tmp_path)
    # The tables pass the sheets' own checks.
    demo_page.LABELS.to_csv(tmp_path / "labels.tsv", sep="\t", index=False)
    sheets = read_sheets(*(str(tmp_path / f"{kind}.tsv") for kind in ("videos", "clips", "labels")))
    columns = ["video", "subject", "start", "end", "label", "split"]
    found = sheets.clips[columns].to_numpy().tolist()
    assert ["s14", "Jörg", 4, 13, 0, "train"] in found
    assert ["s14", "Jörg", 20, 30, 1, "train"] in found
    assert ["s14", "Jörg", 40, 52, 2, "train"] in found
    assert len(found) == 4
    assert sheets.videos["annotated"].tolist() == ["yes"]
    assert sheets.videos["path"].tolist() == [str(folder / "s14.mp4")]
    # ELAN's rules, and the same segments when read back.
    eaf = tmp_path / "elan/s14.eaf"
    assert broken_rules(eaf) == []
    table = read_elan(eaf)
    assert table.problems == []
    times = time_stamps(folder / "s14.mp4")
    names = demo_page.LABELS["name"].tolist()
    back = sorted(
        (*map(int, seconds_to_frames(times, a.start, a.end)), names.index(a.name))
        for a in table.annotations
    )
    assert back == sorted((row[2], row[3], row[4]) for row in found)
    assert {a.subject for a in table.annotations} == {"Jörg"}
    told = {a.start: a for a in table.annotations if a.confidence is not None}
    assert sorted(a.confidence for a in told.values()) == [0.42, 0.67, 0.91]
    assert [a.comment for a in table.annotations if a.comment] == ["tab\there, <b> & quotes \"'"]
    assert Path(table.recordings[0].names[0]).name == "s14.mp4"
    _check_csv(tmp_path, times, found)


def _check_csv(folder: Path, times: np.ndarray, found: list) -> None:
    frames = list(csv.DictReader((folder / "segments_frames.csv").open(encoding="utf-8")))
    seconds = list(csv.DictReader((folder / "segments_seconds.csv").open(encoding="utf-8")))
    assert len(frames) == len(seconds) == len(found)
    for row, told in zip(frames, seconds):
        first, last = seconds_to_frames(times, float(told["start"]), float(told["end"]))
        assert (int(row["start"]), int(row["end"])) == (first, last)
        assert float(told["duration"]) == pytest.approx(
            float(told["end"]) - float(told["start"]), abs=2e-6
        )


def test_splits_and_what_is_saved(page, tmp_path):
    press(page, "ArrowDown", "r", "a", "Control+s")
    assert "1" in page.inner_text("#count-accepted")
    page.check("input[value=kept]")
    page.select_option("#save-split", "unlabelled")
    table = pd.read_csv(saved(page, "#save-clips", tmp_path), sep="\t")
    assert table["split"].tolist() == ["unlabelled"] * 2
    assert table["label"].isna().all()
    page.select_option("#save-split", "val")
    table = pd.read_csv(saved(page, "#save-clips", tmp_path), sep="\t")
    assert table["label"].tolist() == [1, 2]
    assert table["clip"].is_unique


def test_several_videos(opened, rendered, tmp_path):
    """Two people in one file: two rows of videos.tsv, one page."""
    folder, points = rendered
    first = demo_page.review_video(folder, points)
    other = demo_page.SEGMENTS.assign(video="s15").iloc[:2]
    row = {"video": "s15", "path": "clips/s14.mp4", "subject": "Ann", "region": "0,0,0.5,1"}
    second = replace(first, name="s15", subject="Ann", segments=other, row=row)
    path = write_page(folder / "two.html", [first, second], demo_page.LABELS, title="Two")
    page = opened(path)
    assert len(rows(page)) == 3
    page.check("#filter-all")
    assert page.inner_text("#list-count") == "5 segments"
    assert rows(page)[4][1].startswith("s15 · ")
    page.focus("#list")
    press(page, "End")  # opens the other video
    assert page.input_value("#video-select") == "1"
    press(page, "a")  # and back to the first that nobody has looked at
    assert page.input_value("#video-select") == "0"
    press(page, *"aaaa")
    until(page, "document.getElementById('say').textContent.startsWith('Nothing is left')")
    assert page.get_attribute("#progress", "aria-valuetext") == "5 of 5"
    press(page, "Control+s")
    page.locator("#save-videos select").nth(1).select_option("val")
    table = pd.read_csv(saved(page, "#save-clips", tmp_path), sep="\t")
    assert table.groupby("video")["split"].agg(["first", "size"]).to_numpy().tolist() == [["train", 3], ["val", 2]]  # fmt: skip
    page.locator("#save-videos input").nth(1).check()
    sheet = pd.read_csv(saved(page, "#save-sheet", tmp_path), sep="\t", keep_default_na=False)
    assert sheet["annotated"].tolist() == ["", "yes"]
    assert sheet["region"].tolist() == ["", "0,0,0.5,1"]
    assert sheet["path"].tolist() == [str(folder / "s14.mp4"), "clips/s14.mp4"]
    press(page, "Escape")
    # The same person in two splits is told at once.
    same = [first, replace(second, subject="Jörg")]
    page = opened(write_page(folder / "same.html", same, demo_page.LABELS, title="Same"))
    page.check("#filter-all")
    page.focus("#list")
    press(page, "ArrowDown", *"aaaaa", "Control+s")
    page.locator("#save-videos select").nth(1).select_option("val")
    assert "Jörg would be in train and in val" in page.inner_text("#save-notes")


def test_work_is_carried_to_another_browser(page, opened, rendered, tmp_path):
    press(page, "ArrowDown", "a", "d", "Control+s")
    page.click("summary")
    work = saved(page, "#save-work", tmp_path)
    other = opened(rendered[0] / "review.html")
    press(other, "Control+s")
    other.click("summary")
    (tmp_path / "bad.json").write_text("{")
    other.set_input_files("#load-work", tmp_path / "bad.json")
    until(other, "document.getElementById('save-notes').textContent.includes('no work')")
    other.set_input_files("#load-work", work)
    other.wait_for_selector("#save:not([open])", state="hidden")
    assert states(other) == ["accepted", "corrected", ""]


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
