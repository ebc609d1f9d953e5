import numpy as np
import pandas as pd
import pytest

from microgesture.ensembles.cross_fitting import parts_of_people
from microgesture.ensembles.diversity import Votes, disagreement_table, ways_table, worth_table
from microgesture.ensembles.temperature import fit_temperature, softmax
from tests.ensembles.test_ballots import seen


def votes_of(labels, groups, members, names, prior_correction=0.0):
    parts, counts = parts_of_people(groups), np.ones(members[0].shape[1])
    return Votes(members, labels, groups, parts, counts, names, prior_correction)


def test_pairs_by_hand():
    labels = np.array([0, 0, 1, 1])
    one = np.eye(3)[[0, 0, 1, 2]]
    other = np.eye(3)[[0, 1, 2, 2]]
    table = disagreement_table([one, other], labels, ["a", "b"])
    # a: right right right wrong; b: right wrong wrong wrong, and both call the last one 2.
    expected = {"member": ["a"], "other": ["b"], "clips": [4], "disagree": [0.5]}
    expected |= {"one_right": [0.5], "both_wrong": [0.25], "same_mistake": [0.25]}
    pd.testing.assert_frame_equal(table, pd.DataFrame(expected))
    assert len(disagreement_table([one], labels, ["a"])) == 0


def test_scores_are_made_on_people_left_out():
    labels, groups, members = seen(96, [1.5, 1.0])
    votes = votes_of(labels, groups, members, ["a", "b"])
    found = votes.apart({"weights": "equal", "vote_temperature": False}, ["b"])
    parts = parts_of_people(groups)
    for part in set(parts):
        rows, held = parts != part, parts == part
        heat = fit_temperature(members[1][rows], labels[rows]).value
        np.testing.assert_allclose(found[held], softmax(members[1][held], heat))


def test_a_copy_adds_nothing_and_another_view_does():
    labels, groups, members = seen(400, [1.5, 1.5])
    members = [members[0], members[0], members[1]]
    table = worth_table(
        votes_of(labels, groups, members, ["a", "copy", "other"]), {"weights": "equal"}
    ).set_index("member")
    assert table["clips"].tolist() == [400] * 3 and table["people"].tolist() == [50] * 3
    assert table["adds_nll"]["other"] > 2 * table["adds_nll_error"]["other"] > 0
    assert table["adds_nll"]["copy"] < 0.02 < table["adds_nll"]["other"]
    whole = table["without_top1"] + table["adds_top1"]
    assert whole.tolist() == pytest.approx([whole.iloc[0]] * 3)
    assert table["top1"]["a"] == table["top1"]["copy"]
    assert table["top1"]["a"] == pytest.approx((members[0].argmax(1) == labels).mean())


def test_ways_are_compared_with_the_configured_one():
    labels, groups, members = seen(240, [2.0, 0.2])
    votes = votes_of(labels, groups, members, ["a", "b"], 0.5)
    table = ways_table(votes, {"weights": {"b": 1.0}}, ["equal", "search", "cross_fitted"])
    assert table["weights"].tolist() == ["by name", "equal", "search", "cross_fitted"]
    assert table["configured"].tolist() == ["yes", "", "", ""]
    assert table["better_nll"][0] == 0 and (table["better_nll"][1:] > 0.3).all()
    assert table["nll"][0] - table["nll"][2] == pytest.approx(table["better_nll"][2])
    again = ways_table(votes, {"weights": "search"}, ["equal", "search"])
    assert again["weights"].tolist() == ["search", "equal"]
    # A member named alone cannot be taken out.
    worth = worth_table(votes, {"weights": {"b": 1.0}}).set_index("member")
    assert np.isnan(worth["without_top1"]["b"]) and worth["adds_top1"]["a"] == 0
