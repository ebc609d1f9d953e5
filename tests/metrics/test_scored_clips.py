import numpy as np
import pandas as pd

from microgesture.metrics.scored_clips import of_system, rows_by_clip, scored_clip_table


def test_rows_by_clip():
    found = rows_by_clip(np.array(["b", "a"]), np.array([[1.0, 2], [3, 4]]), pd.Series(["a", "c"]))
    np.testing.assert_array_equal(found, [[3, 4], [np.nan, np.nan]])


def test_there_and_back():
    clips = pd.DataFrame({"clip": ["a", "b"], "video": "v", "subject": "p", "label": [1, 0]})
    clips = clips.assign(start=[0, 9], end=[5, 12])
    before, after = np.array([[0.5, 0.5], [0.9, 0.1]]), np.array([[0.6, 0.4], [np.nan, np.nan]])
    table = scored_clip_table(clips, {("rgb", "before"): before, ("rgb", "after"): after})
    rows, values = of_system(table, "rgb", "before")
    np.testing.assert_array_equal(values, before)
    assert rows["label"].tolist() == [1, 0]
    rows, values = of_system(table, "rgb")  # a lost clip is left out
    np.testing.assert_array_equal(values, after[:1])
    assert rows["clip"].tolist() == ["a"]
