import logging

import numpy as np
import pandas as pd
import pytest

from microgesture.provenance.errors import BadInput
from scripts.vote_on_clips import vote
from tests.bundles.small_bundle import write_small_bundle

LOGITS = {
    "joint": [[3.0, 0.0, 0.0], [0.0, 1.5, 0.0]],
    "rgb": [[0.0, 0.0, 0.0], [0.0, 3.0, 0.0]],
}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return str(write_small_bundle(tmp_path_factory.mktemp("bundle"), ()))


@pytest.fixture
def folder(tmp_path):
    for name, values in LOGITS.items():
        table = pd.DataFrame(values, columns=[f"logit_{k}" for k in range(3)])
        table.insert(0, "clip", ["c1", "c2"])
        table.insert(1, "split", "unlabelled")
        table.to_parquet(tmp_path / f"{name}.parquet")
    rows = [("c1", "v", "", 0, 9, "unlabelled", -1), ("c2", "v", "", 20, 39, "unlabelled", -1)]
    columns = ["clip", "video", "subject", "start", "end", "split", "label"]
    pd.DataFrame(rows, columns=columns).to_parquet(tmp_path / "clips.parquet")
    lost = pd.DataFrame([("c3", "w", "", "unlabelled", "cannot be read")])
    lost.columns = ["clip", "video", "subject", "split", "problem"]
    lost.to_csv(tmp_path / "lost.tsv", sep="\t", index=False)
    return tmp_path


def run(folder, bundle, members):
    vote(
        [str(folder / f"{name}.parquet") for name in members],
        str(folder / "clips.parquet"), str(folder / "lost.tsv"), bundle, list(members),
        str(folder / "probabilities.parquet"), str(folder / "predictions.tsv"),
    )  # fmt: skip
    tables = pd.read_parquet(folder / "probabilities.parquet")
    return tables, pd.read_csv(folder / "predictions.tsv", sep="\t", keep_default_na=False)


def softmax(values):
    raised = np.exp(np.asarray(values) / 1.5)  # every member's temperature
    return raised / raised.sum(axis=1, keepdims=True)


def test_the_bundles_vote_names_the_segments(folder, bundle, caplog):
    with caplog.at_level(logging.WARNING):
        table, shown = run(folder, bundle, ("joint", "rgb"))
    expected = (softmax(LOGITS["joint"]) + softmax(LOGITS["rgb"])) / 2
    np.testing.assert_allclose(table.filter(like="probability_"), expected)
    assert "1 segment(s) have no prediction: c3" in caplog.text
    named = shown[shown["name"] != ""].set_index("clip")
    assert named["name"].to_dict() == {"c1": "arms", "c2": "head"}
    np.testing.assert_allclose(named["confidence"].astype(float), expected.max(axis=1), atol=1e-3)
    assert named["start"].astype(int).tolist() == [0, 20]


def test_one_member_alone(folder, bundle):
    table, _ = run(folder, bundle, ("rgb",))
    np.testing.assert_allclose(table.filter(like="probability_"), softmax(LOGITS["rgb"]))


def test_tables_of_other_segments_are_refused(folder, bundle):
    table = pd.read_parquet(folder / "rgb.parquet").iloc[:1]
    table.to_parquet(folder / "rgb.parquet")
    with pytest.raises(BadInput):
        run(folder, bundle, ("joint", "rgb"))
