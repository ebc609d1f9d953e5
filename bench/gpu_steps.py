"""Training steps of the recognisers at their presets' sizes, on a device: speed and memory."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
import yaml

from bench.gpu_cards import wait_for
from bench.recognisers import CLASSES, FOLDER, Entry, build, read_entries
from bench.training_step import made_clips
from microgesture.datasets.samples import Key, collate
from microgesture.datasets.streams import SKELETON_STREAMS
from microgesture.layers.memory_layout import lay_channels_last
from microgesture.training.inputs import Inputs, is_convolutional, make_samples, to_device
from microgesture.training.modality import class_vectors
from microgesture.training.optimisers import make_optimiser, set_learning_rate
from microgesture.training.recogniser import Objective, Recogniser

PRESETS = FOLDER.parent / "presets"
LAYOUT = "h68"  # the shipped layout of the data sets
# Recogniser of bench/recognisers.yaml -> its preset.
RECOGNISERS = {
    "st_gcn": "st_gcn",
    "st_gcn_pp": "st_gcn_pp",
    "strong_aug": "st_gcn_pp_strong_augmentation",
    "aagcn": "aagcn",
    "ctr_gcn": "ctr_gcn",
    "dg_stgcn": "dg_stgcn",
    "hypergraph_transformer": "hypergraph_transformer",
    "decoupled_st_cnn": "decoupled_st_cnn",
    "random_convolutions": "random_convolutions",
    "poseconv3d": "poseconv3d",
    "poseconv3d_limb": "poseconv3d_limb",
    "poseconv3d_branch": "rgbpose_pose",
    "resnet3d": "rgbpose_rgb",
    "tsm": "tsm",
    "r2plus1d": "r2plus1d",
    "video_swin_t": "video_swin_tiny",
    "video_swin_s": "video_swin_small",
    "video_swin_b": "video_swin_base",
    "rgbpose_fusion": "rgbpose_fusion",
}


@dataclass(frozen=True)
class Steps:
    """Training steps of one recogniser. batch: clips of one. seconds: of one, median. memory: bytes
    on the device at the most, None where nobody counts. count: steps timed. loss: of the last."""

    batch: int
    seconds: float
    memory: int | None
    count: int
    loss: float

    @property
    def rate(self) -> float:
        """Clips a second."""
        return self.batch / self.seconds


def at_preset(name: str, layout: str = LAYOUT) -> Entry:
    """A recogniser with the settings, the batch and the layout that a recipe gives it."""
    entries = read_entries()
    entry = entries[name]
    preset = yaml.safe_load((PRESETS / f"{RECOGNISERS[name]}.yaml").read_text(encoding="utf-8"))
    parents = {branch: at_preset(parent.name, layout) for branch, parent in entry.parents.items()}
    return replace(
        entry,
        settings=preset,
        batch=preset["batch_size"],
        reference=replace(entry.reference, layout=layout),
        parents=parents,
    )


def make_step(
    entry: Entry,
    device: torch.device,
    *,
    bf16: bool = True,
    compiled: str | None = None,
    change: Callable[[Recogniser], None] = lambda recogniser: None,
    channels_last: bool = True,
) -> Callable[[], torch.Tensor]:
    """One training step as the loop does it, again and again on one batch that lies on the device:
    augmentation, streams, forward, losses, backward, optimiser. Returns a function: step -> loss.

    compiled: backend of torch.compile, None without it. change: what is done to the recogniser
    before it is trained. channels_last: the layout of the workflow's own networks.
    """
    settings = entry.complete
    torch.manual_seed(0)
    labels = [f"class {number}" for number in range(CLASSES)]
    recogniser = Recogniser(
        build(entry),
        CLASSES,
        settings,
        vectors=class_vectors(settings, labels, seed=0),
        skeleton=entry.streams[0] in SKELETON_STREAMS,
    )
    change(recogniser)
    convolutional = is_convolutional(entry.streams)
    if convolutional and channels_last:
        lay_channels_last(recogniser)
    recogniser = recogniser.to(device).train()
    model = recogniser if compiled is None else torch.compile(recogniser, backend=compiled)
    optimiser = make_optimiser(recogniser, settings)
    set_learning_rate(optimiser, 1e-5)  # the clips say nothing, and the loss must stay finite
    objective = Objective(settings, torch.ones(CLASSES).numpy(), device)
    with made_clips(entry) as clips:
        samples = make_samples(clips, entry.streams, settings, training=True)
        batch = to_device(collate([samples[Key(n)] for n in range(entry.batch)]), device)
        make_inputs = Inputs(entry.streams, clips, settings, bf16)

    def step() -> torch.Tensor:
        inputs = make_inputs(batch, training=True)
        if convolutional:
            order = torch.channels_last_3d if channels_last else torch.contiguous_format
            inputs = tuple(x.contiguous(memory_format=order) for x in inputs)
        with torch.autocast(device.type, torch.bfloat16, enabled=bf16):
            outputs = model(*inputs)
        loss = objective(recogniser, outputs, batch["label"], batch["weight"])
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        if settings["gradient_clip"]:
            torch.nn.utils.clip_grad_norm_(recogniser.parameters(), settings["gradient_clip"])
        optimiser.step()
        return loss.detach()

    return step


def time_steps(
    entry: Entry, device: torch.device, *, seconds: float = 5.0, least: int = 3, **options
) -> Steps:
    """Two steps to warm up, then as many as `seconds` hold, at least `least`. A batch that does not
    fit on the card is halved until it does. options: of `make_step`."""
    while True:
        try:
            return _time_steps(entry, device, seconds, least, options)
        except torch.OutOfMemoryError:
            if entry.batch == 1:
                raise
            torch.cuda.empty_cache()
            entry = replace(entry, batch=entry.batch // 2)


def _time_steps(entry, device, seconds, least, options) -> Steps:
    on_card = device.type == "cuda"
    if on_card:
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats(device)
    step = make_step(entry, device, **options)
    for _ in range(2):
        step()
    wait_for(device)
    taken, begin = [], time.perf_counter()
    while len(taken) < least or time.perf_counter() - begin < seconds:
        start = time.perf_counter()
        loss = step()
        wait_for(device)
        taken.append(time.perf_counter() - start)
    memory = torch.cuda.max_memory_allocated(device) if on_card else None
    return Steps(entry.batch, statistics.median(taken), memory, len(taken), float(loss))
