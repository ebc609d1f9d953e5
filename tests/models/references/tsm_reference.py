"""TSM on ResNet-18 and ResNet-50 written from their layer definitions, with MMAction2's names."""

import torch
import torch.nn.functional as F

from tests.models.references import slowonly_reference as slowonly

BLOCKS = {18: (2, 2, 2, 2), 50: (3, 4, 6, 3)}


def tsm_state(width, depth=18, classes=6):
    """Names and shapes of MMAction2's checkpoint with `width` channels in the stem."""
    shapes = {"backbone.conv1.conv.weight": (width, 3, 7, 7)}
    shapes |= slowonly.norm_shapes("backbone.conv1.bn", width)
    inside = width
    for i, blocks in enumerate(BLOCKS[depth]):
        inner = width * 2**i
        out = inner * (4 if depth == 50 else 1)
        for j in range(blocks):
            name = f"backbone.layer{i + 1}.{j}"
            convs = [(inner, inside, 3, 3), (inner, inner, 3, 3)]
            if depth == 50:
                convs = [(inner, inside, 1, 1), (inner, inner, 3, 3), (out, inner, 1, 1)]
            for number, shape in enumerate(convs, start=1):
                wrapped = ".net" if number == 1 else ""  # the wrapper that shifts
                shapes[f"{name}.conv{number}.conv{wrapped}.weight"] = shape
                shapes |= slowonly.norm_shapes(f"{name}.conv{number}.bn", shape[0])
            if j == 0 and (i > 0 or depth == 50):
                shapes[f"{name}.downsample.conv.weight"] = (out, inside, 1, 1)
                shapes |= slowonly.norm_shapes(f"{name}.downsample.bn", out)
            inside = out
    return slowonly.random_state(
        shapes | slowonly.linear_shapes("cls_head.fc_cls", classes, inside)
    )


def tsm_logits(x, state, depth=18):
    """TSM frame by frame; the shift written with torch.roll. The stride lies in the 3 x 3
    convolution (of two: in the first)."""
    n, _, t = x.shape[:3]

    def shift(y):
        y = y.view(n, t, *y.shape[1:])
        fold = y.shape[2] // 8
        later, earlier = y.roll(-1, 1), y.roll(1, 1)
        later[:, -1], earlier[:, 0] = 0, 0
        parts = (later[:, :, :fold], earlier[:, :, fold : 2 * fold], y[:, :, 2 * fold :])
        return torch.cat(parts, 2).flatten(0, 1)

    x = x.transpose(1, 2).flatten(0, 1)
    x = F.conv2d(x, state["backbone.conv1.conv.weight"], stride=2, padding=3)
    x = F.max_pool2d(F.relu(slowonly.norm(x, state, "backbone.conv1.bn")), 3, 2, 1)
    strided, last = (1, 2) if depth == 18 else (2, 3)
    for i, blocks in enumerate(BLOCKS[depth]):
        for j in range(blocks):
            name, stride = f"backbone.layer{i + 1}.{j}", 2 if i > 0 and j == 0 else 1
            y = shift(x)
            for number in range(1, last + 1):
                weight = state[f"{name}.conv{number}.conv{'.net' if number == 1 else ''}.weight"]
                step = stride if number == strided else 1
                y = F.conv2d(y, weight, None, step, weight.shape[-1] // 2)
                y = slowonly.norm(y, state, f"{name}.conv{number}.bn")
                y = F.relu(y) if number < last else y
            if f"{name}.downsample.conv.weight" in state:
                x = F.conv2d(x, state[f"{name}.downsample.conv.weight"], None, stride)
                x = slowonly.norm(x, state, f"{name}.downsample.bn")
            x = F.relu(x + y)
    frames = F.linear(
        x.mean((2, 3)), state["cls_head.fc_cls.weight"], state["cls_head.fc_cls.bias"]
    )
    return frames.view(n, t, -1).mean(1)
