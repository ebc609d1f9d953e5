"""Reading a pose model's weights from a file without running anything that is in it."""

import pickle
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from microgesture.provenance.errors import BadInput

# What published mmpose checkpoints keep beside the weights: arrays of numbers.
_HARMLESS = [
    np.ndarray,
    np.dtype,
    np._core.multiarray._reconstruct,
    np._core.multiarray.scalar,
    *(type(np.dtype(code)) for code in "?bBhHiIlLqQefd"),
]


def read_checkpoint(path: str | Path) -> dict:
    """The weights and notes of a checkpoint: {'state_dict': {name: tensor}, 'meta': {...}}.

    Only tensors, numbers, text, plain containers and numpy arrays are read
    (torch's `weights_only`); a file with anything else is refused with `BadInput`, and so is one
    that is missing, cut short or holds no weights. A .safetensors file holds the weights alone.
    """
    path = Path(path)
    if not path.is_file():
        raise BadInput(f"{path}: no such checkpoint; check the path in the config")
    if path.suffix == ".safetensors":
        try:
            return {"state_dict": load_file(path), "meta": {}}
        except SafetensorError as error:
            raise _unreadable(path, error) from error
    try:
        with torch.serialization.safe_globals(_HARMLESS):
            content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise BadInput(
            f"{path}: the checkpoint holds more than weights ({_first_line(error)}), and Python "
            "objects from a file can run any code, so they are not read. If you trust its origin, "
            "save the weights alone and name the new file instead:\n"
            '  python -c "import torch; from microgesture.pose import compatibility; '
            f"c = torch.load('{path}', map_location='cpu', weights_only=False); "
            f"torch.save({{'state_dict': c['state_dict'], 'meta': {{}}}}, "
            f"'{path.with_suffix('')}_weights.pth')\""
        ) from error
    except (RuntimeError, EOFError, OSError, ValueError, KeyError) as error:
        raise _unreadable(path, error) from error
    weights = content.get("state_dict", content) if isinstance(content, dict) else {}
    if not weights or not all(isinstance(value, torch.Tensor) for value in weights.values()):
        raise BadInput(
            f"{path}: holds no weights; expected a file with 'state_dict', a table of tensors"
        )
    meta = content.get("meta") if "state_dict" in content else None
    return {"state_dict": dict(weights), "meta": meta or {}}


def _unreadable(path: Path, error: BaseException) -> BadInput:
    return BadInput(
        f"{path}: not a readable checkpoint ({_first_line(error)}); download or copy it again"
    )


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
