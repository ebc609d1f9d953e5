"""Masked tubes: what is hidden does not reach the network, and the loss is transformers'."""

import pytest
import torch
from torch import nn

from microgesture.configuration.settings import complete_settings
from microgesture.models import video_mae
from microgesture.pose.layouts import get_layout
from microgesture.pretraining.pretrainers import make_pretrainer
from microgesture.pretraining.tubes import MaskedTubelets
from microgesture.provenance.errors import BadInput
from microgesture.weights.reference_names_transformer import rename_video_mae
from tests.models.test_video_mae import SMALL, transformers_network
from tests.pretraining.test_tube_targets import joints_at

COCO17 = get_layout("coco17")
GRID = (2, 4, 4)


def make(network=None, dims=2, points=3, model="video_mae", **group):
    torch.manual_seed(0)
    given = {"method": "masked_tubes", "decoder_stages": 2, **group}
    settings = complete_settings({"stream": "rgb", "model": model, "pretrain": given})
    network = network or video_mae.build(1, **SMALL)
    return make_pretrainer(network, settings, dims=dims, channels=3, layout=COCO17, points=points)


def clips(count=2):
    generator = torch.Generator().manual_seed(1)
    return torch.randn(count, 3, 4, 32, 32, generator=generator)


def joints(count=2, frames=4, points=3):
    generator = torch.Generator().manual_seed(2)
    places = torch.rand(count, frames, points, 2, generator=generator)
    return torch.cat([joints_at(*each.tolist()) for each in places])


def test_tubes_are_hidden_in_every_frame():
    learner = make(mask_ratio=0.75)
    pixels = torch.rand(5, 32, 128, 3)
    hidden = learner.draw(pixels, GRID)
    assert hidden.shape == (5, 32) and hidden.sum(dim=1).tolist() == [2 * 12] * 5
    assert torch.equal(hidden[:, :16], hidden[:, 16:])
    assert len({tuple(row) for row in hidden.tolist()}) > 1


@pytest.mark.parametrize("weights", [(1.0, 0.0), (1.0, 0.5), (0.0, 1.0)])
def test_the_loss_and_its_parts(weights):
    learner = make(pixel_weight=weights[0], keypoint_weight=weights[1])
    [found] = learner(clips(), joints())
    parts = {"pixels": weights[0], "places": weights[1], "motion": weights[1]}
    used = {name: weight for name, weight in parts.items() if weight}
    assert set(found) == {"loss", *used}
    expected = sum(weight * found[name] for name, weight in used.items())
    torch.testing.assert_close(found["loss"], expected)
    # untrained: one of 16 places, pixels and motion of deviation 1
    assert "pixels" not in found or 0.5 < found["pixels"] < 5
    assert "places" not in found or 1.5 < found["places"] < 6


def test_what_is_hidden_does_not_reach_the_network():
    learner = make(keypoint_weight=1.0).eval()
    x = clips(1)
    hidden = torch.ones(1, 4, 4, dtype=torch.bool)
    hidden[0, 1, 2] = False
    hidden = hidden.flatten(1).repeat(1, 2)
    said = []
    learner.decoder.joints.register_forward_hook(lambda _, __, output: said.append(output))
    changed = torch.randn_like(x)
    changed[..., 8:16, 16:24] = x[..., 8:16, 16:24]
    for pictures in (x, changed):
        learner(pictures, joints(1), hidden)
    changed[..., 8:16, 16:24] += 1
    learner(changed, joints(1), hidden)
    torch.testing.assert_close(said[0], said[1])
    assert not torch.allclose(said[0], said[2])


def test_a_joint_in_shown_pixels_counts_nothing():
    learner = make(pixel_weight=0.0, keypoint_weight=1.0, points=2).eval()
    # the middle of tubelet (0, 0) and of tubelet (3, 3), standing still
    points = joints_at(*[[[0.125, 0.125], [0.875, 0.875]]] * 4)
    hidden = torch.ones(1, 4, 4, dtype=torch.bool)
    hidden[0, 3, 3] = False
    hidden = hidden.flatten(1).repeat(1, 2)
    torch.manual_seed(1)
    [both] = learner(clips(1), points, hidden)
    points[:, 2, :, 1] = 0  # the shown one is not seen at all
    [one] = learner(clips(1), points, hidden)
    torch.testing.assert_close(both["loss"], one["loss"])
    points[:, 2] = 0
    [none] = learner(clips(1), points, hidden)
    assert none["loss"] == 0


