"""The random convolutions' own definition; what skeleton networks share: test_battery_skeleton.py."""

import numpy as np
import pytest
import torch

from microgesture.models import random_convolutions
from microgesture.models.random_convolutions import RandomFilters, random_mixtures
from microgesture.pose.layouts import get_layout
from microgesture.provenance.errors import BadInput


def make(**options):
    torch.manual_seed(0)
    size = {"num_filters": 12, "dilations": (1, 2)} | options
    return random_convolutions.build(3, in_channels=3, layout=get_layout("coco17"), **size)


def clips_of(*, clips=6, frames=20, persons=1):
    return torch.randn(clips, 3, frames, 17, persons, generator=torch.Generator().manual_seed(1))


def test_the_four_numbers_of_a_filter_by_hand():
    torch.manual_seed(0)
    filters = RandomFilters(channels=2, num_filters=5, kernel=3, dilation=2).eval()
    filters.norm.running_mean.normal_()
    filters.norm.running_var.uniform_(0.5, 2)
    signal = torch.randn(1, 2, 7)
    mixed = (filters.mixture @ signal[0]).numpy()
    padded = np.pad(mixed, ((0, 0), (2, 2)))
    for number in range(5):
        taps = filters.taps[number, 0].numpy()
        answer = np.array(
            [
                sum(taps[tap] * padded[number, time + 2 * tap] for tap in range(3))
                for time in range(7)
            ]
        )
        mean, variance = filters.norm.running_mean[number], filters.norm.running_var[number]
        answer = (answer - mean.item()) / np.sqrt(variance.item() + 1e-5)
        answer = answer - filters.threshold[number].item()
        above = answer > 0
        expected = [above.mean(), above[:3].mean(), above[-3:].mean(), answer.max()]
        numbers = filters(signal)[0].unflatten(0, (4, 5))[:, number]
        assert numbers.numpy() == pytest.approx(expected, abs=1e-5)


def test_a_filter_mixes_a_power_of_two_of_the_channels():
    torch.manual_seed(0)
    counts = (random_mixtures(100, 3000) != 0).sum(1)
    assert sorted(set(counts.tolist())) == [1, 2, 4, 8, 16, 32]
    for count in (1, 2, 4, 8, 16, 32):  # each as often: 500 of 3000, standard deviation 20
        assert 400 < (counts == count).sum() < 600
    assert (random_mixtures(5, 300) != 0).sum(1).max() == 4


def test_most_filters_see_movement_alone():
    torch.manual_seed(0)
    taps = RandomFilters(channels=4, num_filters=2000, kernel=9, dilation=1).taps
    still = taps.sum(2).abs() < 1e-5
    assert 0.65 < still.float().mean() < 0.75


def test_the_classifier_alone_learns():
    network = make()
    assert [name for name, _ in network.named_parameters()] == [
        "classifier.weight",
        "classifier.bias",
    ]
    assert not network(clips_of()).any()  # it starts from nothing
    network.head(network.pool(network.forward_features(clips_of()))).sum().backward()
    assert network.classifier.weight.grad.abs().max() > 0


def test_the_seed_says_which_filters():
    clips = clips_of()
    first, again = make(), make()
    torch.manual_seed(1)
    other = random_convolutions.build(
        3, in_channels=3, layout=get_layout("coco17"), num_filters=12, dilations=(1, 2)
    )
    assert torch.equal(first.forward_features(clips), again.forward_features(clips))
    assert not torch.equal(first.forward_features(clips), other.forward_features(clips))


def test_one_odd_clip_does_not_outweigh_the_others():
    network = make()
    for _ in range(50):
        network(clips_of())
    network.eval()
    features = network.forward_features(1e4 * clips_of(clips=1))
    assert features.abs().max() == random_convolutions.LIMIT


def test_one_clip_alone_is_a_batch():
    """An epoch's last batch may hold one; running statistics then stand for those of the batch."""
    network = make()
    for _ in range(50):
        network(clips_of())
    features = network.forward_features(clips_of(clips=1))
    assert features.isfinite().all() and features.any()
    before = network.feature_norm.running_mean.clone()
    network(clips_of(clips=1))
    assert torch.equal(network.feature_norm.running_mean, before)


def test_the_order_of_persons_does_not_count():
    network = make(num_persons=2).eval()
    clips = clips_of(persons=2)
    pooled = network.pool(network.forward_features(clips))
    torch.testing.assert_close(network.pool(network.forward_features(clips.flip(4))), pooled)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kernel": 8}, "kernel is 8; write an odd number"),
        ({"num_filters": 1}, "at least one filter for each"),
        ({"dilations": ()}, "at least one filter for each"),
        ({"dilations": (0, 1)}, "dilations of 1 or more"),
    ],
)
def test_numbers_that_do_not_fit(options, message):
    with pytest.raises(BadInput, match=message):
        make(**options)
