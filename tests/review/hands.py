"""What tests do with an open review page: read its list, press keys, drag, save."""

from pathlib import Path

import pandas as pd

from tests.review import demo_page


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
