import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from microgesture.metrics.classification import (
    confusion_counts,
    log_losses,
    macro_f1,
    mean_class_accuracy,
    micro_f1,
    per_class_scores,
    predicted_labels,
    top1_accuracy,
    top_k_hits,
)

# Four classes; class 3 has no test clip but is predicted once.
LABELS = np.array([0, 0, 0, 0, 1, 1, 2, 2])
PREDICTIONS = np.array([0, 0, 0, 1, 1, 2, 2, 3])
CONFUSION = np.array([[3, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1], [0, 0, 0, 0]])


def test_confusion_counts():
    np.testing.assert_array_equal(confusion_counts(LABELS, PREDICTIONS, 4), CONFUSION)


def test_scores_by_hand():
    # Right: 3 + 1 + 1 = 5 of 8.
    assert top1_accuracy(CONFUSION) == pytest.approx(5 / 8)
    assert micro_f1(CONFUSION) == pytest.approx(5 / 8)
    # Recalls 3/4, 1/2, 1/2; class 3 has no clip and does not count: (0.75 + 0.5 + 0.5) / 3.
    assert mean_class_accuracy(CONFUSION) == pytest.approx(1.75 / 3)
    # F1 = 2 TP / (clips + predictions): 6/7, 2/4, 2/4; the class predicted in vain is none of the
    # truth's, but its prediction costs class 2 its recall.
    assert macro_f1(CONFUSION) == pytest.approx((6 / 7 + 0.5 + 0.5) / 3)
    # A class of the whole test set that is neither here nor predicted counts as 0.
    everything = np.pad(CONFUSION, (0, 1))
    classes = np.array([True, True, True, False, True])
    assert macro_f1(everything, classes) == pytest.approx((6 / 7 + 0.5 + 0.5 + 0) / 4)


def test_a_class_that_occurs_nowhere_does_not_count():
    wider = np.zeros((6, 6), dtype=int)
    wider[:4, :4] = CONFUSION
    assert macro_f1(wider) == pytest.approx(macro_f1(CONFUSION))
    assert mean_class_accuracy(wider) == pytest.approx(mean_class_accuracy(CONFUSION))


def test_equal_to_scikit_learn():
    generator = np.random.default_rng(0)
    for _ in range(20):
        labels = generator.integers(0, 7, 40)
        predictions = np.where(generator.random(40) < 0.5, labels, generator.integers(0, 9, 40))
        confusion = confusion_counts(labels, predictions, 9)
        assert top1_accuracy(confusion) == pytest.approx(
            sklearn_metrics.accuracy_score(labels, predictions)
        )
        assert macro_f1(confusion) == pytest.approx(
            sklearn_metrics.f1_score(
                labels, predictions, average="macro", labels=np.unique(labels), zero_division=0
            )
        )
        assert micro_f1(confusion) == pytest.approx(
            sklearn_metrics.f1_score(labels, predictions, average="micro")
        )
        assert mean_class_accuracy(confusion) == pytest.approx(
            sklearn_metrics.balanced_accuracy_score(labels, predictions)
        )


def test_many_matrices_at_once():
    stacked = np.stack([CONFUSION, 2 * CONFUSION, np.diag([1, 1, 1, 0])])
    for function in (top1_accuracy, micro_f1, macro_f1, mean_class_accuracy):
        together = function(stacked)
        assert together.shape == (3,)
        np.testing.assert_allclose(together, [function(matrix) for matrix in stacked])
        assert together[2] == 1


def test_no_clip_has_no_score():
    empty = confusion_counts(np.array([], dtype=int), np.array([], dtype=int), 3)
    for function in (top1_accuracy, micro_f1, macro_f1, mean_class_accuracy):
        assert np.isnan(function(empty))


def test_top_k_hits():
    probabilities = np.array([[0.1, 0.2, 0.7], [0.5, 0.3, 0.2], [0.2, 0.4, 0.4]])
    labels = np.array([1, 2, 2])
    np.testing.assert_array_equal(top_k_hits(labels, probabilities, 1), [False, False, False])
    # Row 2: classes 1 and 2 are equal, the first counts as the better one.
    np.testing.assert_array_equal(top_k_hits(labels, probabilities, 2), [True, False, True])
    np.testing.assert_array_equal(top_k_hits(labels, probabilities, 5), [True, True, True])
    np.testing.assert_array_equal(predicted_labels(probabilities), [2, 0, 1])


def test_top_5_equals_scikit_learn():
    generator = np.random.default_rng(1)
    probabilities = generator.dirichlet(np.ones(12), 200)
    labels = generator.integers(0, 12, 200)
    assert top_k_hits(labels, probabilities, 5).mean() == pytest.approx(
        sklearn_metrics.top_k_accuracy_score(labels, probabilities, k=5, labels=np.arange(12))
    )


def test_log_losses():
    losses = log_losses(np.array([0, 1]), np.array([[0.25, 0.75], [1.0, 0.0]]))
    np.testing.assert_allclose(losses, [np.log(4), -np.log(1e-12)])


def test_per_class_scores_leave_undefined_cells_empty():
    table = per_class_scores(LABELS, PREDICTIONS, ["a", "b", "c", "d", "e"])
    assert table["support"].tolist() == [4, 2, 2, 0, 0]
    assert table["predicted"].tolist() == [3, 2, 2, 1, 0]
    np.testing.assert_allclose(table["precision"], [1, 0.5, 0.5, 0, np.nan])
    np.testing.assert_allclose(table["recall"], [0.75, 0.5, 0.5, np.nan, np.nan])
    np.testing.assert_allclose(table["f1"], [6 / 7, 0.5, 0.5, 0, np.nan])


def test_unlabelled_clips_are_refused():
    with pytest.raises(ValueError, match="label -1 is outside"):
        confusion_counts(np.array([-1, 0]), np.array([0, 0]), 2)
