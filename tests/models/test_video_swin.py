"""Video Swin: torchvision's network, sizes and answers."""

import pytest
import torch

import microgesture.models.torchvision_operators  # noqa: F401
from microgesture.models import video_swin
from microgesture.provenance.errors import BadInput
from microgesture.weights.reference_names_cnn import translate_names

# isort: split
from torchvision.models.video.swin_transformer import SwinTransformer3d

SMALL = {"embed_channels": 8, "stage_blocks": (2, 1), "stage_heads": (1, 2)}


@pytest.mark.parametrize(
    ("size", "parameters"), [("t", 28_158_070), ("s", 49_816_678), ("b", 88_048_984)]
)
def test_parameters_equal_torchvisions_published_numbers(size, parameters):
    with torch.device("meta"):
        network = video_swin.build(400, size=size)
    assert sum(p.numel() for p in network.parameters()) == parameters


def test_torchvision_weights_give_torchvisions_answer():
    theirs = SwinTransformer3d([2, 4, 4], 8, [2, 1], [1, 2], [8, 7, 7], num_classes=5).eval()
    ours = video_swin.build(5, **SMALL).eval()
    ours.load_state_dict(translate_names("video_swin", theirs.state_dict()), strict=False)
    x = torch.randn(2, 3, 6, 36, 36)
    with torch.no_grad():
        torch.testing.assert_close(ours(x), theirs(x))
        assert ours.forward_features(x).shape == (2, 16, 3, 5, 5)


def test_messages():
    with pytest.raises(BadInput, match="size: 'xl' is not known; write one of t, s, b"):
        video_swin.build(4, size="xl")
    with pytest.raises(BadInput, match=r"stage_blocks \[1\] and stage_heads \[3, 6, 12, 24\]"):
        video_swin.build(4, stage_blocks=(1,))
