"""From BORIS' files to sheets."""

import pandas as pd
import pytest

from microgesture.importers.boris import main
from tests.importers.annotated_files import AGGREGATED, NEW_TABULAR, OLD_TABULAR, project_text

FILES = {
    "old.tsv": OLD_TABULAR,
    "new.csv": NEW_TABULAR,
    "aggregated.csv": AGGREGATED,
    "project.boris": project_text(),
}


@pytest.mark.parametrize("name", FILES)
def test_all_versions_give_the_same_clips(tmp_path, talk, name):
    path = tmp_path / name
    path.write_text(FILES[name], encoding="utf-8", newline="")
    main([str(path), "--out", str(tmp_path / "out"), "--subject", "anna", "--split", "train=anna"])
    clips = pd.read_csv(tmp_path / "out/clips.tsv", sep="\t")
    assert clips[["start", "end", "label"]].values.tolist() == [[5, 9, 0], [16, 16, 1]]
    labels = pd.read_csv(tmp_path / "out/labels.tsv", sep="\t")
    assert labels[["name", "group"]].values.tolist() == [["scratch", "hand"], ["blink", "head"]]
    videos = pd.read_csv(tmp_path / "out/videos.tsv", sep="\t")
    assert videos["subject"].tolist() == ["anna"] and videos["path"].tolist() == [str(talk)]


def test_point_events_may_be_longer(tmp_path, talk):
    path = tmp_path / "new.csv"
    path.write_text(NEW_TABULAR)
    main([str(path), "--out", str(tmp_path / "out"), "--point-seconds", "0.4"])
    clips = pd.read_csv(tmp_path / "out/clips.tsv", sep="\t")
    assert clips[["start", "end"]].values.tolist()[1] == [11, 21]  # 0.45 s to 0.85 s


def test_a_look_without_the_video(tmp_path):
    path = tmp_path / "new.csv"
    path.write_text(NEW_TABULAR)
    main([str(path), "--out", str(tmp_path / "out"), "--table"])
    table = pd.read_csv(tmp_path / "out/annotations.tsv", sep="\t")
    assert table["end_seconds"].tolist() == [0.4, 0.65]
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["annotations.tsv"]
