"""PoseConv3D and RGBPoseConv3D written from their layer definitions, on plain state dicts.

An independent second implementation for the tests: functions on tensors, with the names of the
public checkpoints (pyskl, MMAction2), sharing nothing with the library. Batch normalisation is in
evaluation mode.
"""

import torch
import torch.nn.functional as F

POSE = {
    "blocks": (4, 6, 3),
    "base": 32,
    "stem_stride": 1,
    "pool_stride": 1,
    "spatial": (2, 2, 2),
    "temporal": (1, 1, 2),
    "inflate": (0, 1, 1),
}
RGB = {
    "blocks": (3, 4, 6, 3),
    "base": 64,
    "stem_stride": 2,
    "pool_stride": 2,
    "spatial": (1, 2, 2, 2),
    "temporal": (1, 1, 1, 1),
    "inflate": (0, 0, 1, 1),
}


def norm_shapes(name, channels):
    return {
        f"{name}.weight": (channels,),
        f"{name}.bias": (channels,),
        f"{name}.running_mean": (channels,),
        f"{name}.running_var": (channels,),
    }


def conv_shapes(name, out, inside, kernel):
    return {f"{name}.conv.weight": (out, inside, *kernel), **norm_shapes(f"{name}.bn", out)}


def pathway_shapes(prefix, channels, net, extra=None):
    """Name -> shape of every tensor of one branch. extra: lateral channels before each layer."""
    base = net["base"]
    shapes = conv_shapes(f"{prefix}.conv1", base, channels, (1, 7, 7))
    width = base
    for i, number in enumerate(net["blocks"]):
        inner = base * 2**i
        for j in range(number):
            name = f"{prefix}.layer{i + 1}.{j}"
            inside = width + (extra or [0] * 9)[i] if j == 0 else inner * 4
            shapes |= conv_shapes(f"{name}.conv1", inner, inside, (1 + 2 * net["inflate"][i], 1, 1))
            shapes |= conv_shapes(f"{name}.conv2", inner, inner, (1, 3, 3))
            shapes |= conv_shapes(f"{name}.conv3", inner * 4, inner, (1, 1, 1))
            if j == 0:
                shapes |= conv_shapes(f"{name}.downsample", inner * 4, inside, (1, 1, 1))
        width = inner * 4
    return shapes


def linear_shapes(name, classes, channels):
    return {f"{name}.weight": (classes, channels), f"{name}.bias": (classes,)}


