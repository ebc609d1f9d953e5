"""Names of published VideoMAE checkpoints -> those of microgesture/models/video_mae.py.

Sources: the authors' VideoMAE and VideoMAE V2, pre-trained (`encoder.`, `decoder.`), fine-tuned and
distilled; MMAction2 (`backbone.`, `cls_head.`); transformers, base and fine-tuned. The decoder, its
mask token and constant tables of positions are left out. transformers keeps queries, keys and
values apart; they are joined here.
"""

import re
from collections.abc import Mapping

import torch
from torch import Tensor

from microgesture.layers.vision_transformer import sine_positions
from microgesture.provenance.errors import BadInput

# Parts that only pre-training has. `norm`: the norm behind the encoder, in whose place the authors'
# fine-tuning puts a new one behind the mean (fc_norm).
_DROPPED = re.compile(
    r"^(decoder|encoder_to_decoder|mask_token)(\.|$)"
    r"|^((encoder|videomae|backbone|model)\.)?(norm|layernorm)\."
)
_NAMES = (
    (
        r"^(?:videomae|backbone|encoder|model)\."
        r"(?=patch_embed|blocks|fc_norm|head|encoder|embeddings)",
        "",
    ),
    (r"^embeddings\.patch_embeddings\.projection\.", "patch_embed.proj."),
    (r"^patch_embed\.projection\.", "patch_embed.proj."),
    (r"^encoder\.layer\.(\d+)\.", r"blocks.\1."),
    (r"\.attention\.attention\.(query|value)\.bias$", lambda found: f".attn.{found[1][0]}_bias"),
    (r"\.attention\.attention\.", ".attn."),
    (r"\.attention\.output\.dense\.", ".attn.proj."),
    (r"\.intermediate\.dense\.", ".mlp.fc1."),
    (r"\.output\.dense\.", ".mlp.fc2."),
    (r"\.layernorm_before\.", ".norm1."),
    (r"\.layernorm_after\.", ".norm2."),
    (r"\.mlp\.layers\.0\.0\.", ".mlp.fc1."),
    (r"\.mlp\.layers\.1\.", ".mlp.fc2."),
    (r"^(?:cls_head\.fc_cls|head)\.", "classifier."),
)
_APART = ("query", "key", "value")


def rename_video_mae(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A published state dict with our names; unknown names stay, so that loading can report them.

    state: name -> tensor, taken out of the checkpoint. A file without the norm behind the mean
    (pre-trained ones) gets a new one. Raises BadInput where two names become the same, where one
    of query, key and value is missing, and for learned positions.
    """
    renamed: dict[str, Tensor] = {}
    for name, value in state.items():
        name = name.removeprefix("module.")
        if _DROPPED.search(name):
            continue
        if name.endswith("pos_embed"):
            _check_positions(name, value)
            continue
        for pattern, replacement in _NAMES:
            name = re.sub(pattern, replacement, name)
        if name in renamed:
            raise BadInput(
                f"the checkpoint holds two tensors for video_mae's {name}; it is not a checkpoint "
                "of one network"
            )
        renamed[name] = value
    _join_queries(renamed)
    if "fc_norm.weight" not in renamed and "patch_embed.proj.bias" in renamed:
        width = len(renamed["patch_embed.proj.bias"])
        renamed |= {"fc_norm.weight": torch.ones(width), "fc_norm.bias": torch.zeros(width)}
    return renamed


def _check_positions(name: str, table: Tensor) -> None:
    """BadInput for a table of places, (1, L, C), that is not the constant one."""
    constant = sine_positions(tuple(table.shape[1:2]), table.shape[-1])
    if not torch.allclose(table[0].float(), constant, atol=1e-2):
        raise BadInput(
            f"{name}: the file's places are learned, and video_mae's are fixed sines; take a "
            "checkpoint of VideoMAE or VideoMAE V2"
        )


def _join_queries(state: dict[str, Tensor]) -> None:
    """query, key and value of every block become qkv, in place."""
    for name in [name for name in state if name.endswith(".attn.query.weight")]:
        stem = name.removesuffix("query.weight")
        parts = [state.pop(f"{stem}{part}.weight", None) for part in _APART]
        if any(part is None for part in parts):
            raise BadInput(
                f"{stem}*: query, key and value belong together and one is missing in the file; "
                "fetch it again"
            )
        state[f"{stem}qkv.weight"] = torch.cat(parts)
