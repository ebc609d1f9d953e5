"""Training steps on a CPU with the volumes in their own order and channels last, float32 and bf16.

`python -m bench.memory_layouts` prints the table: the ground of `gains_channels_last`
(microgesture/layers/memory_layout.py). A step is all that the loop does; processor time, one
thread. The plain way is the field's: float32, in its own order, without the stem from the blobs.
"""

import os
from dataclasses import replace

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import torch  # noqa: E402

from bench.gpu_steps import at_preset, make_step  # noqa: E402
from bench.timing import measure, table  # noqa: E402
from microgesture.provenance.hardware import cpu_has_bf16  # noqa: E402

# Recogniser, layout, and what makes its step short enough to be repeated.
CASES = {
    "PoseConv3D, 17 points": ("poseconv3d", "coco17", {}),
    "PoseConv3D, 68 points": ("poseconv3d", "h68", {}),
    "3D-ResNet-50 on RGB": ("resnet3d", "coco17", {"rgb_size": 112}),
    "TSM": ("tsm", "coco17", {"rgb_size": 112}),
    "R(2+1)D": ("r2plus1d", "coco17", {}),
    "Video Swin-T": ("video_swin_t", "coco17", {"rgb_frames": 16, "rgb_size": 112}),
}
WAYS = {
    "plain": {"bf16": False, "channels_last": False},
    "float32": {"bf16": False, "channels_last": False},
    "float32, channels last": {"bf16": False, "channels_last": True},
    "bf16": {"bf16": True, "channels_last": False},
    "bf16, channels last": {"bf16": True, "channels_last": True},
}


def bench_memory_layouts(cases=CASES, batch: int = 1, repeats: int = 2) -> list[str]:
    """Lines of the report."""
    torch.set_num_threads(1)
    device, rows = torch.device("cpu"), []
    ways = {name: way for name, way in WAYS.items() if cpu_has_bf16() or not way["bf16"]}
    for title, (name, layout, smaller) in cases.items():
        entry = at_preset(name, layout)
        entry = replace(entry, settings={**entry.settings, **smaller}, batch=batch)
        options = {**entry.settings.get("model_options", {}), "sparse_stem": False}
        dense = replace(entry, settings={**entry.settings, "model_options": options})
        plain = dense if name == "poseconv3d" else entry
        actions = {
            way: make_step(plain if way == "plain" else entry, device, **settings)
            for way, settings in ways.items()
        }
        taken = {way: times[1] for way, times in measure(actions, repeats).items()}
        ratios = [f"{taken['plain'] / taken[way]:.2f}x" for way in list(ways)[1:]]
        rows.append([title, f"{taken['plain'] / 1e3:.2f}", *ratios])
    head = ["a training step, one clip", "plain, s", *(f"{way}" for way in list(ways)[1:])]
    return table(head, rows)


if __name__ == "__main__":
    print("\n".join(bench_memory_layouts()))
