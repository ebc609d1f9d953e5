"""Segments of the review page changed with keys and mouse, taken back, filtered, kept."""

from microgesture.review.page import write_page
from tests.review import demo_page
from tests.review.hands import at, clips, drag, press, rows, saved, states, until


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
