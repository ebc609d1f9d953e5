import pandas as pd

from microgesture.tables.index import label_clips
from microgesture.tables.lost import read_all_clips


def test_all_clips_of_the_sheet(tmp_path):
    labels = pd.DataFrame(
        {
            "clip": ["a", "b", "c"],
            "video": ["v", "w", "v"],
            "subject": ["ann", "", "ann"],
            "split": ["train", "test", "train"],
            "label": [2, -1, 0],
        }
    )
    spans = pd.DataFrame({"clip": ["c", "a"], "video": "v", "batch": "b0", "start": 3, "end": 9})
    videos = pd.DataFrame({"video": ["v", "w"], "problem": ["", "w.mp4: is empty"]})
    shown, lost = label_clips(labels, spans, videos)
    shown.to_parquet(tmp_path / "clips.parquet")
    lost.to_csv(tmp_path / "lost.tsv", sep="\t", index=False)
    table = read_all_clips([str(tmp_path / "clips.parquet")], [str(tmp_path / "lost.tsv")])
    assert table["clip"].tolist() == ["a", "b", "c"]
    assert table["label"].tolist() == [2, -1, 0]
    assert table["subject"].tolist() == ["ann", "", "ann"]
    assert table["problem"].tolist() == ["", "w.mp4: is empty", ""]
    assert table["start"].isna().tolist() == [False, True, False]
    lost.iloc[:0].to_csv(tmp_path / "lost.tsv", sep="\t", index=False)
    table = read_all_clips([str(tmp_path / "clips.parquet")], [str(tmp_path / "lost.tsv")])
    assert table["clip"].tolist() == ["a", "c"]
