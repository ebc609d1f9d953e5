"""The graph networks once more, written from the layers' definitions with the references' names.

Slow and plain on purpose, and sharing no code with the library: functions of a `Weights`, which
makes a random tensor the first time that a name is asked for. A run thus yields logits and the
state dict of a checkpoint together. Inputs are (N, M, T, V, C), as the references take them. All in double
precision, so that a difference between two networks is one of architecture.
"""

import torch
import torch.nn.functional as F

# child, parent
BONES = {
    "coco17": [(15, 13), (13, 11), (16, 14), (14, 12), (11, 5), (12, 6), (9, 7), (7, 5), (10, 8),
               (8, 6), (5, 0), (6, 0), (1, 0), (3, 1), (2, 0), (4, 2)],
    "ntu25": [(0, 1), (1, 20), (2, 20), (3, 2), (4, 20), (5, 4), (6, 5), (7, 6), (8, 20), (9, 8),
              (10, 9), (11, 10), (12, 0), (13, 12), (14, 13), (15, 14), (16, 0), (17, 16), (18, 17),
              (19, 18), (21, 7), (22, 7), (23, 11), (24, 11)],
}  # fmt: skip
CENTERS = {"coco17": 0, "ntu25": 20}
JOINTS = {"coco17": 17, "ntu25": 25}


class Weights:
    """Random weights by name; `learned` counts the numbers that training would change.

    coefficients: length of DG-STGCN's `add_coeff` (published: 25); None: as many as joints.
    """

    def __init__(self, seed: int = 0, coefficients: int | None = None):
        self.coefficients = coefficients
        self.state: dict[str, torch.Tensor] = {}
        self.learned = 0
        self.generator = torch.Generator().manual_seed(seed)

    def get(self, name: str, *shape: int, low=-1.0, high=1.0, learned=True) -> torch.Tensor:
        if name not in self.state:
            tensor = torch.rand(*shape, generator=self.generator, dtype=torch.float64)
            tensor = tensor * (high - low) + low
            self.state[name] = tensor
            self.learned += tensor.numel() if learned else 0
        assert self.state[name].shape == torch.Size(shape), name
        return self.state[name]

    def conv(self, x, name, width, kernel=(1, 1), **options):
        """Convolution of one or two dimensions, with bias; weights scaled to keep the variance."""
        channels = x.shape[1]
        bound = (3 / (channels * kernel[0] * kernel[-1] ** (len(kernel) - 1))) ** 0.5
        weight = self.get(f"{name}.weight", width, channels, *kernel, low=-bound, high=bound)
        bias = self.get(f"{name}.bias", width, low=-0.2, high=0.2)
        return (F.conv2d if len(kernel) == 2 else F.conv1d)(x, weight, bias, **options)

    def norm(self, x, name):
        channels = x.shape[1]
        mean = self.get(f"{name}.running_mean", channels, low=-0.2, high=0.2, learned=False)
        variance = self.get(f"{name}.running_var", channels, low=0.5, high=2, learned=False)
        self.state[f"{name}.num_batches_tracked"] = torch.tensor(7)
        weight = self.get(f"{name}.weight", channels, low=0.5, high=1.5)
        bias = self.get(f"{name}.bias", channels, low=-0.2, high=0.2)
        return F.batch_norm(x, mean, variance, weight, bias)

    def linear(self, x, name, width):
        bound = (3 / x.shape[1]) ** 0.5
        weight = self.get(f"{name}.weight", width, x.shape[1], low=-bound, high=bound)
        return x @ weight.t() + self.get(f"{name}.bias", width)


def column_normalised(matrix):
    return matrix / matrix.sum(0).clamp(min=1e-9)


def spatial_graph(layout):
    count = JOINTS[layout]
    inward, outward = torch.zeros(2, count, count, dtype=torch.float64)
    for child, parent in BONES[layout]:
        inward[parent, child] = 1
        outward[child, parent] = 1
    return torch.stack(
        [
            torch.eye(count, dtype=torch.float64),
            column_normalised(inward),
            column_normalised(outward),
        ]
    )


def distance_graph(layout):
    """One hop; distances of two and more hops count as infinite, and so as equal."""
    count, center = JOINTS[layout], CENTERS[layout]
    hop = torch.full((count, count), torch.inf, dtype=torch.float64)
    for joint in range(count):
        hop[joint, joint] = 0
    for child, parent in BONES[layout]:
        hop[child, parent] = hop[parent, child] = 1
    weights = column_normalised((hop <= 1).double())
    graph = torch.zeros(3, count, count, dtype=torch.float64)
    for i in range(count):
        for j in range(count):
            close = bool(hop[j, center] >= hop[i, center])
            if hop[j, i] == 0:
                graph[0, j, i] = weights[j, i] if close else 0
            elif hop[j, i] == 1:
                graph[1 if close else 2, j, i] = weights[j, i]
    return graph


