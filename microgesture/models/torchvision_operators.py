"""Lets torchvision be imported beside a CPU-only torch.

The package registry's torchvision wheel is built for CUDA: beside a CPU torch its compiled
operators do not load, and `import torchvision` ends in "operator torchvision::nms does not exist".
The networks need none of these operators. So, where they do not load, their signatures are declared
to torch before torchvision asks for them; only `nms` is given a (plain torch) implementation.
Importing this module does that; where the real operators load, it does nothing.

One of torchvision's files asks torch's compiler, when it is called, whether it could compile; for
that it imports all of the compiler, six seconds in every job of the pose stage. It gets a stand-in
that imports the compiler when it is asked.
"""

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import torch

_POOL = "Tensor rois, float spatial_scale, SymInt pooled_height, SymInt pooled_width"
_MAPPED = _POOL.replace("rois,", "rois, Tensor channel_mapping,")
_ARGMAX = _POOL.replace("rois,", "rois, Tensor argmax,")
_SIZES = "SymInt batch_size, SymInt channels, SymInt height, SymInt width"
_ALIGN = "int sampling_ratio, bool aligned"
_CONVOLUTION = (
    "Tensor input, Tensor weight, Tensor offset, Tensor mask, Tensor bias, SymInt stride_h, "
    "SymInt stride_w, SymInt pad_h, SymInt pad_w, SymInt dilation_h, SymInt dilation_w, "
    "SymInt groups, SymInt offset_groups, bool use_mask"
)
_NMS = "Tensor dets, Tensor scores, float iou_threshold"

# Signatures as torchvision registers them (its csrc/ops/*.cpp).
_SCHEMAS = (
    f"nms({_NMS}) -> Tensor",
    f"qnms({_NMS}) -> Tensor",
    f"roi_align(Tensor input, {_POOL}, {_ALIGN}) -> Tensor",
    f"qroi_align(Tensor input, {_POOL}, {_ALIGN}) -> Tensor",
    f"_roi_align_backward(Tensor grad, {_POOL}, {_SIZES}, {_ALIGN}) -> Tensor",
    f"roi_pool(Tensor input, {_POOL}) -> (Tensor, Tensor)",
    f"_roi_pool_backward(Tensor grad, {_ARGMAX}, {_SIZES}) -> Tensor",
    f"ps_roi_align(Tensor input, {_POOL}, int sampling_ratio) -> (Tensor, Tensor)",
    f"_ps_roi_align_backward(Tensor grad, {_MAPPED}, int sampling_ratio, {_SIZES}) -> Tensor",
    f"ps_roi_pool(Tensor input, {_POOL}) -> (Tensor, Tensor)",
    f"_ps_roi_pool_backward(Tensor grad, {_MAPPED}, {_SIZES}) -> Tensor",
    f"deform_conv2d({_CONVOLUTION}) -> Tensor",
    f"_deform_conv2d_backward(Tensor grad, {_CONVOLUTION}) "
    "-> (Tensor, Tensor, Tensor, Tensor, Tensor)",
    "_cuda_version() -> int",
)

_library: torch.library.Library | None = None  # declarations last as long as this object


def non_maximum_suppression(
    boxes: torch.Tensor, scores: torch.Tensor, iou_threshold: float
) -> torch.Tensor:
    """Indices of the boxes to keep, best score first.

    boxes: (N, 4) x0, y0, x1, y1; scores: (N,). A box is dropped if its intersection over union with
    a better box that is kept is greater than `iou_threshold`.
    """
    order = scores.argsort(descending=True, stable=True)
    ranked = boxes[order]
    sizes = (ranked[:, 2:] - ranked[:, :2]).clamp(min=0)
    areas = sizes.prod(1)
    top_left = torch.maximum(ranked[:, None, :2], ranked[None, :, :2])
    bottom_right = torch.minimum(ranked[:, None, 2:], ranked[None, :, 2:])
    shared = (bottom_right - top_left).clamp(min=0).prod(2)
    overlaps = shared > iou_threshold * (areas[:, None] + areas[None, :] - shared)
    kept = torch.ones(len(ranked), dtype=torch.bool, device=boxes.device)
    for rank in range(len(ranked)):
        if kept[rank]:
            kept[rank + 1 :] &= ~overlaps[rank, rank + 1 :]
    return order[kept]


@contextmanager
def compiler_when_asked() -> Iterator[None]:
    """Within: what imports `torch._dynamo.utils` gets a stand-in, unless the compiler is loaded."""
    names = ("torch._dynamo", "torch._dynamo.utils")
    if any(name in sys.modules for name in names):
        yield
        return

    def is_compile_supported(device_type: str) -> bool:
        from torch._dynamo.utils import is_compile_supported

        return is_compile_supported(device_type)

    package, utils = (ModuleType(name) for name in names)
    package.__path__, utils.is_compile_supported = [], is_compile_supported
    sys.modules.update(zip(names, (package, utils)))
    try:
        yield
    finally:
        for name, stand_in in zip(names, (package, utils)):
            if sys.modules.get(name) is stand_in:
                del sys.modules[name]


def declare_torchvision_operators() -> str:
    """Make `import torchvision` work, and short. Returns what was found: 'absent', 'native' or
    'declared'."""
    global _library
    specification = importlib.util.find_spec("torchvision")
    if specification is None:
        return "absent"
    if _library is not None:
        return "declared"
    if "torchvision" in sys.modules:
        return "native"
    if not _has_native_operators(Path(specification.origin).parent):
        _library = torch.library.Library("torchvision", "DEF")
        for schema in _SCHEMAS:
            _library.define(schema)
        _library.impl("nms", non_maximum_suppression, "CPU")
    with compiler_when_asked():
        import torchvision.extension
    if _library is None:
        return "native"
    # torchvision.ops.nms asks first whether the compiled operators are there.
    torchvision.extension._has_ops = lambda: True
    return "declared"


def _has_native_operators(folder: Path) -> bool:
    is_built_for_gpu = torch.version.cuda is not None or torch.version.hip is not None
    if is_built_for_gpu or hasattr(torch.ops.torchvision, "nms"):
        return True
    try:
        torch.ops.load_library(str(folder / "_C.so"))
    except OSError:
        return False
    return True


declare_torchvision_operators()
