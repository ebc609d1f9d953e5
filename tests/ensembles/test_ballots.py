import numpy as np
import pytest

from microgesture.ensembles.ballots import Pool, cast_ballots, choose_ballots, losses
from microgesture.ensembles.cross_fitting import error_of_mean, parts_of_people
from microgesture.ensembles.soft_vote import soft_vote
from microgesture.ensembles.temperature import fit_temperature, softmax


def seen(clips, strengths, classes=5, seed=0):
    """Labels, people of eight clips each, and members that see the labels with noise of their own."""
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, classes, clips)
    members = [
        generator.normal(size=(clips, classes)) + strength * np.eye(classes)[labels]
        for strength in strengths
    ]
    return labels, np.arange(clips) // 8, members


def test_the_vote_of_ballots_by_hand():
    calibrated = np.array([[[0.8, 0.2]], [[0.5, 0.5]]])
    soft = Pool("soft", calibrated, sharpen=False)
    np.testing.assert_allclose(np.exp(soft.logs([0, 0, 1])), [[0.7, 0.3]])  # (.8 + .8 + .5) / 3
    expected = soft_vote(calibrated, [2 / 3, 1 / 3])
    np.testing.assert_allclose(np.exp(soft.logs([0, 0, 1])), expected)
    log_linear = Pool("log_linear", calibrated, sharpen=False)
    np.testing.assert_allclose(np.exp(log_linear.logs([0, 1])), [[2 / 3, 1 / 3]])  # odds sqrt(4)
    assert losses(soft.logs([0]), np.array([0]), 1.0) == pytest.approx([-np.log(0.8)])


def test_the_best_member_begins_and_a_useless_one_is_left_out():
    labels, groups, members = seen(400, [2.0, 1.8, 0.0])
    members[2] *= 3  # it knows nothing and is sure of it
    parts = parts_of_people(groups)
    ballots, means = choose_ballots(members, labels, groups, parts, kind="log_linear")
    assert ballots == [0, 1]
    assert means[1] < means[0] - 0.1  # two voters are better than the better one
    assert means.argmin() == 1
    # In a mean of probabilities one that says "any class" may help: with people left out, too.
    ballots, means = choose_ballots(members, labels, groups, parts, kind="soft")
    assert ballots[:2] == [0, 1] and len(ballots) == means.argmin() + 1
    assert 2 not in ballots or means.min() < means[1]


def test_a_different_voter_is_counted_before_the_same_once_more():
    labels, groups, members = seen(160, [2.6, 1.6, 0.2])
    calibrated = [softmax(values, fit_temperature(values, labels).value) for values in members]
    pool = Pool("soft", calibrated, sharpen=True)

    def lost(*ballots):
        logs = pool.logs(list(ballots))
        return losses(logs, labels, pool.heat(logs, labels))

    each = [lost(0, 1, member) for member in range(3)]
    # A second ballot of the best lowers the loss most. That of the weak member, which is new,
    # lowers it too, and by so little less that other people could turn it round.
    assert each[0].mean() < each[2].mean() < lost(0, 1).mean() < each[1].mean()
    assert each[2].mean() - each[0].mean() < error_of_mean(each[2] - each[0], groups)
    assert cast_ballots(pool, labels, groups, 3) == [0, 1, 2]


def test_a_copy_is_no_different_voter():
    labels, groups, members = seen(240, [1.5, 1.5])
    values = [softmax(members[0]), softmax(members[0]), softmax(members[1])]
    ballots = cast_ballots(Pool("soft", np.stack(values), sharpen=True), labels, groups, 2)
    assert 2 in ballots and len(set(ballots)) == 2
    same = Pool("soft", np.stack(values[:2]), sharpen=False)
    assert cast_ballots(same, labels, groups, 3) == [0, 0, 0]


def by_hand(order):
    """Three members on eight clips of class 0, in which `order` names the second and third."""
    sure = [0.7] * 6 + [0.49] * 2
    near = [0.65] * 6 + [0.4, 0.9]
    far = [0.45] + [0.7] * 5 + [0.6] * 2
    first = np.array([sure, *({"near": near, "far": far}[name] for name in order)])
    return np.stack([first, 1 - first], axis=2)


@pytest.mark.parametrize("order", [("near", "far"), ("far", "near")])
def test_of_several_new_voters_the_most_different_one_comes_first(order):
    # Losses of one ballot more, without temperature: mean -log of the mean probability of class 0.
    # The vote so far is `sure` and guesses 1 on the last two clips; `near` guesses otherwise on
    # the last clip alone, `far` on the last two and the first: 1 and 3 of 8.
    labels, groups = np.zeros(8, dtype=int), np.array([0, 0, 0, 0, 1, 1, 1, 1])
    pool = Pool("soft", by_hand(order), sharpen=False)
    first = -np.log(by_hand(order)[:, :, 0]).mean(axis=1)
    assert first.argmin() == 0
    mixed = -np.log((by_hand(order)[0] + by_hand(order))[:, :, 0] / 2)
    means = mixed.mean(axis=1)
    best = int(means.argmin())
    for member in (1, 2):  # both lower the loss, and are within the error of the best
        assert means[member] < first[0]
        lost = mixed[member] - mixed[best]
        assert lost.mean() <= error_of_mean(lost, groups)
    far, near = 1 + order.index("far"), 1 + order.index("near")
    assert means[near] < means[far]  # by the loss alone the other one would be counted
    assert cast_ballots(pool, labels, groups, 2) == [0, far]


def test_temperatures_are_those_of_the_fitting_people():
    # A member three times as loud: behind its temperature it is the same member.
    labels, groups, members = seen(160, [1.5, 1.2])
    parts = parts_of_people(groups)
    quiet = choose_ballots(members, labels, groups, parts, kind="soft")
    loud = choose_ballots([3 * members[0], members[1]], labels, groups, parts, kind="soft")
    assert quiet[0] == loud[0]
    np.testing.assert_allclose(quiet[1], loud[1], atol=2e-4)
