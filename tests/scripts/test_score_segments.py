import logging

import pandas as pd
import pytest

from microgesture.provenance.errors import BadInput
from scripts.score_segments import score

LABELS = [["rub", "hands"], ["nod", "head"], ["press", "face"]]
OUTPUTS = ("scores", "per_class", "truth", "curve")
# video, start, end, label, confidence
TRUE = [("a", 10, 29, 0), ("a", 50, 69, 1), ("b", 10, 29, 0), ("b", 60, 79, 1)]


@pytest.fixture
def folder(tmp_path):
    """Two test videos of 100 frames at 20 a second, one that cannot be read, and one of others."""
    rows = [("a", 100, 20.0, "ok"), ("b", 100, 20.0, "ok"), ("lost", 0, 0.0, "quarantined")]
    rows.append(("train", 100, 20.0, "ok"))
    facts = pd.DataFrame(rows, columns=["video", "frames", "fps", "status"])
    facts.to_parquet(tmp_path / "facts.parquet")
    clips = pd.DataFrame([*TRUE, ("lost", 0, 9, 2)], columns=["video", "start", "end", "label"])
    clips["clip"] = [f"c{number}" for number in range(len(clips))]
    clips["subject"] = "p" + clips["video"]
    clips[["clip", "video", "subject", "label"]].to_parquet(tmp_path / "truth.parquet")
    spans = clips[["clip", "video", "start", "end"]]
    more = pd.DataFrame([("t0", "train", 0, 9)], columns=spans.columns)
    pd.concat([spans, more]).to_parquet(tmp_path / "spans.parquet")
    return tmp_path


def run(folder, found, videos=("a", "b", "lost"), rates=None):
    table = pd.DataFrame(found, columns=["video", "start", "end", "label", "confidence"])
    table.to_csv(folder / "segments.tsv", sep="\t", index=False)
    outputs = {name: str(folder / f"{name}.tsv") for name in OUTPUTS}
    score(
        str(folder / "segments.tsv"), [str(folder / "facts.parquet")],
        str(folder / "truth.parquet"), str(folder / "spans.parquet"), outputs,
        list(videos), rates or {}, LABELS, 7,
    )  # fmt: skip
    return [pd.read_csv(outputs[name], sep="\t") for name in OUTPUTS]


def sure(rows, confidence=0.9):
    return [(*row, confidence) for row in rows]


def test_the_truth_itself_is_all_right(folder, caplog):
    with caplog.at_level(logging.WARNING):
        scores, per_class, truth, curve = run(folder, sure(TRUE))
    row = scores.iloc[0]
    for name in ("f1_0.1", "f1_0.3", "f1_0.5", "f1_0.7", "f1_0.3_organisers", "edit"):
        assert row[name] == 1, name
    assert row["frame_balanced_accuracy"] == 1 and row["onset_ms"] == row["offset_ms"] == 0
    assert (row["segments"], row["truths"], row["groups"], row["videos"]) == (4, 4, 2, 2)
    assert row["seed"] == 7
    assert "1 of 3 test videos could not be read and are not scored: lost" in caplog.text
    assert truth.values.tolist() == [list(one) for one in TRUE]
    assert per_class["hits"].tolist() == [2, 2, 0]
    assert curve[["confidence", "f1"]].values.tolist() == [[0.9, 1.0]]


def test_one_late_one_wrong_one_invented_by_hand(folder):
    found = [
        ("a", 15, 34, 0, 0.9),  # 5 frames late: IoU 15 / 25 = .6
        ("a", 50, 69, 2, 0.8),  # another class
        ("b", 10, 29, 0, 0.7),  # right
        ("b", 40, 49, 1, 0.2),  # nothing is there
        ("train", 0, 9, 0, 0.9),  # no test video
    ]
    scores, per_class, _, curve = run(folder, found)
    row = scores.iloc[0]
    # 2 hits of 4 predicted and 4 true; at .7 the late one is none.
    assert row["f1_0.3"] == row["f1_0.5"] == 0.5 and row["f1_0.7"] == 0.25
    # Onset errors of the hits: 5 frames of 50 ms, and none.
    assert row["onset_ms"] == row["offset_ms"] == 125
    assert row["segments"] == 4
    assert per_class[["truths", "predicted", "hits"]].values.tolist() == [
        [2, 2, 2], [2, 1, 0], [0, 1, 0],
    ]  # fmt: skip
    # Frames of a: 15 of 20 of class 0 found and 5 too many. All in all 35 of 40 of class 0, none
    # of 40 of class 1, and of 120 of background 120 - 5 - 10.
    assert row["frame_balanced_accuracy"] == pytest.approx((35 / 40 + 0 + 105 / 120) / 3, abs=1e-4)
    assert curve["confidence"].tolist() == [0.2, 0.7, 0.8, 0.9]
    # Only those that are sure to .9: one hit of one predicted, four true.
    assert curve["f1"].iloc[-1] == pytest.approx(2 / 5)


def test_a_rate_of_the_sheet_counts_for_times(folder):
    late = [(video, start + 2, end + 2, label) for video, start, end, label in TRUE]
    row = run(folder, sure(late))[0].iloc[0]
    assert row["onset_ms"] == 100
    row = run(folder, sure(late), rates={"a": 40.0, "b": 40.0})[0].iloc[0]
    assert row["onset_ms"] == 50


def test_no_segment_is_a_score_of_nothing(folder):
    scores, per_class, truth, curve = run(folder, [])
    assert scores["f1_0.3"].tolist() == [0] and len(truth) == 4 and curve.empty
    assert per_class["predicted"].sum() == 0


def test_nothing_to_score_is_told(folder):
    with pytest.raises(BadInput, match="no completely annotated test video can be read"):
        run(folder, sure(TRUE), videos=["lost"])
