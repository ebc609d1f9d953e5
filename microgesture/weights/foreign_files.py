"""Reading somebody else's checkpoint file: tensors and plain containers, nothing that runs.

Checkpoints of PYSKL and MMAction2 (.pth with a `state_dict`), of torchvision (a bare state dict)
and of VideoMAE (`model` or `module`), or .safetensors.
"""

import re
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from microgesture.provenance.errors import BadInput

# Where a checkpoint may keep its state dict; OpenMMLab, torchvision's and Video Swin's authors,
# VideoMAE V2's (DeepSpeed).
_PLACES = ("state_dict", "model_state_dict", "model", "model_state", "module")
# What OpenMMLab leaves beside the weights (training logs): read as nothing.
_SKIPPED = (
    "mmengine.logging.history_buffer.HistoryBuffer",
    "numpy.dtype",
    "numpy.ndarray",
    "numpy.core.multiarray.scalar",
    "numpy.core.multiarray._reconstruct",
    "numpy._core.multiarray.scalar",
    "numpy._core.multiarray._reconstruct",
    "numpy.dtypes.Float64DType",
    "numpy.dtypes.Float32DType",
    "numpy.dtypes.Int64DType",
    "_codecs.encode",
    "builtins.getattr",
    "__builtin__.getattr",
)


class _Nothing:
    """Stands for what is skipped: takes any arguments and any state, keeps none."""

    def __init__(self, *_arguments, **_named):
        pass

    def __setstate__(self, _state):
        pass


def read_checkpoint(path: str | Path) -> dict[str, Tensor]:
    """The state dict in a checkpoint file: name -> tensor, on the CPU.

    Only tensors and plain containers are read (torch's `weights_only`). Raises BadInput for a
    missing, damaged or truncated file, for one that needs more than that (naming what), and for one
    without a state dict.
    """
    path = Path(path)
    if not path.is_file():
        raise BadInput(f"{path}: no such file; give the path of a published checkpoint")
    if path.suffix == ".safetensors":
        try:
            return load_file(path)
        except SafetensorError as error:
            raise BadInput(f"{path}: is no readable safetensors file ({error})") from error
    try:
        with torch.serialization.safe_globals([(_Nothing, name) for name in _SKIPPED]):
            content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged archive can fail anywhere
        refused = re.search(r"GLOBAL (\S+)", str(error))
        if refused:
            raise BadInput(
                f"{path}: needs more than tensors and plain containers: {refused[1]}. Loading it "
                "would run foreign code. If you trust it, load it where it was made and save "
                "{'state_dict': model.state_dict()} alone"
            ) from None
        # torch's own words advise to switch its safety off: they are not repeated
        raise BadInput(
            f"{path}: is no readable torch checkpoint ({type(error).__name__}); it may be "
            "truncated, or a page that a server sent instead: compare its size, or fetch it again"
        ) from error
    return _state_dict(content, path)


def _state_dict(content, path: Path) -> dict[str, Tensor]:
    for place in _PLACES:
        if isinstance(content, Mapping) and isinstance(content.get(place), Mapping):
            content = content[place]
            break
    tensors = {}
    if isinstance(content, Mapping):
        tensors = {n: v for n, v in content.items() if isinstance(n, str) and torch.is_tensor(v)}
    if not tensors:
        held = ", ".join(map(str, list(content)[:5])) if isinstance(content, Mapping) else ""
        raise BadInput(
            f"{path}: holds no state dict (found {held or type(content).__name__}); expected "
            f"tensors, or tensors under one of {', '.join(_PLACES)}"
        )
    return tensors
