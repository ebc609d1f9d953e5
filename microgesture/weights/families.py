"""Published networks that are not here: known by a layer's name, told with what to take instead."""

import re
from collections.abc import Iterable

from microgesture.provenance.errors import BadInput

_SLOWONLY = "take the SlowOnly-R50 checkpoint for the same data (posec3d/slowonly_r50_...)"
# (pattern in a tensor's name, the network, what to take)
OTHERS = (
    (r"(^|\.)conv1a\.", "C3D (PoseConv3D's C3D-light)", _SLOWONLY),
    (r"(^|\.)conv1_s\.", "X3D (PoseConv3D's X3D-shallow)", _SLOWONLY),
    (r"(^|\.)(slow|fast)_path\.", "SlowFast", "take a SlowOnly checkpoint with model: resnet3d"),
    (
        r"(^|\.)(gcn3d|sgcn)\d\.",
        "MS-G3D",
        "take one of ST-GCN, ST-GCN++, AAGCN, CTR-GCN or DG-STGCN for the same keypoints",
    ),
    (
        r"\.conv_[st]\.",
        "R(2+1)D-34 of MMAction2",
        "take torchvision's r2plus1d_18 with model: r2plus1d",
    ),
)


def check_family(origin: str, model: str, names: Iterable[str]) -> None:
    """BadInput when the tensors' names are those of a published network that is not here."""
    names = list(names)
    for pattern, network, remedy in OTHERS:
        if any(re.search(pattern, name) for name in names):
            raise BadInput(f"{origin}: is {network}, which is not among the networks; {remedy}")
    if model == "aagcn" and not any(".conv_sa." in name for name in names):
        raise BadInput(
            f"{origin}: has no attention (2s-AGCN, AAGCN with gcn_attention=False), and the aagcn "
            "here cannot be built without; take an AAGCN checkpoint"
        )
