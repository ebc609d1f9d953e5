import numpy as np
import pandas as pd
import pytest

from microgesture.ensembles.soft_vote import prediction_table, probability_table, soft_vote


def test_vote_by_hand():
    first, second = [[0.6, 0.4], [0.5, 0.5]], [[0.1, 0.9], [0.7, 0.3]]
    # .75 * .6 + .25 * .1 = .475; .75 * .5 + .25 * .7 = .55
    mixed = soft_vote(np.array([first, second]), np.array([0.75, 0.25]))
    np.testing.assert_allclose(mixed, [[0.475, 0.525], [0.55, 0.45]])


@pytest.mark.parametrize("weights", [[0.5, 0.4], [1.5, -0.5]])
def test_weights_off_the_simplex(weights):
    with pytest.raises(ValueError, match="add up to 1"):
        soft_vote(np.full((2, 1, 2), 0.5), np.array(weights))


def test_prediction_table():
    values = np.array([[0.2, 0.5, 0.3], [0.6, 0.2, 0.2]])
    table = probability_table(np.array(["late", "soon"]), np.array(["test", "val"]), values)
    clips = pd.DataFrame(
        {
            "clip": ["soon", "late"],
            "video": ["v", "v"],
            "subject": ["p", "p"],
            "start": [0, 50],
            "end": [20, 70],
            "label": [0, -1],
        }
    )
    shown = prediction_table(table, clips, ["nod", "wave", "rub"])
    assert shown["clip"].tolist() == ["soon", "late"]  # in the order of time
    assert shown["name"].tolist() == ["nod", "wave"]
    assert shown["label"].tolist() == [0, 1]
    assert shown["confidence"].tolist() == [0.6, 0.5]
    assert shown["name_2"].tolist() == ["wave", "rub"]
    assert shown["confidence_3"].tolist() == [0.2, 0.2]
    assert "name_4" not in shown
    assert shown["split"].tolist() == ["val", "test"]
    assert shown["remark"].tolist() == ["", ""]


def test_a_lost_clip_has_a_row_that_says_so():
    table = probability_table(np.array(["a"]), np.array(["test"]), np.array([[0.2, 0.8]]))
    clips = pd.DataFrame({"clip": ["a", "b"], "video": ["v", "broken"], "subject": ["p", ""]})
    clips = clips.assign(start=[3, None], end=[9, None])
    shown = prediction_table(table, clips, ["nod", "wave"], ["b"], 1).set_index("clip")
    assert shown.loc["b", ["split", "name", "label"]].tolist() == ["test", "wave", 1]
    assert pd.isna(shown.loc["b", ["confidence", "start", "end"]]).all()
    assert "no prediction" in shown.loc["b", "remark"] and shown.loc["a", "remark"] == ""
    assert shown.loc["a", ["start", "end"]].tolist() == [3, 9]
