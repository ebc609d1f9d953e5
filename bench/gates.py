"""How much do the fusion modules change the maps that they gate?

    python -m bench.gates            # after `snakemake ablation`; about half a minute a checkpoint

For every fusion network with modules that lies in results/ (the whole system and the ablation's
variants): the mean of |map behind - map before| over the mean of |map before|, at both exchanges
and for both branches, on the validation, test and unlabelled clips. No label is read.
"""

import argparse
import tempfile
from collections import defaultdict
from pathlib import Path

import pandas as pd
from torch.nn.modules.module import register_module_forward_hook

from bench.timing import table
from microgesture.layers.cross_modal_fusion import CrossModalFusion
from microgesture.training.predicting_fusion import predict_fusion
from microgesture.weights.checkpoints import read_metadata

ROOT = Path(__file__).resolve().parents[1]
PLACES = [(exchange, branch) for exchange in "AB" for branch in ("rgb", "pose")]


def measure(results: Path, checkpoint: Path) -> list[float]:
    """The relative change at A (rgb, pose) and B (rgb, pose) of one checkpoint."""
    run = checkpoint.parents[3]  # RUN/checkpoints/fusion/final/model.safetensors
    own = {  # a variant that changes the crops has its own; the others share the whole system's
        kind: run / kind if (run / kind).is_dir() else results / kind
        for kind in ("saliency", "rgb")
    }
    stores = {
        "clips": [str(results / "index" / "clips.parquet")],
        "skeletons": _files(results / "skeletons", "*.h5"),
        "saliency": _files(own["saliency"], "*.parquet"),
        "rgb": _files(own["rgb"], "*.h5"),
    }
    changes: dict[int, list] = defaultdict(list)

    def note(module, inputs, outputs):
        if isinstance(module, CrossModalFusion):
            changes[id(module)].append(
                [
                    float((after - before).abs().mean() / before.abs().mean())
                    for before, after in zip(inputs, outputs)
                ]
            )

    hook = register_module_forward_hook(note)
    try:
        with tempfile.TemporaryDirectory() as folder:
            predict_fusion(
                stores,
                str(checkpoint),
                str(checkpoint.with_suffix(".json")),
                str(Path(folder) / "logits.parquet"),
                settings={},
            )
    finally:
        hook.remove()
    # The modules are called in the order A, B: dictionaries keep it.
    return [value for rows in changes.values() for value in pd.DataFrame(rows).mean()]


def _files(folder: Path, pattern: str) -> list[str]:
    """The files of all batches."""
    return [str(path) for path in sorted(folder.glob(pattern))]


def main() -> None:
    """Print the table, a row a variant: mean over the seeds that lie there."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--results", type=Path, default=ROOT / "results")
    parser.add_argument("--seeds", nargs="+", default=["0"], help="of the ablation's networks (0)")
    arguments = parser.parse_args()
    found = defaultdict(list)
    pattern = "checkpoints/fusion/final/model.safetensors"
    for path in sorted(arguments.results.rglob(pattern)):
        facts = read_metadata(path.with_suffix(".json"))
        if facts["options"].get("fusion", True):
            parts = path.relative_to(arguments.results).parts
            variant, seed = parts[1:3] if parts[0] == "ablation" else ("full", str(facts["seed"]))
            if seed not in arguments.seeds:
                continue
            found[variant].append(measure(arguments.results, path))
    header = ["variant", "networks", *(f"{exchange}, {branch}" for exchange, branch in PLACES)]
    rows = [
        [name.replace("_", " "), len(values), *(f"{m:.2%}" for m in pd.DataFrame(values).mean())]
        for name, values in found.items()
    ]
    print("\n".join(table(header, rows)))


if __name__ == "__main__":
    main()
