"""The rule's function: the spans of all batches on disk."""

import pandas as pd
import pytest

from microgesture.provenance.errors import BadInput
from scripts.index_videos import index_spans

FACTS = [["v", "b0", 5, "ok", ""], ["w", "b1", 0, "quarantined", "w.mp4: is no video"]]
CLIPS = {"clip": ["y", "x"], "video": ["w", "v"], "start": [0, 1], "end": [4, 4]}


def facts_in(folder):
    paths = []
    for row in FACTS:
        table = pd.DataFrame([row], columns=["video", "batch", "frames", "status", "problem"])
        table.to_parquet(folder / f"{row[1]}.parquet")
        paths.append(str(folder / f"{row[1]}.parquet"))
    return paths


def test_spans_of_the_readable_videos(tmp_path):
    spans = tmp_path / "spans.parquet"
    index_spans(facts_in(tmp_path), CLIPS, "clips.tsv", {"on_bad_video": "quarantine"}, spans)
    assert pd.read_parquet(spans).values.tolist() == [["x", "v", "b0", 1, 4]]


def test_stop_ends_with_the_list(tmp_path):
    settings = {"on_bad_video": "stop"}
    with pytest.raises(BadInput, match=r"1 unreadable video[^$]*w\.mp4: is no video"):
        index_spans(facts_in(tmp_path), CLIPS, "clips.tsv", settings, tmp_path / "spans.parquet")
    assert not (tmp_path / "spans.parquet").exists()
