"""The rule's function: clips that can be used, and those that are lost."""

import pandas as pd

from scripts.index_labels import index_labels


def test_labels_join_their_spans(tmp_path):
    facts, spans = tmp_path / "b0.parquet", tmp_path / "spans.parquet"
    rows = [["v", ""], ["w", "w.mp4: is no video"]]
    pd.DataFrame(rows, columns=["video", "problem"]).to_parquet(facts)
    columns = ["clip", "video", "batch", "start", "end"]
    pd.DataFrame([["x", "v", "b0", 1, 4]], columns=columns).to_parquet(spans)
    labels = {
        "clip": ["x", "y"],
        "video": ["v", "w"],
        "subject": ["ann", ""],
        "split": ["train", "test"],
        "label": [2, -1],
    }
    clips, lost = tmp_path / "clips.parquet", tmp_path / "lost.tsv"
    index_labels([str(facts)], str(spans), labels, clips, lost)
    assert pd.read_parquet(clips).values.tolist() == [["x", "v", "b0", "ann", 1, 4, "train", 2]]
    table = pd.read_csv(lost, sep="\t", keep_default_na=False)
    assert table.values.tolist() == [["y", "w", "", "test", "w.mp4: is no video"]]
