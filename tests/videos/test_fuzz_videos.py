"""The short form of `make fuzz-videos`: each kind of file once."""

import shutil
import subprocess

import pytest

from tests.videos.barcode import UNREADABLE, draw, read
from tests.videos.cut_videos import CODECS, CONTAINERS, Case, every_case, make
from tests.videos.fuzz_videos import page
from tests.videos.judging import Verdict, judge

# case: what is to come of it
SHORT = {
    "mp4-h264-whole": "right",
    "mp4-h264-trimmed": "right",
    "mp4-h264-variable": "right",
    "mp4-h264-damaged": "refused",
    "mp4-hevc-joined": "right",
    "mov-mjpeg-negative": "right",
    "3gp-h263-whole": "right",
    "mkv-h264-late": "right",
    "mkv-h264-negative": "right",
    "mkv-mpeg4-damaged": "refused",
    "webm-vp9_alt-variable": "right",
    "webm-vp8-cut_short": "refused",
    "avi-mpeg4-whole": "right",
    "avi-h264-whole": "right",
    "avi-mjpeg-wiped": "refused",
    "ts-h264-whole": "right",
    "ts-h264-headless": "right",
    "ts-h264-appended": "refused",
    "mpg-mpeg2-late": "right",
    "mpg-mpeg1-damaged": "refused",
    "wmv-wmv2-whole": "right",
    "wmv-wmv2-wiped": "refused",
    "flv-flv1-variable": "right",
    "h264-h264-whole": "right",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    if shutil.which("ffmpeg") is None:
        pytest.skip("no ffmpeg here to make the videos")
    return tmp_path_factory.mktemp("cut")


@pytest.mark.parametrize("name", SHORT)
def test_every_reader_is_right_or_all_refuse_with_the_repair(folder, name):
    case = Case(*name.split("-"))
    try:
        path = make(case, folder)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"this ffmpeg cannot make {name}: {error.stderr.decode()[-200:]}")
    verdict = judge(case, path)
    assert verdict.outcome == SHORT[name], verdict.detail


def test_the_short_cases_are_among_all_of_them():
    names = {str(case) for case in every_case()}
    assert set(SHORT) <= names and len(names) >= 60
    assert {codec for _, codecs in CONTAINERS.values() for codec in codecs.split()} <= set(CODECS)


def test_the_bar_code_tells_every_number_and_no_other_picture():
    assert [read(draw(number)) for number in range(0, 1024, 7)] == list(range(0, 1024, 7))
    assert read(draw(57)[:, 16:160]) == 57
    assert read(draw(57)[..., 1]) == 57
    mixed = (draw(57).astype(int) + draw(90)) // 2
    assert read(mixed.astype("uint8")) == UNREADABLE


def test_the_page_says_what_was_found():
    case = Case("mp4", "h264", "whole")
    lines = page(
        [
            Verdict(case, "right", "decord", "72"),
            Verdict(Case("avi", "h264", "late"), "refused", "", "why"),
        ]
    )
    assert "2 videos" in lines and "1 right" in lines and "- avi-h264-late: why" in lines
    assert "| mp4, h264 | right (decord) |" in lines
