"""The rule's function: the facts of a batch on disk."""

import numpy as np
import pandas as pd

from microgesture.videos.encoding import write_video
from microgesture.videos.index_store import list_frame_indexes, read_frame_index
from scripts.probe_videos import probe_batch


def test_facts_of_what_can_be_read_and_of_what_cannot(tmp_path):
    path, text = tmp_path / "v.mp4", tmp_path / "w.mp4"
    write_video(path, iter(np.zeros((5, 48, 64, 3), np.uint8)), 10)
    text.write_text("no video")
    facts = tmp_path / "b0.parquet"
    indexes = tmp_path / "b0.h5"
    probe_batch([["v", str(path), ""], ["w", str(text), ""]], "b0", facts, indexes)
    assert list_frame_indexes(indexes) == ["v"]
    assert read_frame_index(indexes, "v").frames == 5
    table = pd.read_parquet(facts)
    assert table[["video", "frames", "status"]].values.tolist() == [
        ["v", 5, "ok"],
        ["w", 0, "quarantined"],
    ]
    assert "w.mp4" in table["problem"][1] and set(table["batch"]) == {"b0"}
