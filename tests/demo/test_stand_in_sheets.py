"""Stand-in sheets: iMiGUE's real numbers at its size, and the workflow's checks at any size."""

import numpy as np
import pandas as pd
import pytest

from microgesture.demo.stand_in_sheets import (
    CLASS_COUNTS,
    apportion,
    class_counts,
    main,
    stand_in_rows,
    write_stand_in,
)
from microgesture.provenance.errors import BadInput
from microgesture.tables.sheets import read_sheets


def test_apportion_by_hand():
    # 10 by 5 : 3 : 1 is 5.56, 3.33, 1.11: the one left over goes to the largest remainder
    assert apportion(10, np.array([5, 3, 1])).tolist() == [6, 3, 1]
    assert apportion(2, np.array([1, 1, 1])).tolist() == [1, 1, 0]
    # at least one each: the three small ones take theirs from the large one
    assert apportion(6, np.array([97, 1, 1, 1]), least=1).tolist() == [3, 1, 1, 1]
    with pytest.raises(BadInput, match="2 are too few for 3"):
        apportion(2, np.ones(3), least=1)


def test_counts_are_those_of_imigue():
    counts = class_counts(18232, 32)
    assert [int(counts[split].sum()) for split in ("train", "val", "test")] == [12893, 777, 4562]
    assert (counts["train"] + counts["val"]).tolist() == list(CLASS_COUNTS)
    assert counts["train"].min() >= 1
    assert CLASS_COUNTS[31] == max(CLASS_COUNTS) == 4023 and CLASS_COUNTS[18] == 2


@pytest.mark.parametrize(("clips", "classes"), [(3692, 17), (22422, 52), (100_000, 52), (150, 32)])
def test_other_sizes_keep_the_long_tail(clips, classes):
    counts = class_counts(clips, classes)
    assert sum(int(split.sum()) for split in counts.values()) == clips
    assert all(len(split) == classes and split.min() >= 0 for split in counts.values())
    assert counts["train"].min() >= 1
    assert counts["train"].max() > 5 * np.median(counts["train"])


def test_sheets_pass_the_checks_of_the_workflow(tmp_path):
    paths = write_stand_in(tmp_path, clips=600, videos=24, classes=12)
    sheets = read_sheets(**paths)
    assert (len(sheets.videos), len(sheets.clips), len(sheets.labels)) == (24, 600, 12)
    split_of_video = sheets.clips.groupby("video")["split"].nunique()
    assert (split_of_video == 1).all() and len(split_of_video) == 24
    for _, clips in sheets.clips.groupby("video"):  # no two clips of a video share a frame
        clips = clips.sort_values("start")
        assert (clips["start"].to_numpy()[1:] > clips["end"].to_numpy()[:-1]).all()
    assert (tmp_path / "videos" / "0001.mp4").read_bytes() == b""


def test_the_same_numbers_give_the_same_sheets(tmp_path):
    first, second = (stand_in_rows(tmp_path, 300, 9, 8) for _ in range(2))
    assert first == second


def test_keypoints_and_files_that_are_there(tmp_path):
    (tmp_path / "videos").mkdir()
    (tmp_path / "videos" / "0002.mp4").write_bytes(b"a real one")
    write_stand_in(tmp_path, clips=300, videos=9, classes=8, keypoints=True)
    assert (tmp_path / "videos" / "0002.mp4").read_bytes() == b"a real one"
    videos = pd.read_csv(tmp_path / "videos.tsv", sep="\t", dtype=str)
    assert set(videos["keypoints"]) == {str(tmp_path / "keypoints.h5")}


def test_command_line(tmp_path, capsys):
    main(["--out", str(tmp_path), "--clips", "300", "--videos", "9", "--classes", "8"])
    assert str(tmp_path / "clips.tsv") in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["--out", str(tmp_path), "--clips", "20", "--videos", "9", "--classes", "32"])
    error = capsys.readouterr().err
    assert error.startswith("error: ") and "too few for 32 with at least 1 each" in error
