import numpy as np
import pytest
from scipy.special import softmax

from microgesture.ensembles.fitting import fit_vote
from microgesture.ensembles.stack import Stack, read_stack, stack_cells, stack_features
from microgesture.ensembles.stacking import fit_stack
from microgesture.ensembles.vote import VOTE, read_vote
from microgesture.provenance.errors import BadInput


def test_a_log_linear_vote_is_a_stack():
    generator = np.random.default_rng(0)
    calibrated = softmax(generator.normal(size=(2, 6, 3)), axis=2)
    weights = np.array([0.7, 0.5])
    stack = Stack(weights[:, None, None] * np.eye(3), np.zeros(3))
    pooled = np.exp(np.tensordot(weights, np.log(calibrated), axes=1))
    expected = pooled / pooled.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(stack.probabilities(calibrated), expected)


def test_cells_hold_the_stack():
    generator = np.random.default_rng(1)
    stack = Stack(generator.normal(size=(2, 3, 3)), generator.normal(size=3))
    *members, own = stack_cells(stack)
    back = read_stack(own, *members)
    np.testing.assert_allclose(back.coefficients, stack.coefficients, rtol=1e-8)
    np.testing.assert_allclose(back.intercepts, stack.intercepts, rtol=1e-8)
    with pytest.raises(ValueError, match="3 intercepts need 9 numbers a member, found 9, 2"):
        read_stack(own, members[0], "1 2")
    with pytest.raises(ValueError, match="not finite"):
        read_stack("0 nan", "0 0 0 0")


def by_gradient(calibrated, labels, strength):
    """The same optimum, found by plain gradient descent on the loss as it is written."""
    features = stack_features(calibrated)
    members, clips, classes = features.shape
    pooled = softmax(features.mean(axis=0), axis=1)
    looks = [
        [
            (pooled[:, k, None] * features[m]).sum(axis=0) / pooled[:, k].sum()
            for k in range(classes)
        ]
        for m in range(members)
    ]
    rows = np.concatenate([features, np.array(looks)], axis=1)
    rows = np.concatenate(list(rows), axis=1)  # (clips + classes, members * classes)
    truth = np.eye(classes)[np.concatenate([labels, np.arange(classes)])]
    weights, own = np.zeros((rows.shape[1], classes)), np.zeros(classes)
    for _ in range(60_000):
        away = softmax(rows @ weights + own, axis=1) - truth
        weights -= 0.002 * (strength * rows.T @ away + weights) / max(strength, 1)
        own -= 0.002 * strength * away.sum(axis=0) / max(strength, 1)
    return softmax(rows[:clips] @ weights + own, axis=1)


def test_the_regression_is_the_optimum_of_its_loss():
    generator = np.random.default_rng(2)
    labels = generator.integers(0, 3, 30)
    calibrated = softmax(generator.normal(size=(2, 30, 3)) + np.eye(3)[labels], axis=2)
    found = fit_stack(calibrated, labels, 0.3).probabilities(calibrated)
    np.testing.assert_allclose(found, by_gradient(calibrated, labels, 0.3), atol=2e-3)


@pytest.mark.parametrize("classes", [2, 4])
def test_a_class_without_a_clip_is_known(classes):
    generator = np.random.default_rng(3)
    labels = generator.integers(0, classes - 1, 40)
    calibrated = softmax(generator.normal(size=(2, 40, classes)), axis=2)
    stack = fit_stack(calibrated, labels, 0.1)
    assert stack.coefficients.shape == (2, classes, classes)
    sure = np.full((2, 1, classes), 0.01)
    sure[:, 0, -1] = 1 - 0.01 * (classes - 1)
    found = stack.probabilities(sure)
    assert found.shape == (1, classes) and found.sum() == pytest.approx(1)
    assert found[0, -1] > stack.probabilities(sure[:, :, ::-1])[0, -1]


def blind_members(clips=600, seed=4):
    """Two members of which each takes two classes for one another, and other two than the other."""
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 4, clips)
    members = []
    for pair in ((0, 1), (2, 3)):
        told = np.eye(4)
        told[pair, :] = np.eye(4)[list(pair)].mean(axis=0)
        swapped = np.eye(4)[list(pair)][::-1]
        told[list(pair)] = 0.8 * swapped + 0.2 * np.eye(4)[list(pair)]  # wrong, but of use
        members.append(2.5 * told[labels] + generator.normal(size=(clips, 4)))
    return labels, np.arange(clips) // 20, members


def test_a_stack_learns_whom_to_trust_with_what(tmp_path):
    labels, groups, members = blind_members()
    counts, half = np.ones(4), 300
    fitted = ([z[:half] for z in members], labels[:half], counts, ["a", "b"])
    right = {}
    for weights in ("search", "stacking"):
        settings = {"vote": "log_linear", "weights": weights}
        vote, table = fit_vote(*fitted, settings, 0.0, groups[:half])
        found = vote.probabilities([z[half:] for z in members], counts)
        right[weights] = (found.argmax(1) == labels[half:]).mean()
    assert right["stacking"] > right["search"] + 0.1
    assert table["vote"].tolist() == ["stacking"] * 3
    # The loss that stands there is that on people left out, and near that of new people.
    own = table.set_index("member").loc[VOTE]
    new = -np.log(found[np.arange(half), labels[half:]]).mean()
    assert own["nll_after"] == pytest.approx(new, abs=0.08)
    table.to_csv(tmp_path / "t.tsv", sep="\t", index=False, float_format="%.9g")
    back = read_vote(tmp_path / "t.tsv", ["b", "a"])
    held = [z[half:] for z in members]
    np.testing.assert_allclose(back.probabilities(held[::-1], counts), found, atol=1e-6)
    torn = table.assign(coefficients=["1 2", *table["coefficients"][1:]])
    torn.to_csv(tmp_path / "t.tsv", sep="\t", index=False)
    with pytest.raises(BadInput, match=r"t\.tsv: coefficients: 4 intercepts need 16 numbers"):
        read_vote(tmp_path / "t.tsv")
