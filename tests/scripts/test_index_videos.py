"""The rule's function: three tables on disk."""

import numpy as np
import pandas as pd

from microgesture.videos.encoding import write_video
from scripts.index_videos import index_batch


def test_three_tables(tmp_path):
    path = tmp_path / "v.mp4"
    write_video(path, iter(np.zeros((5, 48, 64, 3), np.uint8)), 10)
    outputs = [str(tmp_path / f"{name}.parquet") for name in ("videos", "clips", "truth")]
    index_batch(
        [["v", str(path), "ann", float("nan"), ""]],
        [["b", "v", "ann", 0, 4, 1, "test"], ["a", "v", "ann", 0, 2, 0, "train"]],
        "b0",
        "clips.tsv",
        {"on_bad_video": "stop"},
        *outputs,
    )
    videos, clips, truth = map(pd.read_parquet, outputs)
    assert videos.loc[0, ["batch", "frames", "status"]].tolist() == ["b0", 5, "ok"]
    assert clips[["clip", "label"]].values.tolist() == [["a", 0], ["b", -1]]
    assert truth[["clip", "label"]].values.tolist() == [["b", 1]]
