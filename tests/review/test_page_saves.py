"""What the review page saves, read back by the workflow's own readers."""

import csv
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from microgesture.importers.elan import read_elan
from microgesture.review.page import write_page
from microgesture.tables.sheets import read_sheets
from microgesture.videos.time_stamps import seconds_to_frames, time_stamps
from tests.exports.eaf_rules import broken_rules
from tests.review import demo_page
from tests.review.hands import press, rows, saved, until


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
