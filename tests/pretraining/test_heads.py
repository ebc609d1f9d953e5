"""Decoders: what belongs where."""

import torch

from microgesture.pretraining.heads import JointDecoder, PlaceDecoder, TokenDecoder


def test_shown_tokens_come_back_to_their_places():
    torch.manual_seed(0)
    decoder = TokenDecoder(8, 3, 2, 0, 5)
    hidden = torch.tensor([[[True, False, True], [False, True, True]]])
    encoded = torch.randn(1, 2, 8)
    found = decoder(encoded, hidden)
    assert found.shape == (1, 2, 3, 5)
    changed = encoded.clone()
    changed[0, 1] += 1.0  # the second shown token: segment 1, joint 0
    differs = (decoder(changed, hidden) != found).any(-1)  # without layers nobody looks at others
    assert differs.nonzero().tolist() == [[0, 1, 0]]


def test_hidden_tokens_are_known_by_joint_and_time():
    torch.manual_seed(0)
    decoder = TokenDecoder(8, 3, 2, 1, 5)
    found = decoder(torch.randn(1, 1, 8), torch.tensor([[[False, True, True], [True, True, True]]]))
    assert (found[0, 0, 1] - found[0, 0, 2]).abs().max() > 1e-4
    assert (found[0, 0, 1] - found[0, 1, 1]).abs().max() > 1e-4


def test_a_step_of_the_map_says_its_own_frames():
    torch.manual_seed(0)
    decoder = JointDecoder(4, 2, 4)
    features = torch.randn(1, 4, 2, 3)
    found = decoder(features, 7)
    assert found.shape == (1, 2, 7, 3)
    changed = features.clone()
    changed[0, :, 1, 2] += 1.0
    differs = (decoder(changed, 7) != found).any(dim=1)
    assert sorted(set(differs.nonzero()[:, 1].tolist())) == [4, 5, 6]
    assert set(differs.nonzero()[:, 2].tolist()) == {2}


def test_places_of_a_heatmap_network():
    assert PlaceDecoder(6, 17)(torch.randn(2, 6, 4, 5, 5)).shape == (2, 17, 4, 5, 5)
