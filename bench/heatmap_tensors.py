"""The whole way from coordinates to the tensor that the network takes, against the field's way.

`python -m bench.heatmap_tensors` prints the table: what `microgesture.training.inputs.Inputs` makes
of a batch (drawn in the layout and precision of the network on this device), against volumes drawn
one keypoint at a time, turned and stacked. Processor time, one thread.
"""

import os
from functools import partial

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np  # noqa: E402
import torch  # noqa: E402

from bench.clips import seated_person  # noqa: E402
from bench.plain_heatmaps import plain_batch  # noqa: E402
from bench.timing import measure, table  # noqa: E402
from microgesture.configuration.settings import complete_settings  # noqa: E402
from microgesture.datasets.clips import Clips  # noqa: E402
from microgesture.pose.layouts import get_layout  # noqa: E402
from microgesture.training.inputs import Inputs  # noqa: E402

SIZE, SIGMA, FRAMES, CLIPS, REPEATS = 56, 0.6, 48, 4, 5


def bench_heatmap_tensors(clips: int = CLIPS, frames: int = FRAMES, repeats: int = REPEATS):
    """Lines of the report."""
    torch.set_num_threads(1)
    rows = []
    for name in ("coco17", "h68"):
        layout = get_layout(name)
        made = [seated_person(frames, np.random.default_rng(n), name) for n in range(clips)]
        batch = {"skeleton": torch.from_numpy(np.stack(made))}
        pixels = [points * np.float32([SIZE, SIZE, 1]) for points in made]
        nothing = np.empty(0)
        empty = Clips(layout, [], [], nothing, nothing, nothing)
        for kind in ("joint", "limb"):
            settings = complete_settings(
                {"stream": f"{kind}_heatmap", "model": "poseconv3d", "size": SIZE, "sigma": SIGMA}
            )
            ways = {
                "float32": Inputs((f"{kind}_heatmap",), empty, settings),
                "bf16": Inputs((f"{kind}_heatmap",), empty, settings, bf16=True),
            }
            edges = layout.edges if kind == "limb" else None
            actions = {"plain": partial(plain_batch, pixels, (SIZE, SIZE), SIGMA, edges)}
            actions |= {precision: partial(make, batch) for precision, make in ways.items()}
            expected = actions["plain"]()
            difference = float((actions["float32"]()[0] - expected).abs().max())
            taken = measure(actions, repeats)
            plain = taken["plain"][1]
            rows.append(
                [f"{kind}, {layout.num_joints} points", f"{plain / clips:.1f}"]
                + [f"{taken['float32'][1] / clips:.2f}", f"{plain / taken['float32'][1]:.1f}x"]
                + [f"{taken['bf16'][1] / clips:.2f}", f"{plain / taken['bf16'][1]:.1f}x"]
                + [f"{difference:.1e}"]
            )
    head = ["heatmaps", "plain way, ms a clip", "ours, float32", "ratio", "ours, bf16", "ratio"]
    return [
        f"From the coordinates of a batch of {clips} clips ({frames} frames, {SIZE} x {SIZE}, "
        f"sigma {SIGMA}) to the tensor that the network takes on a CPU: float32 in its own order, "
        "bf16 channels last.",
        "",
        *table([*head, "difference"], rows),
    ]


if __name__ == "__main__":
    print("\n".join(bench_heatmap_tensors()))
