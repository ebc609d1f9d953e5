"""The memory of a training step, told before the first one instead of after hours in the queue.

The estimate counts what a step must hold at once: weights, gradients, the optimiser's state, and
what the forward pass keeps for the backward one, measured on one and two clips. Temporary buffers
come on top (and with `recompute_activations` what one block keeps), so a step that is refused here
would certainly have failed.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from accelerate import Accelerator
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from microgesture.provenance.errors import BadInput
from microgesture.training.passes import clips_of_a_pass

LOGGER = logging.getLogger(__name__)
# Numbers that an optimiser keeps for every number of a weight.
OPTIMISER_COPIES = {"sgd": 1, "adamw": 2}


@dataclass(frozen=True)
class StepMemory:
    """Bytes of a training step. weights: parameters and buffers. optimiser: its state. shared: kept
    by a forward pass whatever the batch. per_clip: kept, and taken as input, for every clip.
    average: of the weights (`weight_averaging`)."""

    weights: int
    gradients: int
    optimiser: int
    shared: int
    per_clip: int
    average: int = 0

    def beside_weights(self, clips: int) -> int:
        """What has to be found for a step of `clips` clips at once when the weights are there."""
        kept = self.gradients + self.optimiser + self.average + self.shared
        return kept + clips * self.per_clip

    def largest_batch(self, available: int) -> int:
        """The most clips at once that fit; 0 when not even one does."""
        return max((available - self.beside_weights(0)) // max(self.per_clip, 1), 0)


class NotEnough(Exception):
    """The forward pass of the estimate itself has used up the memory."""


def check_step_memory(
    recogniser: nn.Module,
    make_inputs: Callable[[int], tuple[Tensor, ...]],
    settings: dict,
    streams: tuple[str, ...],
    accelerator: Accelerator,
) -> StepMemory | None:
    """Estimate a step's memory, log it, and raise BadInput where the device has less.

    recogniser: on its device. make_inputs: number of clips -> the network's inputs. Leaves weights,
    buffers, gradients and random numbers as they are. None where the free memory is unknown.
    """
    available = free_memory(accelerator.device)
    if available is None:
        return None
    place = "GPU"
    if accelerator.device.type == "cpu":  # shared by the processes
        place, available = "main memory", available // accelerator.num_processes
    clips = clips_of_a_pass(settings, accelerator.num_processes)
    try:
        memory = estimate_step(recogniser, make_inputs, settings, accelerator, clips, available)
    except NotEnough:
        raise BadInput(
            f"the forward pass of one or two clips alone keeps more than the {_size(available)} "
            f"that are free ({place}); {what_to_lower(settings, streams, place == 'GPU')}"
        ) from None
    except RuntimeError as error:
        raise_if_memory(error, settings, streams)
        raise
    needed = memory.beside_weights(clips)
    LOGGER.info(
        "a training step needs at least %s beside %s of weights: gradients %s, optimiser %s, "
        "%d clips %s; free are %s (%s)",
        *map(_size, (needed, memory.weights, memory.gradients, memory.optimiser)),
        *(clips, _size(memory.shared + clips * memory.per_clip), _size(available), place),
    )
    if needed > available:
        fitting = memory.largest_batch(available)
        batch = ""
        if fitting:
            batch = (
                f"write batch_size: {fitting * accelerator.num_processes} or less; micro_batch: "
                f"{fitting} keeps the batch and takes it in several passes; "
            )
        raise BadInput(
            f"a training step of {clips} clips needs at least {_size(needed)} beside the weights, "
            f"of which {_size(memory.per_clip)} for every clip, and {_size(available)} are free "
            f"({place}); {batch}{what_to_lower(settings, streams, place == 'GPU')}"
        )
    return memory


def _size(number: int) -> str:
    """Bytes for people."""
    return f"{number / 2**30:.1f} GiB" if number >= 2**30 else f"{number / 2**20:.1f} MiB"


def estimate_step(
    recogniser: nn.Module,
    make_inputs: Callable[[int], tuple[Tensor, ...]],
    settings: dict,
    accelerator: Accelerator,
    clips: int,
    available: int,
) -> StepMemory:
    """Measure a forward pass of one clip, and of two where the batch has as many.

    Raises NotEnough as soon as a pass keeps more than `available` bytes.
    """
    with _left_as_it_is(recogniser, accelerator.device), accelerator.autocast():
        one = kept_bytes(recogniser, make_inputs(1), available)
        two = kept_bytes(recogniser, make_inputs(2), available) if clips > 1 else 2 * one
    per_clip = min(max(two - one, 0), one)
    learned = [p for p in recogniser.parameters() if p.requires_grad]
    gradients = sum(p.numel() * p.element_size() for p in learned)
    copies = OPTIMISER_COPIES[settings["optimizer"]]
    if settings["optimizer"] == "sgd" and not settings["momentum"]:
        copies = 0
    weights = sum(t.numel() * t.element_size() for t in recogniser.state_dict().values())
    average = weights if settings["weight_averaging"] else 0
    return StepMemory(weights, gradients, copies * gradients, one - per_clip, per_clip, average)


def kept_bytes(model: nn.Module, inputs: tuple[Tensor, ...], limit: int | None = None) -> int:
    """Bytes of `inputs` and of what a forward pass keeps for the backward one, weights left out.

    Every piece of memory counts once, however many tensors look at it. Raises NotEnough beyond
    `limit`.
    """
    counted = {t.untyped_storage().data_ptr() for t in (*model.parameters(), *model.buffers())}
    total = 0

    def count(tensor: Tensor) -> Tensor:
        nonlocal total
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in counted:
            counted.add(storage.data_ptr())
            total += storage.nbytes()
            if limit is not None and total > limit:
                raise NotEnough
        return tensor.detach()  # keeps the memory, so that its address is not given away again

    for tensor in inputs:
        count(tensor)
    with torch.enable_grad(), torch.autograd.graph.saved_tensors_hooks(count, lambda kept: kept):
        model(*inputs)
    return total


@contextmanager
def _left_as_it_is(model: nn.Module, device: torch.device) -> Iterator[None]:
    """Train mode inside, except for batch normalisation: it would count the pass, and it cannot
    normalise a single number. Modes and random numbers are put back."""
    modes = [(module, module.training) for module in model.modules()]
    model.train()
    for module, _ in modes:
        if isinstance(module, _BatchNorm):
            module.eval()
    devices = [device] if device.type == "cuda" else []
    try:
        with torch.random.fork_rng(devices=devices):
            yield
    finally:
        for module, training in modes:
            module.training = training


def free_memory(device: torch.device) -> int | None:
    """Bytes that a process can still take on the device; None where nobody knows."""
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        return free + torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return free_main_memory()


def free_main_memory(
    proc: Path = Path("/proc"), groups: Path = Path("/sys/fs/cgroup")
) -> int | None:
    """Bytes of main memory that are free on this machine and within the limits of this job's
    control groups (a cluster's or a container's). None where the system does not tell (no Linux).
    """
    found = []
    try:
        lines = (proc / "meminfo").read_text().splitlines()
        own = (proc / "self" / "cgroup").read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        if line.startswith("MemAvailable:"):
            found.append(int(line.split()[1]) * 1024)
    for line in own:
        _, controllers, path = line.split(":", 2)
        if controllers == "":  # the second version: one tree for everything
            found += _group_rooms(groups, path, "memory.max", "memory.current", "inactive_file")
        elif "memory" in controllers.split(","):
            limit, usage = "memory.limit_in_bytes", "memory.usage_in_bytes"
            found += _group_rooms(groups / "memory", path, limit, usage, "total_inactive_file")
    return min(found) if found else None


def _group_rooms(root: Path, path: str, limit: str, usage: str, cached: str) -> list[int]:
    """What is left below the limits of a control group and of the groups around it."""
    rooms = []
    folder = root / path.lstrip("/")
    for group in (folder, *folder.parents):
        if not group.is_relative_to(root):
            break
        try:
            most = int((group / limit).read_text())
            used = int((group / usage).read_text())
            facts = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
        except (OSError, ValueError):  # no such group here, or no limit ("max")
            continue
        rooms.append(most - used + int(facts.get(cached, 0)))  # cached files give way
    return rooms


def what_to_lower(settings: dict, streams: tuple[str, ...], gpu: bool) -> str:
    """Words that name the settings which cost memory, with their values."""
    names = ["batch_size"]
    names += ["frames"] if any(stream != "rgb" for stream in streams) else []
    names += ["size"] if any(stream.endswith("heatmap") for stream in streams) else []
    names += ["rgb_frames", "rgb_size"] if "rgb" in streams else []
    names += ["cache_megabytes"] if "rgb" in streams and not gpu else []
    values = ", ".join(f"{name} (now {settings[name]})" for name in names)
    return (
        f"lower batch_size first: {values}, or the widths in model_options; micro_batch and "
        f"recompute_activations need less memory for the same batch"
    )


@contextmanager
def memory_errors_told(settings: dict, streams: tuple[str, ...]) -> Iterator[None]:
    """Inside, an error that tells of too little memory becomes a BadInput."""
    try:
        yield
    except RuntimeError as error:
        raise_if_memory(error, settings, streams)
        raise


def raise_if_memory(error: RuntimeError, settings: dict, streams: tuple[str, ...]) -> None:
    """BadInput that says what to lower, if the error tells of too little memory."""
    text = str(error).lower()
    if "out of memory" in text or "not enough memory" in text or "can't allocate" in text:
        advice = what_to_lower(settings, streams, "cuda" in text)
        raise BadInput(f"not enough memory for a training step; {advice}")
