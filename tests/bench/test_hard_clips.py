"""Clips that no network gets right: counted by hand."""

import pandas as pd

from bench.hard_clips import last_rounds, wrong_answers


def write(path, answers, splits=("test", "test", "test", "val")):
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [[float(answer == label) for label in range(3)] for answer in answers]
    table = pd.DataFrame(rows, columns=["logit_0", "logit_1", "logit_2"])
    table.insert(0, "split", splits)
    table.insert(0, "clip", ["a", "b", "c", "d"])
    table.to_parquet(path)


def test_by_hand(tmp_path):
    write(tmp_path / "logits" / "joint" / "0.parquet", [0, 0, 0, 0])
    write(tmp_path / "logits" / "joint" / "10.parquet", [0, 1, 2, 0])  # the last round, behind 9
    write(tmp_path / "logits" / "joint" / "9.parquet", [0, 0, 0, 0])
    write(tmp_path / "ablation" / "full" / "1" / "logits" / "joint" / "0.parquet", [0, 2, 2, 0])
    write(tmp_path / "ablation" / "full" / "1" / "logits" / "rgb" / "0.parquet", [1, 2, 0, 0])
    paths = last_rounds(tmp_path)
    assert [path.stem for path in paths] == ["10", "0", "0"]
    assert len(last_rounds(tmp_path, ["rgb"])) == 1
    truth = pd.Series({"a": 0, "b": 0, "c": 2, "d": 1})
    found = wrong_answers(paths, truth).set_index("clip")
    assert found.index.tolist() == ["b", "a", "c"]  # that of validation is none
    assert found["wrong"].to_dict() == {"a": 1, "b": 3, "c": 1}
    assert found["said"].to_dict() == {"a": 1, "b": 2, "c": 0}
