"""Published weights for our networks: read safely, rename, fit to other keypoints and classes.

Checkpoints of PYSKL and MMAction2 (.pth with a `state_dict`) and of torchvision (a bare state
dict), or .safetensors with such names. The result is a checkpoint of this project, which training
can start from.
"""

import hashlib
import logging
import re
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from microgesture.pose.layouts import get_layout
from microgesture.provenance.errors import BadInput
from microgesture.weights import reference_names_cnn, reference_names_gcn
from microgesture.weights.checkpoints import write_checkpoint
from microgesture.weights.fitting import fit_weights
from microgesture.weights.inflate import inflate_resnet, load_weights
from microgesture.weights.networks import build_network

LOGGER = logging.getLogger(__name__)

# Where a checkpoint may keep its state dict; OpenMMLab, torchvision's and Video Swin's authors.
_PLACES = ("state_dict", "model_state_dict", "model", "model_state")
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
        first = str(error).splitlines()[0] if str(error) else ""
        raise BadInput(
            f"{path}: is no readable torch checkpoint ({type(error).__name__}: {first}); it may be "
            "truncated: compare its size, or fetch it again"
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


def rename_weights(model: str, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The names of PYSKL, MMAction2 or torchvision -> those of microgesture/models/<model>.py.

    Raises BadInput for a model that has no published counterpart.
    """
    rename = getattr(reference_names_gcn, f"rename_{model}", None)
    if rename is not None:
        return rename(state)
    if model not in reference_names_cnn.NAMES:
        graph = [n.removeprefix("rename_") for n in dir(reference_names_gcn) if "rename_" in n[:7]]
        raise BadInput(
            f"model {model!r} has no published weights that are known here; choose one of "
            f"{', '.join(sorted([*graph, *reference_names_cnn.NAMES]))}"
        )
    return reference_names_cnn.translate_names(model, state)


def import_weights(
    file: str | Path,
    checkpoint: str | Path,
    metadata: str | Path,
    *,
    model: str,
    stream: str,
    layout: str,
    labels: list[str] | None = None,
    source_layout: str | None = None,
    dims: int = 2,
    persons: int = 1,
    options: dict | None = None,
    name: str = "imported",
    url: str | None = None,
) -> list[str]:
    """Write a published checkpoint as one of ours: `checkpoint` (safetensors), `metadata` (json).

    file: see `read_checkpoint`. model, stream, dims, persons, options: as for training; they must
    be those of the published network. layout: keypoints of the new network; source_layout: those of
    the published one (default: the same), by whose joint names the channels of a heatmap network
    are matched, while graph networks start with the new layout's graph and input norm. labels: the
    new classes, whose head starts afresh where their number differs; None keeps the file's classes
    by number. Returns what was changed, in words (also logged and in the metadata). Raises BadInput
    that lists the first differing layers when the file does not fit.
    """
    target = get_layout(layout)
    published = read_checkpoint(file)
    image = is_image_network(published) and model != "tsm"  # TSM is an image network itself
    state = inflate_resnet(published, {}) if image else rename_weights(model, published)
    heads = reference_names_cnn.HEADS.get(model, ("classifier",))
    if labels is None:
        head = state.get(f"{heads[0]}.weight")
        if head is None:
            raise BadInput(f"{file}: holds no classifier; give the labels of the new network")
        labels = [f"class {number}" for number in range(len(head))]
    torch.manual_seed(0)  # the new head is the same at every import
    network = build_network(
        model, stream, len(labels), target, dims=dims, persons=persons, options=options
    )
    own = network.state_dict()
    if image:
        state = inflate_resnet(published, own)
    source = get_layout(source_layout or layout)
    fitted, changes = fit_weights(
        state, own, str(file), model=model, stream=stream, source=source, target=target, heads=heads
    )
    load_weights(network, fitted, str(file))
    for change in changes:
        LOGGER.info("%s: %s", file, change)
    facts = {
        "modality": name,
        "round": 0,
        "stream": stream,
        "model": model,
        "options": dict(options or {}),
        "layout": layout,
        "coordinates": dims,
        "num_classes": len(labels),
        "labels": list(labels),
        "source": {
            "file": Path(file).name,
            "url": url,
            "sha256": hashlib.sha256(Path(file).read_bytes()).hexdigest(),
            "changes": changes,
        },
    }
    weights = {f"network.{key}": value for key, value in network.state_dict().items()}
    write_checkpoint(weights, facts, checkpoint, metadata)
    return changes


def is_image_network(state: Mapping[str, Tensor]) -> bool:
    """The state dict is that of torchvision's 2D ResNet."""
    return "conv1.weight" in state and state["conv1.weight"].dim() == 4
