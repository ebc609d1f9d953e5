import numpy as np
import pandas as pd
import pytest
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression

from microgesture.provenance.errors import BadInput
from microgesture.segments.background import (
    BackgroundHead,
    fit_background_head,
    fit_heads,
    window_inputs,
    window_probabilities,
)


def made(count=400, seed=0):
    """Logits of two members (2, N, 3), features (N, 2), labels 0..3: background is flat."""
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 4, count)
    sharp = np.where(labels < 3, 3.0, 0.0)
    hot = np.eye(4)[labels][:, :3] * sharp[:, None]
    logits = hot + generator.normal(0, 0.8, (2, count, 3))
    features = np.column_stack([labels == 3, generator.normal(size=count)]) * 1.0
    features[:, 0] += generator.normal(0, 0.5, count)
    return logits, features, labels


def fitted(with_features=True, **options):
    logits, features, labels = made()
    options = {"training": np.arange(250), "validation": np.arange(250, 400)} | options
    return fit_background_head(
        logits, features if with_features else None, labels, temperatures=np.array([1.0, 2.0]),
        **options,
    )  # fmt: skip


def test_background_is_learned_and_features_help():
    logits, features, labels = made(1000, seed=1)
    head, plain = fitted(), fitted(with_features=False)
    found = head.probabilities(logits, features)
    assert found.shape == (1000, 4) and head.num_classes == 3
    np.testing.assert_allclose(found.sum(axis=1), 1)
    without = plain.probabilities(logits)
    always = 1 - (labels == 3).mean()  # a recogniser of three classes is right at most here
    assert (without.argmax(axis=1) == labels).mean() > always + 0.05
    assert (found.argmax(axis=1) == labels).mean() > (without.argmax(axis=1) == labels).mean()


def test_confidences_are_calibrated_on_validation():
    logits, features, labels = made(4000, seed=2)
    found = fitted().probabilities(logits, features)
    confidence, right = found.max(axis=1), found.argmax(axis=1) == labels
    assert confidence.mean() == pytest.approx(right.mean(), abs=0.03)


def test_numbers_are_those_of_scikit_learn():
    logits, features, labels = made()
    head = fitted(strengths=(0.3,), weighting="none", validation=np.empty(0, int))
    inputs = window_inputs(logits, features, [1.0, 2.0])
    assert inputs.shape == (400, 8)
    np.testing.assert_allclose(np.exp(inputs[:, 3:6]), softmax(logits[1] / 2, axis=1))
    scaled = (inputs - inputs[:250].mean(axis=0)) / inputs[:250].std(axis=0)
    model = LogisticRegression(C=0.3, max_iter=300, tol=1e-3).fit(scaled[:250], labels[:250])
    expected = model.predict_proba(scaled)
    np.testing.assert_allclose(head.probabilities(logits, features), expected, atol=1e-6)


def test_two_classes_that_occur_and_one_that_does_not():
    logits, features, labels = made()
    labels = np.where(labels == 3, 3, 1)  # classes 0 and 2 have no window
    head = fit_background_head(
        logits, features, labels, temperatures=np.ones(2), training=np.arange(400),
        validation=np.empty(0, int), strengths=(0.3,), weighting="none",
    )  # fmt: skip
    inputs = window_inputs(logits, features, np.ones(2))
    scaled = (inputs - inputs.mean(axis=0)) / inputs.std(axis=0)
    model = LogisticRegression(C=0.3, max_iter=300, tol=1e-3).fit(scaled, labels)
    found = head.probabilities(logits, features)
    np.testing.assert_allclose(found[:, [1, 3]], model.predict_proba(scaled), atol=1e-6)
    assert found[:, [0, 2]].max() < 1e-9


def test_unknown_windows_teach_nothing():
    logits, features, labels = made()
    wrong = np.r_[labels, np.full(100, -1)]
    more = np.concatenate([logits, logits[:, :100] + 50], axis=1)
    head = fit_background_head(
        more, np.concatenate([features, features[:100] + 50]), wrong,
        temperatures=np.array([1.0, 2.0]),
        training=np.r_[np.arange(250), np.arange(400, 500)], validation=np.arange(250, 400),
    )  # fmt: skip
    np.testing.assert_allclose(head.weights, fitted().weights)


def test_what_is_missing_is_said():
    logits, features, labels = made()
    options = {"temperatures": np.ones(2), "training": np.arange(400), "validation": []}
    options["validation"] = np.empty(0, int)
    with pytest.raises(BadInput, match="'annotated'"):
        fit_background_head(logits, features, np.where(labels == 3, -1, labels), **options)
    with pytest.raises(BadInput, match="no training window shows a gesture"):
        fit_background_head(logits, features, np.where(labels == 3, 3, -1), **options)
    with pytest.raises(BadInput, match="fitted on 8 numbers"):
        fitted().probabilities(logits, None)


def test_a_head_goes_through_plain_arrays(tmp_path):
    head = fitted()
    np.savez(tmp_path / "head.npz", **head.as_arrays("16."))
    with np.load(tmp_path / "head.npz", allow_pickle=False) as file:
        again = BackgroundHead.from_arrays(dict(file), "16.")
    logits, features, _ = made()
    np.testing.assert_array_equal(
        again.probabilities(logits, features), head.probabilities(logits, features)
    )
    with pytest.raises(BadInput, match=r"24\.bias"):
        BackgroundHead.from_arrays(head.as_arrays("16."), "24.")


def test_every_length_has_its_head():
    logits, features, labels = made()
    windows = pd.DataFrame({"length": np.where(np.arange(400) % 2, 16, 32)})
    training = np.arange(400) < 250
    heads = fit_heads(
        windows, logits, features, labels, training=training, validation=~training,
        temperatures=np.array([1.0, 2.0]),
    )  # fmt: skip
    assert sorted(heads) == [16, 32]
    found = window_probabilities(heads, windows, logits, features)
    expected = heads[16].probabilities(logits[:, 1::2], features[1::2])
    np.testing.assert_allclose(found[1::2], expected)
    with pytest.raises(BadInput, match="windows of 8 frames, but heads only for"):
        window_probabilities(heads, windows.assign(length=8), logits, features)
