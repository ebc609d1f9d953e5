"""TSM ResNet-18 written from its layer definitions, with MMAction2's names and shapes."""

import torch
import torch.nn.functional as F

from tests.models.references import slowonly_reference as slowonly


def tsm_state(width):
    """MMAction2's names and shapes of a TSM ResNet-18 with `width` channels in the stem."""
    shapes = {"backbone.conv1.conv.weight": (width, 3, 7, 7)}
    shapes |= slowonly.norm_shapes("backbone.conv1.bn", width)
    inside = width
    for i in range(4):
        out = width * 2**i
        for j in range(2):
            name = f"backbone.layer{i + 1}.{j}"
            shapes[f"{name}.conv1.conv.net.weight"] = (out, inside, 3, 3)
            shapes[f"{name}.conv2.conv.weight"] = (out, out, 3, 3)
            shapes |= slowonly.norm_shapes(f"{name}.conv1.bn", out)
            shapes |= slowonly.norm_shapes(f"{name}.conv2.bn", out)
            if inside != out:
                shapes[f"{name}.downsample.conv.weight"] = (out, inside, 1, 1)
                shapes |= slowonly.norm_shapes(f"{name}.downsample.bn", out)
            inside = out
    return slowonly.random_state(shapes | slowonly.linear_shapes("cls_head.fc_cls", 6, out))


def tsm_logits(x, state):
    """TSM ResNet-18, frame by frame; the shift written with torch.roll."""
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
    for i in range(4):
        for j in range(2):
            name, stride = f"backbone.layer{i + 1}.{j}", 2 if i > 0 and j == 0 else 1
            y = F.conv2d(shift(x), state[f"{name}.conv1.conv.net.weight"], None, stride, 1)
            y = F.relu(slowonly.norm(y, state, f"{name}.conv1.bn"))
            y = F.conv2d(y, state[f"{name}.conv2.conv.weight"], None, 1, 1)
            y = slowonly.norm(y, state, f"{name}.conv2.bn")
            if stride == 2:
                x = F.conv2d(x, state[f"{name}.downsample.conv.weight"], None, stride)
                x = slowonly.norm(x, state, f"{name}.downsample.bn")
            x = F.relu(x + y)
    frames = F.linear(
        x.mean((2, 3)), state["cls_head.fc_cls.weight"], state["cls_head.fc_cls.bias"]
    )
    return frames.view(n, t, -1).mean(1)
