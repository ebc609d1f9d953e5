"""Names of published VideoMAE checkpoints, as the publishers' code has them."""

import pytest
import torch

from microgesture.models import video_mae
from microgesture.provenance.errors import BadInput
from microgesture.weights.published import rename_weights
from microgesture.weights.reference_names_transformer import rename_video_mae
from tests.models.references import video_mae_reference as reference

OURS = {"head.weight": "classifier.weight", "head.bias": "classifier.bias"}
HOW = ("authors", "parallel", "version_2", "mmaction2", "transformers", "transformers_5")


@pytest.fixture
def state():
    return reference.random_state(width=8, blocks=2, tubelet=(2, 4, 4), classes=5)


@pytest.mark.parametrize("how", HOW)
def test_every_publishers_names_become_ours(state, how):
    found = rename_weights("video_mae", reference.published(state, how))
    own = video_mae.build(5, width=8, num_blocks=2, num_heads=2, tubelet=(2, 4, 4)).state_dict()
    assert {n: v.shape for n, v in found.items()} == {n: v.shape for n, v in own.items()}
    for name, value in state.items():
        assert torch.equal(found[OURS.get(name, name)], value), name


@pytest.mark.parametrize("how", ["authors", "transformers", "encoder_alone"])
def test_of_a_pre_trained_network_the_encoder_is_taken(state, how):
    encoder = {n: v for n, v in state.items() if not n.startswith(("head.", "fc_norm."))}
    norm = "norm."
    if how == "transformers":
        file, norm = reference.published(encoder, how), "videomae.layernorm."
    elif how == "authors":
        file, norm = {f"encoder.{n}": v for n, v in encoder.items()}, "encoder.norm."
    else:
        file = dict(encoder)
    file |= {f"{norm}weight": torch.full((8,), 3.0), f"{norm}bias": torch.full((8,), 4.0)}
    file |= {"mask_token": torch.zeros(1, 1, 4), "encoder_to_decoder.weight": torch.zeros(4, 8)}
    file |= {"decoder.blocks.0.norm1.weight": torch.zeros(4), "decoder.head.bias": torch.zeros(4)}
    file |= {"decoder.decoder_layers.0.output.dense.bias": torch.zeros(4)}
    found = rename_video_mae(file)
    assert set(found) == set(encoder) | {"fc_norm.weight", "fc_norm.bias"}
    assert all(torch.equal(found[name], value) for name, value in encoder.items())
    # a new norm behind the mean, as the authors' fine-tuning has it
    assert found["fc_norm.weight"].tolist() == [1.0] * 8
    assert found["fc_norm.bias"].tolist() == [0.0] * 8


def test_messages(state):
    twice = {"blocks.0.norm1.bias": torch.zeros(1), "module.blocks.0.norm1.bias": torch.zeros(1)}
    with pytest.raises(BadInput, match=r"two tensors for video_mae's blocks\.0\.norm1\.bias"):
        rename_video_mae(twice)
    half = reference.published(state, "transformers")
    del half["videomae.encoder.layer.1.attention.attention.key.weight"]
    with pytest.raises(BadInput, match=r"blocks\.1\.attn\.\*: query, key and value belong"):
        rename_video_mae(half)
    learned = state | {"pos_embed": torch.zeros(1, 8, 8)}
    with pytest.raises(BadInput, match="pos_embed: the file's places are learned"):
        rename_video_mae(learned)
