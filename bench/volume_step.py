"""A training step of PoseConv3D on a CPU: the plain way against channels-last, the sparse stem and
bf16."""

from dataclasses import replace

import torch
import torch.nn.functional as F

from bench.recognisers import CLASSES, build, read_entries
from bench.timing import measure, table
from bench.training_step import made_clips
from microgesture.datasets.samples import ClipSamples, Key, collate
from microgesture.datasets.streams import make_stream
from microgesture.layers.memory_layout import lay_channels_last

ENTRY = "poseconv3d"
REPEATS = 3


def bench_volume_step():
    """Lines of Markdown: a row a way. Forward, loss, backward, SGD step on the same volumes, which
    lie in memory beforehand."""
    entry = read_entries()[ENTRY]
    settings = entry.complete
    with made_clips(entry) as clips:
        samples = ClipSamples(clips, frames=settings["frames"])
        batch = collate([samples[Key(number)] for number in range(entry.batch)])
        volume = make_stream(settings["stream"], batch, clips.layout, settings)
    plain = replace(entry, settings={**entry.settings, "model_options": {"sparse_stem": False}})
    ways = {
        "plain: float32, NCDHW, dense stem": step(plain, volume, last=False, bf16=False),
        "float32, channels-last, sparse stem": step(entry, volume, last=True, bf16=False),
        "bf16, channels-last, sparse stem": step(entry, volume, last=True, bf16=True),
    }
    taken = measure(ways, REPEATS)
    slowest = next(iter(taken.values()))[1]
    rows = [
        (way, f"{processor / 1e3:.2f}", f"{slowest / processor:.1f}x")
        for way, (_, processor) in taken.items()
    ]
    shape = " x ".join(map(str, volume.shape))
    return [
        f"Volumes {shape} of a seated person, {CLASSES} classes, one thread; medians of {REPEATS} "
        "steps in turns, processor time.",
        "",
        *table(["way", "s a step", "ratio"], rows),
    ]


def step(entry, volume, *, last, bf16):
    """An action that does one training step of a network of its own."""
    torch.manual_seed(0)
    network = build(entry)
    x = volume.to(torch.bfloat16) if bf16 else volume.clone()
    if last:
        lay_channels_last(network)
        x = x.contiguous(memory_format=torch.channels_last_3d)
    labels = torch.arange(len(volume)) % CLASSES
    optimiser = torch.optim.SGD(network.parameters(), lr=1e-4, momentum=0.9, nesterov=True)

    def action():
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            logits = network(x)
        loss = F.cross_entropy(logits.float(), labels)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()

    return action
