"""The table of keypoint scores from two small stores, against numbers counted by hand."""

import numpy as np
import pandas as pd
import pytest

from microgesture.provenance.errors import BadInput
from microgesture.stores.sequences import Sequence, write_sequences
from scripts.score_keypoints import COLUMNS, score_keypoints


def true_person(frames):
    points = np.zeros((1, frames, 133, 3), np.float32)
    points[0, :, [5, 6, 11, 12]] = np.array(
        [(60, 50, 1), (40, 50, 1), (60, 150, 1), (40, 150, 1)], np.float32
    )[:, None]
    points[0, :, 91] = (70, 100, 1)  # one point of a hand
    return points


def store(path, videos, layout="coco_wholebody133"):
    write_sequences(
        path,
        (
            (name, Sequence(points, present, layout, 320, 240, 25.0))
            for name, (points, present) in videos.items()
        ),
    )
    return str(path)


@pytest.fixture
def stores(tmp_path):
    truth = true_person(4)
    away = np.array([True, True, True, False])
    truth[0, 3] = 0
    estimated = truth.copy()
    estimated[0, 0, 91, 0] += 25  # 25 pixels of 100 off: wrong
    estimated[0, 2] = 0  # the person was missed
    estimated[0, 3] = 1  # and invented here
    found = np.array([True, True, False, True])
    keypoints = [
        store(tmp_path / "k0.h5", {"v1": (estimated, found), "other": (estimated, found)}),
        store(tmp_path / "k1.h5", {"v2": (truth, away)}),
    ]
    true = [store(tmp_path / f"{v}.h5", {v: (truth, away)}) for v in ("v1", "v2")]
    return keypoints, true, tmp_path / "keypoints.tsv"


def test_table(stores):
    keypoints, truth, path = stores
    score_keypoints(keypoints, truth, path, {"fraction": 0.2})
    table = pd.read_csv(path, sep="\t")
    assert list(table.columns) == COLUMNS
    assert table["video"].tolist() == ["all"] * 4 + ["v1"] * 4 + ["v2"] * 4
    table = table.set_index(["video", "part"])
    assert table.loc[("v1", "body"), ["points", "pck", "missed"]].tolist() == [12, 0.6667, 4]
    assert table.loc[("v1", "hands"), ["points", "pck", "missed"]].tolist() == [3, 0.3333, 1]
    assert table.loc[("v1", "person"), ["points", "pck", "missed", "invented"]].tolist() == [
        3, 0.6667, 1, 1,
    ]  # fmt: skip
    assert table.loc[("v2", "body"), "pck"] == 1 and table.loc[("v2", "body"), "oks"] == 1
    assert table.loc[("all", "hands"), "pck"] == pytest.approx(4 / 6, abs=1e-4)
    assert np.isnan(table.loc[("all", "face"), "pck"])


def test_a_wider_circle_takes_the_hand_point_in(stores):
    keypoints, truth, path = stores
    score_keypoints(keypoints, truth, path, {"fraction": 0.26})
    table = pd.read_csv(path, sep="\t").set_index(["video", "part"])
    assert table.loc[("v1", "hands"), "pck"] == pytest.approx(0.6667)


def test_what_cannot_be_compared_is_bad_input(stores, tmp_path):
    keypoints, truth, path = stores
    with pytest.raises(BadInput, match="in none of the keypoint stores"):
        score_keypoints(keypoints[:1], truth, path, {})
    short = store(tmp_path / "short.h5", {"v1": (true_person(2), np.ones(2, bool))})
    with pytest.raises(BadInput, match="4 estimated frames, but 2"):
        score_keypoints(keypoints, [short], path, {})
    other = store(tmp_path / "h68.h5", {"v1": (np.zeros((1, 4, 68, 3)), np.ones(4, bool))}, "h68")
    with pytest.raises(BadInput, match="layout h68"):
        score_keypoints([other], truth[:1], path, {})
    assert not path.exists()
