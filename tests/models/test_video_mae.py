"""VideoMAE's encoder: sizes, places of tokens, messages, and transformers' answers."""

import os

import pytest
import torch

import microgesture.models.torchvision_operators  # noqa: F401, transformers imports torchvision
from microgesture.models import video_mae
from microgesture.provenance.errors import BadInput
from microgesture.weights.reference_names_transformer import rename_video_mae
from tests.models.references import video_mae_reference as reference

SMALL = {"width": 24, "num_blocks": 3, "num_heads": 2, "tubelet": (2, 8, 8)}


@pytest.mark.parametrize(("size", "millions"), [("s", 22), ("b", 87)])
def test_parameters_equal_the_papers_numbers(size, millions):
    with torch.device("meta"):
        network = video_mae.build(400, size=size)
    assert round(sum(p.numel() for p in network.parameters()) / 1e6) == millions


def test_features_and_logits_equal_the_second_definition():
    state = reference.random_state()
    network = video_mae.build(7, **SMALL).eval()
    network.load_state_dict(rename_video_mae(state))
    x = torch.randn(2, 3, 4, 32, 24)
    with torch.no_grad():
        expected, features = reference.tokens(x, state, 2), network.forward_features(x)
        assert features.shape == (2, 24, 2, 4, 3) and expected.std() > 0.5
        assert (features.flatten(2).transpose(1, 2) - expected).abs().max() < 1e-4
        assert (network(x) - reference.logits(x, state, 2)).abs().max() < 1e-4


def transformers_network(kind, **options):
    """A small network of transformers with random weights, every one of them."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    transformers = pytest.importorskip(
        "transformers", reason="transformers is not installed: make test-transformers"
    )
    config = transformers.VideoMAEConfig(
        **{"image_size": 32, "patch_size": 8, "num_frames": 4, "hidden_size": 24},
        **{"num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 96},
        **options,
    )
    torch.manual_seed(3)
    network = getattr(transformers, kind)(config).eval()
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            mean = 1.0 if "norm" in name and name.endswith("weight") else 0.0
            parameter.normal_(mean, 0.2)
    return network


def test_features_equal_those_of_transformers():
    theirs = transformers_network("VideoMAEModel")
    ours = video_mae.build(5, **SMALL).eval()
    renamed = rename_video_mae(theirs.state_dict())
    missing, unexpected = ours.load_state_dict(renamed, strict=False)
    assert unexpected == [] and set(missing) == {"classifier.weight", "classifier.bias"}
    x = torch.randn(2, 3, 4, 32, 32)
    with torch.no_grad():
        expected = theirs(x.transpose(1, 2)).last_hidden_state
        found = ours.forward_features(x)
    assert found.shape == (2, 24, 2, 4, 4) and expected.std() > 0.5
    assert (found.flatten(2).transpose(1, 2) - expected).abs().max() < 1e-4


def test_logits_of_a_fine_tuned_network_equal_those_of_transformers():
    theirs = transformers_network("VideoMAEForVideoClassification", num_labels=7)
    ours = video_mae.build(7, **SMALL).eval()
    ours.load_state_dict(rename_video_mae(theirs.state_dict()))
    x = torch.randn(2, 3, 4, 32, 32)
    with torch.no_grad():
        expected = theirs(x.transpose(1, 2)).logits
        assert expected.std() > 0.1
        assert (ours(x) - expected).abs().max() < 1e-4
        # and the second definition is the published network
        names = {f"head.{part}": f"classifier.{part}" for part in ("weight", "bias")}
        state = {
            name: ours.state_dict()[names.get(name, name)] for name in reference.random_state()
        }
        assert (reference.logits(x, state, 2) - expected).abs().max() < 1e-4


def test_tokens_can_be_left_out():
    network = video_mae.build(4, **SMALL).eval()
    x = torch.randn(1, 3, 4, 16, 16)
    tokens = network.embed(x)
    assert tokens.shape == (1, 2 * 2 * 2, 24)
    changed = x.clone()
    changed[:, :, 2:, 8:, 8:] += 1  # the last token's pixels
    assert torch.equal(network.embed(changed)[:, :-1], tokens[:, :-1])
    shown = torch.tensor([0, 3, 5])
    torch.testing.assert_close(
        network.encode(tokens[:, shown]), network.encode(network.embed(changed)[:, shown])
    )


def test_places_are_those_of_the_grid_that_weights_were_made_for():
    torch.manual_seed(0)
    own = video_mae.build(4, **SMALL).eval()
    given = video_mae.build(4, **SMALL, position_grid=[2, 4, 4]).eval()
    given.load_state_dict(own.state_dict())
    same, smaller = torch.randn(1, 3, 4, 32, 32), torch.randn(1, 3, 4, 16, 16)
    with torch.no_grad():
        torch.testing.assert_close(own(same), given(same))
        assert not torch.allclose(own(smaller), given(smaller))


def test_messages():
    with pytest.raises(BadInput, match="size: 'l' is not known; write one of s, b"):
        video_mae.build(4, size="l")
    with pytest.raises(BadInput, match="width: 25 cannot be shared out to 2 heads"):
        video_mae.build(4, **{**SMALL, "width": 25})
    with pytest.raises(BadInput, match=r"position_grid: \[8, 14\] should be three"):
        video_mae.build(4, position_grid=[8, 14])
    network = video_mae.build(4, **SMALL)
    with pytest.raises(BadInput, match=r"3 frames of 33 x 32; write .* 4 and 40 for example"):
        network(torch.zeros(1, 3, 3, 33, 32))