def test_every_learned_part_gets_a_gradient():
    learner = make(keypoint_weight=1.0)
    learner(clips(), joints())[0]["loss"].backward()
    with_gradient = {
        n for n, p in learner.named_parameters() if p.grad is not None and p.grad.any()
    }
    unused = {n for n, _ in learner.named_parameters() if ".classifier." in n or ".fc_norm." in n}
    assert {n for n, p in learner.named_parameters() if not p.requires_grad} == unused
    assert with_gradient == {n for n, _ in learner.named_parameters()} - unused


def test_where_joints_are_is_learned_from_what_is_shown():
    """Two lines cross in the joint; half of the picture is hidden, its place among it."""
    torch.manual_seed(0)
    network = video_mae.build(1, **SMALL, stochastic_depth=0.0)
    learner = make(network, pixel_weight=0.0, keypoint_weight=1.0, mask_ratio=0.5, points=1)
    optimiser = torch.optim.AdamW(learner.parameters(), lr=5e-3)
    generator = torch.Generator().manual_seed(3)

    def batch(count):
        tubelets = torch.randint(0, 2, (count, 2), generator=generator)  # row and column of four
        x = torch.zeros(count, 3, 4, 16, 16)
        for clip, (row, column) in enumerate(tubelets.tolist()):
            x[clip, :, :, 8 * row + 2 : 8 * row + 6] += 2
            x[clip, :, :, :, 8 * column + 2 : 8 * column + 6] += 2
        places = (tubelets.flip(1).float() + 0.5) / 2
        frames = places[:, None, None].expand(-1, 4, 1, 2)
        return x, torch.cat([joints_at(*each.tolist()) for each in frames])

    for _ in range(60):
        optimiser.zero_grad()
        [losses] = learner(*batch(16))
        losses["loss"].backward()
        optimiser.step()
    with torch.no_grad():
        [losses] = learner.eval()(*batch(64))
    assert losses["places"] < 0.7  # by chance: the logarithm of 4, 1.39


def test_the_loss_equals_that_of_transformers():
    theirs = transformers_network(
        "VideoMAEForPreTraining",
        **{"use_mean_pooling": False, "decoder_hidden_size": 12, "decoder_num_hidden_layers": 2},
        **{"decoder_num_attention_heads": 1, "decoder_intermediate_size": 48},
    )
    theirs.decoder.norm.eps = 1e-6
    network = video_mae.build(1, **SMALL)
    network.load_state_dict(rename_video_mae(theirs.state_dict()), strict=False)
    learner = make(network).eval()
    assert isinstance(learner, MaskedTubelets)
    state = theirs.state_dict()
    learner.norm.load_state_dict(_below(state, "videomae.layernorm."))
    decoder = rename_video_mae(
        {  # its layers are the encoder's, by other names
            f"encoder.layer.{name}": value
            for name, value in _below(state, "decoder.decoder_layers.").items()
        }
    )
    own = {name.removeprefix("blocks."): value for name, value in decoder.items()}
    learner.decoder.blocks.load_state_dict(own)
    learner.decoder.norm.load_state_dict(_below(state, "decoder.norm."))
    learner.decoder.pixels.load_state_dict(_below(state, "decoder.head."))
    learner.decoder.embedding.weight = nn.Parameter(state["encoder_to_decoder.weight"])
    learner.decoder.hidden_token = nn.Parameter(state["mask_token"])
    x = clips(2)
    hidden = torch.zeros(2, 16, dtype=torch.bool)
    hidden[0, :14], hidden[1, 2:] = True, True
    hidden = hidden.repeat(1, 2)
    with torch.no_grad():
        expected = theirs(x.transpose(1, 2), bool_masked_pos=hidden).loss
        [found] = learner(x, None, hidden)
    assert expected > 0.5
    assert abs(found["loss"] - expected) < 1e-4


def _below(state, prefix):
    return {n.removeprefix(prefix): v for n, v in state.items() if n.startswith(prefix)}


def test_messages():
    with pytest.raises(BadInput, match="both 0"):
        make(pixel_weight=0.0)
    with pytest.raises(BadInput, match="three coordinates"):
        make(keypoint_weight=1.0, dims=3)
