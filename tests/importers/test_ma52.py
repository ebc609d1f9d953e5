"""MA-52's official layout, in small: lists, and videos of a few frames."""

import shutil

import cv2
import numpy as np
import pandas as pd
import pytest

from microgesture.importers.ma52 import clip_names, main, part_of, read_list
from microgesture.provenance.errors import BadInput
from microgesture.videos.encoding import write_video

FRAMES = 5


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    path = tmp_path_factory.mktemp("video") / "clip.mp4"
    write_video(path, (np.full((48, 64, 3), 40 * n, np.uint8) for n in range(FRAMES)), 15.0)
    assert int(cv2.VideoCapture(str(path)).get(cv2.CAP_PROP_FRAME_COUNT)) == FRAMES
    return path


@pytest.fixture
def folder(tmp_path, video):
    root = tmp_path / "ma52"
    lists = {
        "train": [f"{n:04d}_01_0001.mp4 {n}" for n in range(52)],
        "val": ["0009_01_0001.mp4 9", "0100_01_0001.mp4 51"],
        "test": ["0009_01_0001.mp4", "0200_01_0001.mp4"],
    }
    for split, lines in lists.items():
        (root / split).mkdir(parents=True)
        (root / f"{split}_list_videos.txt").write_text("\n".join(lines) + "\n")
        for line in lines:
            shutil.copy(video, root / split / line.split()[0])
    return root


def test_import(folder, tmp_path):
    main([str(folder), "--out", str(tmp_path / "out")])
    tables = {
        kind: pd.read_csv(tmp_path / "out" / f"{kind}.tsv", sep="\t", dtype=str)
        for kind in ("videos", "clips", "labels")
    }
    clips = tables["clips"].set_index("clip")
    assert len(clips) == 56
    assert clips["split"].value_counts().to_dict() == {"train": 52, "val": 2, "test": 2}
    assert clips.loc["0031_01_0001", ["start", "end", "label"]].tolist() == ["0", "4", "31"]
    assert pd.isna(clips.loc["0200_01_0001", "label"])
    # a name in three splits: the test clip keeps the one it is handed in by
    assert clips.loc["0009_01_0001", "split"] == "test"
    assert {"train_0009_01_0001", "val_0009_01_0001"} <= set(clips.index)
    assert tables["videos"]["subject"].isna().all()
    groups = tables["labels"].set_index("label")["group"]
    assert groups[["0", "4", "5", "51"]].tolist() == ["body", "body", "head", "leg and hand"]


def test_parts_begin_where_the_paper_says():
    firsts = [label for label in range(1, 52) if part_of(label) != part_of(label - 1)]
    assert firsts == [5, 11, 24, 32, 38, 48]


def test_names_within_one_split_stay():
    assert clip_names([("train", "a.mp4", 1), ("val", "b.mp4", 2)]) == ["a", "b"]


@pytest.mark.parametrize("line", ["a.mp4 52", "a.mp4 nine", "a.mp4 1 2"])
def test_a_bad_line(tmp_path, line):
    path = tmp_path / "train_list_videos.txt"
    path.write_text(f"b.mp4 3\n{line}\n")
    with pytest.raises(BadInput, match=r"line 2: .*a label from 0 to 51"):
        read_list(path)


def test_messages(folder, tmp_path, capsys):
    out = ["--out", str(tmp_path / "out")]
    with pytest.raises(SystemExit):
        main([str(tmp_path), *out])
    assert "no train_list_videos.txt" in capsys.readouterr().err
    (folder / "val" / "0100_01_0001.mp4").unlink()
    with pytest.raises(SystemExit):
        main([str(folder), *out])
    assert "0100_01_0001.mp4" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    (tmp_path / "names.txt").write_text("one\ntwo\n")
    with pytest.raises(SystemExit):
        main([str(folder), *out, "--labels", str(tmp_path / "names.txt")])
    assert "names 2 classes, the data set has 52" in capsys.readouterr().err
