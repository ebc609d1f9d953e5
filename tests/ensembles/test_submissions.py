import zipfile

import numpy as np
import pandas as pd
import pytest

from microgesture.ensembles.submissions import (
    answers_for_all,
    body_probabilities,
    submission_table,
    write_submission,
)
from microgesture.provenance.errors import BadInput

CLIPS = np.array(["0012_0", "0012_1"], dtype=object)
VALUES = np.array([[0.1, 0.9], [0.8, 0.2]])


def inside(archive):
    with zipfile.ZipFile(archive) as file:
        return {name: file.read(name).decode() for name in file.namelist()}


def test_miga2025(tmp_path):
    archive = write_submission("miga2025", CLIPS, VALUES, tmp_path / "submission.csv")
    assert archive == tmp_path / "prediction.zip"
    expected = "Id,Target\n0012_0,1\n0012_1,0\n"
    assert inside(archive) == {"prediction.csv": expected}
    assert (tmp_path / "submission.csv").read_text() == expected


def test_miga2023_has_no_header(tmp_path):
    archive = write_submission("miga2023", CLIPS, VALUES, tmp_path / "submission.csv")
    assert archive.name == "Submission.zip"
    assert inside(archive) == {"Submission.csv": "0012_0,1\n0012_1,0\n"}


def test_none_writes_no_archive(tmp_path):
    assert write_submission("none", CLIPS, VALUES, tmp_path / "submission.csv") is None
    assert [path.name for path in tmp_path.iterdir()] == ["submission.csv"]


def test_ma52(tmp_path):
    values = np.zeros((1, 52))
    # Best single action: 30 (part 3, labels 24-31). But part 2 (labels 11-23) has more in all.
    values[0, [30, 11, 12, 13, 51]] = [0.3, 0.25, 0.2, 0.15, 0.1]
    table = submission_table("ma52", np.array(["clip_1"]), values)
    assert table.columns.tolist() == [
        "vid",
        *(f"action_pred_{n}" for n in range(1, 6)),
        *(f"body_pred_{n}" for n in range(1, 6)),
    ]
    assert table.iloc[0].tolist()[:6] == ["clip_1", 30, 11, 12, 13, 51]
    assert table.iloc[0].tolist()[6:9] == [2, 3, 6]


def test_body_parts_of_ma52():
    parts = body_probabilities(np.eye(52)).argmax(axis=1)
    assert np.bincount(parts).tolist() == [5, 6, 13, 8, 6, 10, 4]


def test_bad_forms():
    with pytest.raises(BadInput, match="'miga2024' is unknown; write one of miga2025, miga2023"):
        submission_table("miga2024", CLIPS, VALUES)
    with pytest.raises(BadInput, match="ma52 needs 52 classes, the labels sheet has 2"):
        submission_table("ma52", CLIPS, VALUES)


def test_a_lost_clip_gets_the_commonest_class():
    wanted = ["0012_0", "0012_1", "0013_0"]
    answers, lost = answers_for_all(CLIPS[::-1], VALUES[::-1], wanted, np.array([3, 9]))
    assert lost == ["0013_0"]
    np.testing.assert_allclose(answers, [*VALUES, [0.25, 0.75]])
    assert submission_table("miga2025", wanted, answers)["Target"].tolist() == [1, 0, 1]
    none, lost = answers_for_all(CLIPS, VALUES, [], np.array([3, 9]))
    assert none.shape == (0, 2) and lost == []


def test_same_predictions_same_bytes(tmp_path):
    first = write_submission("miga2025", CLIPS, VALUES, tmp_path / "a" / "s.csv")
    second = write_submission("miga2025", CLIPS, VALUES, tmp_path / "b" / "s.csv")
    assert first.read_bytes() == second.read_bytes()
    assert pd.read_csv(tmp_path / "a" / "s.csv")["Target"].tolist() == [1, 0]
