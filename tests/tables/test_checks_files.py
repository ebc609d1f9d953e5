"""Files under two names, dates in the future, braces: told with the row."""

import os
import time

import pandas as pd
import pytest

from microgesture.tables.checks_files import check_files, path_fault, plain_path


@pytest.mark.parametrize(
    ("path", "plain"),
    [
        ("/data//v.mp4", "/data/v.mp4"),
        ("./data/./v.mp4", "data/v.mp4"),
        (".//data///a/.//v.mp4", "data/a/v.mp4"),
        ("../data/v.mp4", "../data/v.mp4"),
        ("/data/a/../v.mp4", "/data/a/../v.mp4"),
        ("data/.hidden/v..mp4", "data/.hidden/v..mp4"),
        ("s3://bucket/v.mp4", "s3://bucket/v.mp4"),
        ("", ""),
    ],
)
def test_plain_paths(path, plain):
    assert plain_path(path) == plain


def problems_of(*paths, **columns):
    rows = pd.DataFrame({"path": [str(path) for path in paths], "keypoints": "", **columns})
    rows["keypoints_2d"] = ""
    rows.index = pd.Index(range(2, len(rows) + 2), name="line")
    return [str(p) for p in check_files({"videos": rows}, {"videos": "videos.tsv"})]


@pytest.fixture
def video(tmp_path):
    path = tmp_path / "v.mp4"
    path.write_bytes(b"x")
    return path


def test_one_file_under_two_names(video, tmp_path):
    (tmp_path / "soft.mp4").symlink_to(video)
    os.link(video, tmp_path / "hard.mp4")
    (tmp_path / "folder").symlink_to(tmp_path)
    for name in ("soft.mp4", "hard.mp4", "folder/v.mp4", "folder/../v.mp4"):
        if name.startswith("folder/.."):
            other = f"{tmp_path.parent}/{tmp_path.name}/./v.mp4"
        else:
            other = str(tmp_path / name)
        (problem,) = problems_of(video, other)
        assert f"line 3, column path: {other!r} is the same file as {str(video)!r} in line 2" in (
            problem
        )
    (tmp_path / "copy.mp4").write_bytes(b"x")
    assert not problems_of(video, tmp_path / "copy.mp4")


def test_files_that_the_workflow_makes_are_told_apart_by_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert not problems_of("results/demo_videos/a.mp4", "results/demo_videos/b.mp4")
    (problem,) = problems_of("results/demo_videos/a.mp4", tmp_path / "results/demo_videos/a.mp4")
    assert "is the same file" in problem


def test_two_people_in_two_regions_of_one_file(video, tmp_path):
    (tmp_path / "soft.mp4").symlink_to(video)
    assert not problems_of(video, tmp_path / "soft.mp4", region=["left", "right"])
    assert problems_of(video, tmp_path / "soft.mp4", region=["left", "left"])
    assert problems_of(video, tmp_path / "soft.mp4", region=["left", ""])


def test_dates_in_the_future(video, tmp_path):
    for ahead, told in ((10**8, True), (3600, True), (5, False), (-(10**8), False)):
        os.utime(video, (time.time() + ahead,) * 2)
        assert bool(problems_of(video)) == told
    os.utime(video, (1900000000, 1900000000))  # 17 March 2030
    assert "was changed in the future (2030-03-17)" in problems_of(video)[0]
    assert f"touch {str(video)!r}" in problems_of(video)[0]
    (tmp_path / "link.mp4").symlink_to(video)
    assert "in the future" in problems_of(tmp_path / "link.mp4")[0]


@pytest.mark.parametrize("name", ["take{1}.mp4", "a{b}c/v.mp4", "v{.mp4", "{video,x}.mp4"])
def test_braces(name):
    assert "holds a brace" in path_fault(name)[0]
    assert repr(name) in problems_of(name)[0]
