import numpy as np
import pandas as pd
import pytest

from microgesture.segments.person_table import person_table


def test_counts_rates_and_shares_by_hand():
    videos = pd.DataFrame(
        {"video": ["a", "b", "c", "d"], "subject": ["anna", "anna", "", "dora"], "fps": 10.0}
    )
    present = {
        "a": np.r_[np.zeros(100, bool), np.ones(500, bool)],  # 50 s
        "b": np.ones(100, bool),  # 10 s
        "c": np.ones(300, bool),
        "d": np.zeros(50, bool),
    }
    segments = pd.DataFrame(
        {
            "video": ["a", "a", "b", "a", "c"],
            "start": [90, 200, 0, 10, 0],
            "end": [129, 219, 9, 20, 299],  # 30 of 40 frames seen, 20, 10, none, 300
            "label": [0, 0, 0, 1, 1],
        }
    )
    table = person_table(segments, videos, present, ["nod", "wave"])
    assert table["subject"].tolist() == ["anna"] * 2 + ["dora"] * 2 + ["video c"] * 2
    nod = table.iloc[0]
    assert nod["name"] == "nod" and nod["count"] == 3 and nod["observed_seconds"] == 60
    assert nod["per_minute"] == pytest.approx(3)
    assert nod["total_seconds"] == pytest.approx(6) and nod["median_seconds"] == pytest.approx(2)
    assert nod["share"] == pytest.approx(0.1)
    wave = table.iloc[1]  # its only segment has nobody in it
    assert wave["count"] == 0 and wave["per_minute"] == 0 and np.isnan(wave["median_seconds"])
    assert table.iloc[2][["per_minute", "share"]].isna().all()  # never seen
    assert table.iloc[5]["share"] == 1


def test_no_segment_at_all():
    videos = pd.DataFrame({"video": ["a"], "subject": [None], "fps": [25.0]})
    none = pd.DataFrame({"video": [], "start": [], "end": [], "label": []})
    table = person_table(none, videos, {"a": np.ones(25, bool)}, ["nod"])
    assert table.iloc[0]["subject"] == "video a" and table.iloc[0]["share"] == 0