def rgbpose_shapes(joints, classes, rgb, pose):
    """All of RGBPoseConv3D with its head over the two branches."""
    r2, r3 = rgb["base"] * 8, rgb["base"] * 16
    p1, p2 = pose["base"] * 4, pose["base"] * 8
    shapes = pathway_shapes("backbone.rgb_path", 3, rgb, [0, 0, p1, p2])
    shapes |= pathway_shapes("backbone.pose_path", joints, pose, [0, r2 // 16, r3 // 16])
    for layer, c in (("layer2", p1), ("layer3", p2)):
        shapes[f"backbone.rgb_path.{layer}_lateral.conv.weight"] = (c, c, 7, 1, 1)
    for layer, c in (("layer1", r2), ("layer2", r3)):
        name = f"backbone.pose_path.{layer}_lateral"
        shapes[f"{name}.conv.weight"] = (c, c // 16, 7, 1, 1)
        shapes |= norm_shapes(f"{name}.bn", c // 16)
    shapes |= linear_shapes("cls_head.fc_rgb", classes, rgb["base"] * 32)
    shapes |= linear_shapes("cls_head.fc_pose", classes, pose["base"] * 16)
    return shapes


def random_state(shapes, seed=0):
    """Weights of a size that keeps the signal alive through the layers."""
    generator = torch.Generator().manual_seed(seed)
    state = {}
    for name, shape in shapes.items():
        if name.endswith(("running_var", "bn.weight")):
            state[name] = torch.rand(shape, generator=generator) + 0.5
        elif len(shape) == 1:
            state[name] = torch.randn(shape, generator=generator) * 0.1
        else:
            fan_in = torch.Size(shape[1:]).numel()
            state[name] = torch.randn(shape, generator=generator) * (1.4 / fan_in**0.5)
    return state


def norm(x, state, name):
    return F.batch_norm(
        x,
        state[f"{name}.running_mean"],
        state[f"{name}.running_var"],
        state[f"{name}.weight"],
        state[f"{name}.bias"],
        training=False,
        eps=1e-5,
    )


def conv(x, state, name, stride=(1, 1, 1), relu=True):
    weight = state[f"{name}.conv.weight"]
    padding = [size // 2 for size in weight.shape[2:]]
    x = norm(F.conv3d(x, weight, stride=stride, padding=padding), state, f"{name}.bn")
    return F.relu(x) if relu else x


def stem(x, state, prefix, net):
    x = conv(x, state, f"{prefix}.conv1", (1, net["stem_stride"], net["stem_stride"]))
    stride = (1, net["pool_stride"], net["pool_stride"])
    return F.max_pool3d(x, (1, 3, 3), stride, padding=(0, 1, 1))


def layer(x, state, prefix, net, i):
    for j in range(net["blocks"][i]):
        name = f"{prefix}.layer{i + 1}.{j}"
        stride = (net["temporal"][i], net["spatial"][i], net["spatial"][i]) if j == 0 else (1, 1, 1)
        out = conv(x, state, f"{name}.conv1")
        out = conv(out, state, f"{name}.conv2", stride)
        out = conv(out, state, f"{name}.conv3", relu=False)
        if j == 0:
            x = conv(x, state, f"{name}.downsample", stride, relu=False)
        x = F.relu(x + out)
    return x


def classify(x, state, name):
    return F.linear(x.mean((2, 3, 4)), state[f"{name}.weight"], state[f"{name}.bias"])


def slowonly_logits(x, state, net):
    """PoseConv3D (net = POSE) or the RGB network alone (net = RGB)."""
    x = stem(x, state, "backbone", net)
    for i in range(len(net["blocks"])):
        x = layer(x, state, "backbone", net, i)
    return classify(x, state, "cls_head.fc_cls")


def rgbpose_logits(rgb, pose, state, rgb_net, pose_net):
    """RGBPoseConv3D with speed ratio 4 -> (RGB logits, pose logits)."""
    r_name, p_name = "backbone.rgb_path", "backbone.pose_path"
    r, p = stem(rgb, state, r_name, rgb_net), stem(pose, state, p_name, pose_net)
    r = layer(layer(r, state, r_name, rgb_net, 0), state, r_name, rgb_net, 1)
    p = layer(p, state, p_name, pose_net, 0)
    for i, (r_lateral, p_lateral) in enumerate(
        (("layer2_lateral", "layer1_lateral"), ("layer3_lateral", "layer2_lateral"))
    ):
        to_rgb = F.conv3d(
            p,
            state[f"{r_name}.{r_lateral}.conv.weight"],
            stride=(4, 1, 1),
            padding=(3, 0, 0),
        )
        to_pose = F.conv_transpose3d(
            r,
            state[f"{p_name}.{p_lateral}.conv.weight"],
            stride=(4, 1, 1),
            padding=(3, 0, 0),
            output_padding=(3, 0, 0),
        )
        to_pose = F.relu(norm(to_pose, state, f"{p_name}.{p_lateral}.bn"))
        r, p = torch.cat((r, to_rgb), 1), torch.cat((p, to_pose), 1)
        r = layer(r, state, r_name, rgb_net, 2 + i)
        p = layer(p, state, p_name, pose_net, 1 + i)
    return classify(r, state, "cls_head.fc_rgb"), classify(p, state, "cls_head.fc_pose")
