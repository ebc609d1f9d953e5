import numpy as np
import pandas as pd
import pytest
from scipy.special import log_softmax, softmax

from microgesture.ensembles.fitting import fit_vote
from microgesture.ensembles.log_linear import corrected_for_prior
from microgesture.ensembles.temperature import mean_log_loss
from microgesture.ensembles.vote import VOTE, Vote, read_vote
from microgesture.metrics.calibration import expected_calibration_error
from microgesture.provenance.errors import BadInput

# Labelled clips of the 32 classes of iMiGUE.
TAIL = np.array(
    [10, 418, 39, 207, 80, 23, 64, 858, 87, 3, 302, 154, 97, 41, 28, 27]
    + [322, 83, 2, 942, 170, 373, 657, 700, 11, 287, 87, 60, 1237, 6, 2272, 4023]
)


def exact_posterior(clips, seed=0, strength=2.0):
    """Labels drawn with those frequencies, and the logits of their exact posterior."""
    generator = np.random.default_rng(seed)
    labels = generator.choice(32, clips, p=TAIL / TAIL.sum())
    seen = generator.normal(size=(clips, 32)) + strength * np.eye(32)[labels]
    return labels, strength * seen + np.log(TAIL / TAIL.sum())


def losses(vote, logits, labels, counts):
    """Mean log loss of the mixture corrected, and behind the last temperature."""
    given = (vote.decided(logits, counts), vote.probabilities(logits, counts))
    return [-np.log(p[np.arange(len(labels)), labels]).mean() for p in given]


def test_by_hand():
    # softmax of log 9, 0 is (.9, .1); divided by sqrt(9), sqrt(1): .3 : .1 = 3 : 1; T = .5: 9 : 1.
    logits = [np.array([[np.log(9), 0.0]])]
    vote = Vote("soft", ["a"], np.array([1.0]), np.array([1.0]), 0.5, 0.5)
    counts = np.array([9, 1])
    np.testing.assert_allclose(vote.mixture(logits), [[0.9, 0.1]])
    np.testing.assert_allclose(vote.decided(logits, counts), [[0.75, 0.25]])
    np.testing.assert_allclose(vote.probabilities(logits, counts), [[0.9, 0.1]])


@pytest.mark.parametrize("kind", ["soft", "log_linear"])
@pytest.mark.parametrize("weights", ["equal", "search"])
@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0])
def test_no_calibration_step_raises_the_loss_it_is_fitted_on(kind, weights, strength):
    labels, logits = exact_posterior(400, strength=1.5)
    generator = np.random.default_rng(1)
    members = [3 * logits + generator.normal(0, 2, logits.shape), 0.5 * logits]
    settings = {"vote": kind, "weights": weights}
    vote, table = fit_vote(members, labels, TAIL, ["a", "b"], settings, strength)
    assert (table["nll_after"] <= table["nll_before"] + 1e-9).all()
    before, after = losses(vote, members, labels, TAIL)
    own = table.set_index("member").loc[VOTE]
    assert own[["nll_before", "nll_after"]].tolist() == pytest.approx([before, after])
    # No other temperature would have been better.
    decided = np.log(vote.decided(members, TAIL))
    for heat in np.geomspace(0.2, 5, 40):
        assert after <= mean_log_loss(decided, labels, heat) + 1e-9


def test_an_exact_posterior_stays_calibrated_behind_the_correction():
    labels, logits = exact_posterior(60_000)
    raw = softmax(logits, axis=1)
    assert expected_calibration_error(labels, raw) < 0.005
    # What was done: the correction behind all temperatures.
    undone = corrected_for_prior(raw, TAIL, 0.5)
    assert expected_calibration_error(labels, undone) > 0.04
    vote, _ = fit_vote([logits[:5000]], labels[:5000], TAIL, ["a"], {}, 0.5)
    after = vote.probabilities([logits], TAIL)
    assert expected_calibration_error(labels[5000:], after[5000:]) < 0.007
    # The last temperature changes no decision.
    np.testing.assert_array_equal(after.argmax(1), vote.decided([logits], TAIL).argmax(1))


def test_a_vote_of_calibrated_members_is_made_less_modest():
    # Three members that see the same labels through independent noise, each calibrated.
    generator = np.random.default_rng(3)
    labels = generator.integers(0, 5, 6000)
    seen = generator.normal(size=(3, 6000, 5)) + 1.2 * np.eye(5)[labels]
    members = list(1.2 * seen)
    fitted = [values[:3000] for values in members]
    counts = np.ones(5)
    settings = {"vote_temperature": False}
    flat, _ = fit_vote(fitted, labels[:3000], counts, list("abc"), settings)
    vote, _ = fit_vote(fitted, labels[:3000], counts, list("abc"), {})
    rest = [values[3000:] for values in members]
    modest = expected_calibration_error(labels[3000:], flat.probabilities(rest, counts))
    honest = expected_calibration_error(labels[3000:], vote.probabilities(rest, counts))
    assert modest > 0.1 and honest < 0.05
    assert vote.temperature < 0.8 and flat.temperature == 1
    single = expected_calibration_error(labels[3000:], softmax(rest[0], axis=1))
    assert single < 0.03


def test_settings_that_fit_nothing():
    labels, logits = exact_posterior(200)
    vote, table = fit_vote([2 * logits], labels, TAIL, ["a"], {"calibrate": False}, 0.5)
    assert vote.temperature == 1 and vote.temperatures.tolist() == [1]
    assert table["nll_after"].tolist() == table["nll_before"].tolist()
    nothing, _ = fit_vote([logits[:0]], labels[:0], TAIL, ["a"], {}, 0.5)
    assert nothing.temperature == 1
    with pytest.raises(BadInput, match="'best' is unknown; write equal, search"):
        fit_vote([logits], labels, TAIL, ["a"], {"weights": "best"})


def test_the_table_holds_the_whole_vote(tmp_path):
    labels, logits = exact_posterior(300, strength=1.0)
    members = [2 * logits, 0.5 * logits]
    settings = {"vote": "log_linear", "weights": "search"}
    vote, table = fit_vote(members, labels, TAIL, ["a", "b"], settings, 0.5)
    assert table["member"].tolist() == ["a", "b", "(vote)"]
    assert table["prior_correction"].tolist()[2] == 0.5
    assert table["temperature"].tolist() == [*vote.temperatures, vote.temperature]
    table.to_csv(tmp_path / "t.tsv", sep="\t", index=False, float_format="%.9g")
    back = read_vote(tmp_path / "t.tsv", ["b", "a"])
    np.testing.assert_allclose(
        back.probabilities(members[::-1], TAIL), vote.probabilities(members, TAIL), atol=1e-7
    )
    with pytest.raises(BadInput, match="holds the members a, b, the config names a; run"):
        read_vote(tmp_path / "t.tsv", ["a"])
    pd.read_csv(tmp_path / "t.tsv", sep="\t").iloc[:2].to_csv(tmp_path / "t.tsv", sep="\t")
    with pytest.raises(BadInput, match="has no row"):
        read_vote(tmp_path / "t.tsv")


def test_first_losses_come_from_their_definition():
    labels, logits = exact_posterior(100)
    _, table = fit_vote([logits], labels, TAIL, ["a"], {})
    expected = -log_softmax(logits, axis=1)[np.arange(100), labels].mean()
    assert table["nll_before"][0] == pytest.approx(expected)