def temporal_unit(w, x, name, width, kernel, stride, dilation=1, norm=True):
    padding = ((kernel - 1) * dilation // 2, 0)
    y = w.conv(x, f"{name}.conv", width, (kernel, 1), stride=(stride, 1), padding=padding,
               dilation=(dilation, 1))  # fmt: skip
    return w.norm(y, f"{name}.bn") if norm else y


def six_branches(w, x, name, stride, global_joint=False):
    """mstcn; with `global_joint` dgmstcn."""
    channels, joints = x.shape[1], x.shape[3]
    if global_joint:
        x = torch.cat([x, x.mean(3, keepdim=True)], 3)
    share = channels // 6
    outputs = []
    for branch in range(5):
        width = channels - 5 * share if branch == 0 else share
        y = w.conv(x, f"{name}.branches.{branch}.0", width)
        y = w.norm(y, f"{name}.branches.{branch}.1").relu()
        if branch == 4:
            y = F.max_pool2d(y, (3, 1), (stride, 1), (1, 0))
        else:
            y = temporal_unit(
                w, y, f"{name}.branches.{branch}.3", width, 3, stride, branch + 1, norm=False
            )
        outputs.append(y)
    outputs.append(w.conv(x, f"{name}.branches.5", share, stride=(stride, 1)))
    y = torch.cat(outputs, 1)
    if global_joint:
        coefficient = w.get(f"{name}.add_coeff", w.coefficients or joints)[:joints]
        y = y[..., :joints] + torch.einsum("nct,v->nctv", y[..., joints], coefficient)
    y = w.conv(w.norm(y, f"{name}.transform.0").relu(), f"{name}.transform.2", channels)
    return w.norm(y, f"{name}.bn")


def four_branches(w, x, name, stride):
    """CTR-GCN's: kernel 5 with dilations 1 and 2, maximum, 1x1."""
    channels = x.shape[1]
    share = channels // 4
    outputs = []
    for branch in range(3):
        y = w.conv(x, f"{name}.branches.{branch}.0", share)
        y = w.norm(y, f"{name}.branches.{branch}.1").relu()
        if branch == 2:
            y = F.max_pool2d(y, (3, 1), (stride, 1), (1, 0))
            y = w.norm(y, f"{name}.branches.2.4")
        else:
            y = temporal_unit(w, y, f"{name}.branches.{branch}.3", share, 5, stride, branch + 1)
        outputs.append(y)
    y = w.conv(x, f"{name}.branches.3.0", channels - 3 * share, stride=(stride, 1))
    outputs.append(w.norm(y, f"{name}.branches.3.1"))
    return torch.cat(outputs, 1).relu()


def down(w, x, name, width):
    if x.shape[1] == width:
        return x
    return w.norm(w.conv(x, f"{name}.down.0", width), f"{name}.down.1")


def graph_unit(w, x, name, width, graph, learned_graph):
    """unit_gcn: learned_graph 'importance' without residual (ST-GCN), 'init' with it (ST-GCN++)."""
    subsets, joints = graph.shape[:2]
    if learned_graph == "init":
        adjacency = w.get(f"{name}.A", subsets, joints, joints, low=-0.1, high=0.2)
    else:
        w.state[f"{name}.A"] = graph
        adjacency = graph * w.get(f"{name}.PA", subsets, joints, joints)
    y = w.conv(x, f"{name}.conv", width * subsets).unflatten(1, (subsets, width))
    y = w.norm(torch.einsum("nkctv,kvw->nctw", y, adjacency), f"{name}.bn")
    return (y + down(w, x, name, width) if learned_graph == "init" else y).relu()


def adaptive_unit(w, x, name, width, graph):
    """unit_aagcn."""
    subsets, joints = graph.shape[:2]
    inner = width // 4
    adjacency = w.get(f"{name}.A", subsets, joints, joints, low=-0.1, high=0.2)
    alpha = w.get(f"{name}.alpha", 1)
    y = 0
    for k in range(subsets):
        a = w.conv(x, f"{name}.conv_a.{k}", inner)
        b = w.conv(x, f"{name}.conv_b.{k}", inner)
        likeness = torch.einsum("nctv,nctw->nvw", a, b) / (inner * x.shape[2])
        own = adjacency[k] + alpha * torch.tanh(likeness)
        y = y + w.conv(torch.einsum("nctv,nvw->nctw", x, own), f"{name}.conv_d.{k}", width)
    y = (w.norm(y, f"{name}.bn") + down(w, x, name, width)).relu()
    kernel = joints if joints % 2 else joints - 1
    weight = w.conv(y.mean(2), f"{name}.conv_sa", 1, (kernel,), padding=(kernel - 1) // 2)
    y = y + y * weight.sigmoid()[:, :, None]
    weight = w.conv(y.mean(3), f"{name}.conv_ta", 1, (9,), padding=4)
    y = y + y * weight.sigmoid()[..., None]
    hidden = w.linear(y.mean((2, 3)), f"{name}.fc1c", width // 2).relu()
    return y + y * w.linear(hidden, f"{name}.fc2c", width).sigmoid()[:, :, None, None]


def refined_unit(w, x, name, width, graph):
    """unit_ctrgcn."""
    subsets, joints = graph.shape[:2]
    inner = 8 if x.shape[1] <= 16 else x.shape[1] // 8
    adjacency = w.get(f"{name}.A", subsets, joints, joints, low=-0.1, high=0.2)
    alpha = w.get(f"{name}.alpha", 1)
    y = 0
    for k in range(subsets):
        a = w.conv(x, f"{name}.convs.{k}.conv1", inner).mean(2)
        b = w.conv(x, f"{name}.convs.{k}.conv2", inner).mean(2)
        value = w.conv(x, f"{name}.convs.{k}.conv3", width)
        refined = w.conv((a[..., None] - b[:, :, None]).tanh(), f"{name}.convs.{k}.conv4", width)
        y = y + torch.einsum("ncuv,nctu->nctv", refined * alpha + adjacency[k], value)
    return (w.norm(y, f"{name}.bn") + down(w, x, name, width)).relu()


def dynamic_unit(w, x, name, width, graph):
    """dggcn with ratio 1/8, both dynamic graphs from time averages."""
    subsets, joints = graph.shape[:2]
    inner = width // 8
    adjacency = w.get(f"{name}.A", subsets, joints, joints, low=-0.1, high=0.2)
    alpha, beta = w.get(f"{name}.alpha", subsets), w.get(f"{name}.beta", subsets)
    before = w.norm(w.conv(x, f"{name}.pre.0", inner * subsets), f"{name}.pre.1").relu()
    before = before.unflatten(1, (subsets, inner))
    mean = x.mean(2, keepdim=True)
    a = w.conv(mean, f"{name}.conv1", inner * subsets)[:, :, 0].unflatten(1, (subsets, inner))
    b = w.conv(mean, f"{name}.conv2", inner * subsets)[:, :, 0].unflatten(1, (subsets, inner))
    own = alpha[0] * torch.tanh(a[..., None] - b[..., None, :])
    common = beta[0] * torch.einsum("nkcv,nkcw->nkvw", a, b).softmax(2)
    total = own + common[:, :, None] + adjacency[None, :, None]
    y = torch.einsum("nkctv,nkcvw->nkctw", before, total).flatten(1, 2)
    y = w.norm(w.conv(y, f"{name}.post", width), f"{name}.bn")
    return (y + down(w, x, name, width)).relu()


def _spatial(w, x, model, name, width, graph):
    if model in ("st_gcn", "st_gcn_pp"):
        learned = "init" if model == "st_gcn_pp" else "importance"
        return graph_unit(w, x, f"{name}.gcn", width, graph, learned)
    units = {"aagcn": adaptive_unit, "ctr_gcn": refined_unit, "dg_stgcn": dynamic_unit}
    return units[model](w, x, name + (".gcn1" if model == "ctr_gcn" else ".gcn"), width, graph)


def _temporal(w, x, model, name, stride):
    if model in ("st_gcn", "aagcn"):
        return temporal_unit(w, x, f"{name}.tcn", x.shape[1], 9, stride)
    if model == "ctr_gcn":
        return four_branches(w, x, f"{name}.tcn1", stride)
    return six_branches(w, x, f"{name}.tcn", stride, global_joint=model == "dg_stgcn")


def reference_logits(w, model, x, graph, classes, base_channels=64, stages=10):
    """x (N, M, T, V, C) -> logits (N, classes). graph (K, V, V): its values only matter to ST-GCN,
    the other models learn them."""
    clips, persons, frames, joints, channels = x.shape
    x = x.permute(0, 1, 3, 4, 2)
    rows = clips if model in ("aagcn", "ctr_gcn") else clips * persons
    x = w.norm(x.reshape(rows, -1, frames), "backbone.data_bn")
    x = x.reshape(clips * persons, joints, channels, frames).permute(0, 2, 3, 1)
    if model in ("aagcn", "ctr_gcn"):
        w.state["backbone.A"] = graph
    width = base_channels
    for number in range(1, stages + 1):
        name = f"backbone.{'net' if model == 'ctr_gcn' else 'gcn'}.{number - 1}"
        stride = 2 if number in (5, 8) else 1
        width *= stride
        y = _temporal(w, _spatial(w, x, model, name, width, graph), model, name, stride)
        if number > 1 and stride > 1:
            x = temporal_unit(w, x, f"{name}.residual", width, 1, stride)
        x = (y if number == 1 else y + x).relu()
    x = x.mean((2, 3)).unflatten(0, (clips, persons)).mean(1)
    return w.linear(x, "cls_head.fc_cls", classes)
