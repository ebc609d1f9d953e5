"""VideoMAE written from its paper with plain matrices, under the authors' names of tensors.

Nothing of the library is used, and no layer of torch: tubelets are cut out with reshapes, queries,
keys and values are multiplied head by head. tests/models/test_video_mae.py holds it against
transformers' network too, where that is installed (`make test-transformers`).
"""

import math

import torch

EPSILON = 1e-6


def random_state(width=24, blocks=3, tubelet=(2, 8, 8), classes=7, seed=3):
    """A fine-tuned checkpoint of the authors: name -> random float32 tensor."""
    generator = torch.Generator().manual_seed(seed)
    shapes = {"patch_embed.proj.weight": (width, 3, *tubelet), "patch_embed.proj.bias": (width,)}
    for number in range(blocks):
        stem = f"blocks.{number}."
        for norm in ("norm1", "norm2"):
            shapes |= {f"{stem}{norm}.weight": (width,), f"{stem}{norm}.bias": (width,)}
        shapes |= {f"{stem}attn.q_bias": (width,), f"{stem}attn.v_bias": (width,)}
        shapes[f"{stem}attn.qkv.weight"] = (3 * width, width)
        shapes |= _linear(f"{stem}attn.proj", width, width)
        shapes |= _linear(f"{stem}mlp.fc1", 4 * width, width)
        shapes |= _linear(f"{stem}mlp.fc2", width, 4 * width)
    shapes |= {"fc_norm.weight": (width,), "fc_norm.bias": (width,)}
    shapes |= _linear("head", classes, width)
    state = {}
    for name, shape in shapes.items():
        fan = math.prod(shape[1:]) if len(shape) > 1 else 25
        values = torch.randn(shape, generator=generator) / math.sqrt(fan)
        state[name] = values + (1.0 if "norm" in name and name.endswith("weight") else 0.0)
    return state


def _linear(name, outputs, inputs):
    return {f"{name}.weight": (outputs, inputs), f"{name}.bias": (outputs,)}


def tubelets(clips, tubelet):
    """(N, 3, T, H, W) -> (N, L, 3 * t * h * w), frame by frame, row by row."""
    t, h, w = tubelet
    count, colours, frames, height, width = clips.shape
    parts = clips.reshape(count, colours, frames // t, t, height // h, h, width // w, w)
    return parts.permute(0, 2, 4, 6, 1, 3, 5, 7).reshape(count, -1, colours * t * h * w)


def places(number, width):
    """(number, width): sine and cosine of a token's number, side by side."""
    rows = []
    for token in range(number):
        row = []
        for channel in range(width):
            angle = token / 10000 ** (2 * (channel // 2) / width)
            row.append(math.cos(angle) if channel % 2 else math.sin(angle))
        rows.append(row)
    return torch.tensor(rows)


def normed(x, state, name):
    """Layer norm, by its definition."""
    away = x - x.mean(dim=-1, keepdim=True)
    scaled = away / (away.square().mean(dim=-1, keepdim=True) + EPSILON).sqrt()
    return scaled * state[f"{name}.weight"] + state[f"{name}.bias"]


def attention(x, state, name, heads):
    """Each head by itself."""
    width = x.shape[-1]
    weights = state[f"{name}.qkv.weight"].split(width)
    query = x @ weights[0].T + state[f"{name}.q_bias"]
    key = x @ weights[1].T
    value = x @ weights[2].T + state[f"{name}.v_bias"]
    each, found = width // heads, []
    for head in range(heads):
        own = slice(head * each, (head + 1) * each)
        products = query[..., own] @ key[..., own].transpose(1, 2) / math.sqrt(each)
        found.append(torch.softmax(products, dim=-1) @ value[..., own])
    return linear(torch.cat(found, dim=-1), state, f"{name}.proj")


def linear(x, state, name):
    return x @ state[f"{name}.weight"].T + state[f"{name}.bias"]


def gelu(x):
    return x * (1 + torch.erf(x / math.sqrt(2))) / 2


def block(x, state, stem, heads):
    x = x + attention(normed(x, state, f"{stem}.norm1"), state, f"{stem}.attn", heads)
    inside = gelu(linear(normed(x, state, f"{stem}.norm2"), state, f"{stem}.mlp.fc1"))
    return x + linear(inside, state, f"{stem}.mlp.fc2")


def tokens(clips, state, heads, hidden=None):
    """What the blocks make of a clip: (N, L, width). hidden: bool (L,), tokens that are left out."""
    weight = state["patch_embed.proj.weight"]
    x = tubelets(clips, weight.shape[2:]) @ weight.flatten(1).T + state["patch_embed.proj.bias"]
    x = x + places(x.shape[1], x.shape[2])
    x = x if hidden is None else x[:, ~hidden]
    number = 0
    while f"blocks.{number}.norm1.weight" in state:
        x = block(x, state, f"blocks.{number}", heads)
        number += 1
    return x


def logits(clips, state, heads):
    """(N, K) of a fine-tuned network."""
    pooled = normed(tokens(clips, state, heads).mean(dim=1), state, "fc_norm")
    return linear(pooled, state, "head")


# How others call the same tensors.
TRANSFORMERS = (
    ("patch_embed.proj.", "videomae.embeddings.patch_embeddings.projection."),
    ("blocks.", "videomae.encoder.layer."),
    ("attn.proj.", "attention.output.dense."),
    ("attn.", "attention.attention."),
    ("mlp.fc1.", "intermediate.dense."),
    ("mlp.fc2.", "output.dense."),
    ("norm1.", "layernorm_before."),
    ("norm2.", "layernorm_after."),
    ("head.", "classifier."),
)
TRANSFORMERS_5 = (*TRANSFORMERS, (".q_bias", ".query.bias"), (".v_bias", ".value.bias"))
MMACTION = (
    ("patch_embed.proj.", "patch_embed.projection."),
    ("mlp.fc1.", "mlp.layers.0.0."),
    ("mlp.fc2.", "mlp.layers.1."),
    ("head.", "cls_head.fc_cls."),
)


def published(state, how):
    """The authors' tensors as they are published. how: authors, parallel (saved from several GPUs),
    version_2 (transformers' files of VideoMAE V2), mmaction2, transformers or transformers_5."""
    if how == "authors":
        return dict(state)
    if how == "parallel":
        return {f"module.{name}": value for name, value in state.items()}
    if how == "version_2":
        return {f"model.{name}": value for name, value in state.items()}
    if how == "mmaction2":
        found = {_renamed(name, MMACTION): value for name, value in state.items()}
        found = {n if n[:8] == "cls_head" else f"backbone.{n}": v for n, v in found.items()}
        return found | {"backbone.pos_embed": places(8, len(state["fc_norm.bias"]))[None]}
    pairs = {"transformers": TRANSFORMERS, "transformers_5": TRANSFORMERS_5}[how]
    found = {}
    for name, value in state.items():
        parts = {name: value}
        if name.endswith("attn.qkv.weight"):
            names = [name.replace("qkv", part) for part in ("query", "key", "value")]
            parts = dict(zip(names, value.chunk(3)))
        found |= {_renamed(name, pairs): part for name, part in parts.items()}
    return found


def _renamed(name, pairs):
    for old, new in pairs:
        name = name.replace(old, new)
    return name
