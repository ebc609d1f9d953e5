"""From a raw batch to a network's inputs, on the device that it runs on."""

import torch
from accelerate import Accelerator
from torch import Tensor, nn

from microgesture.datasets.augmentation import augment
from microgesture.datasets.clips import Clips
from microgesture.datasets.samples import ClipSamples
from microgesture.datasets.streams import HEATMAP_STREAMS, make_stream
from microgesture.layers.memory_layout import gains_channels_last, lay_channels_last


class Inputs:
    """Makes the inputs of a network with the given streams, in their order.

    A CNN gets its volumes in the order that its device gains by (`gains_channels_last`). bf16: the
    network runs in bf16; volumes are then rounded here, which moves half the bytes. Its own casting
    would round them all the same.
    """

    def __init__(self, streams: tuple[str, ...], clips: Clips, settings: dict, bf16: bool = False):
        self.streams, self.layout, self.settings = streams, clips.layout, settings
        self.dtype = torch.bfloat16 if bf16 else torch.float32

    @torch.no_grad()
    def __call__(
        self, batch: dict[str, Tensor], *, training: bool = False, flip: bool = False
    ) -> tuple[Tensor, ...]:
        """Augment (or mirror, with `flip`) a batch that is on the device, make its streams."""
        batch = augment(
            batch,
            self.layout,
            self.settings["augmentation"],
            rgb_size=self.settings["rgb_size"],
            training=training,
            flip=flip,
        )
        if not is_convolutional(self.streams):
            return tuple(
                make_stream(name, batch, self.layout, self.settings) for name in self.streams
            )
        device = next(iter(batch.values())).device
        last = gains_channels_last(device, self.dtype == torch.bfloat16)
        memory = {"channels_last": last, "dtype": self.dtype}
        inputs = (
            make_stream(name, batch, self.layout, self.settings, **memory) for name in self.streams
        )
        order = torch.channels_last_3d if last else torch.contiguous_format
        return tuple(x.to(self.dtype).contiguous(memory_format=order) for x in inputs)


def is_convolutional(streams: tuple[str, ...]) -> bool:
    """The network is a CNN over (T, H, W), not a graph network."""
    return all(name == "rgb" or name in HEATMAP_STREAMS for name in streams)


def lay_network(network: nn.Module, streams: tuple[str, ...], accelerator: Accelerator) -> None:
    """Lay the kernels of a convolutional network in the order that `Inputs` gives it."""
    bf16 = accelerator.mixed_precision == "bf16"
    if is_convolutional(streams) and gains_channels_last(accelerator.device, bf16):
        lay_channels_last(network)


def make_samples(
    clips: Clips, streams: tuple[str, ...], settings: dict, *, seed: int = 0, training: bool, **view
) -> ClipSamples:
    """The samples that these streams need. view: `view` and `views` of a test sample."""
    return ClipSamples(
        clips,
        frames=settings["frames"] if any(name != "rgb" for name in streams) else 0,
        rgb_frames=settings["rgb_frames"] if "rgb" in streams else 0,
        training=training,
        seed=seed,
        sampling=settings["sampling"],
        noise=settings["augmentation"]["noise"] > 0,
        skip_empty=settings["skip_empty"],
        short_clips=settings["short_clips"],
        more=settings["augmentation"],
        **view,
    )


def to_device(batch: dict[str, Tensor], device: torch.device) -> dict[str, Tensor]:
    """The batch on the device; the copy does not wait where the memory is pinned."""
    return {name: value.to(device, non_blocking=True) for name, value in batch.items()}
