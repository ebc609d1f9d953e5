"""Untrimmed recognition on the demo's whole test videos: what each part is worth, over seeds.

    python bench/untrimmed_demo.py [RUN] [--page docs/results_untrimmed_demo.md]

RUN: folder in which `snakemake -- all ablation` was run (the current one).
"""

import argparse
import os
import sys
from pathlib import Path

# Before numpy and torch are loaded: everything here runs on one thread.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
os.environ["TQDM_DISABLE"] = "1"
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import torch  # noqa: E402

from bench.page_sections import wrapped  # noqa: E402
from bench.timing import describe_machine, table  # noqa: E402
from bench.untrimmed_demo_outputs import collect_outputs, read_untrimmed, run_folder  # noqa: E402
from bench.untrimmed_page import SHOWN, decimal  # noqa: E402
from bench.untrimmed_variants import CHOSEN_FROM, FORCED, Bench, Found, run_variants  # noqa: E402
from microgesture.configuration.checked import checked_configuration  # noqa: E402
from microgesture.configuration.presets import read_yaml  # noqa: E402
from microgesture.metrics.segments import segment_score_table  # noqa: E402

TAKEN = "as the workflow takes it"


def main(arguments: list[str] | None = None) -> None:
    """Collect, decode, score, write the page."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("run", type=Path, nargs="?", default=Path("."))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "results_untrimmed_demo.md")
    given = parser.parse_args(arguments)
    torch.set_num_threads(1)
    os.chdir(given.run)
    config = checked_configuration(read_yaml(Path("config.yaml")))
    sheets = {name: Path(config[name]) for name in ("videos", "clips", "labels")}
    results = Path("results")
    untrimmed, batches = read_untrimmed(results, sheets)
    seeds = [seed for seed in given.seeds if (run_folder(results, seed) / "checkpoints").exists()]
    scores, parameters = [], 0
    for seed in seeds:
        outputs, members = collect_outputs(results, seed, untrimmed, batches, config)
        bench = Bench(untrimmed, outputs, seed)
        found, parameters = run_variants(bench, tuple(members), "ms")
        scores.append(scored(found).assign(seed=seed))
        print(scores[-1][["system", "f1_0.3", "f1_0.5", "validation"]].to_string(), flush=True)
    text = page(pd.concat(scores), untrimmed, outputs, members, seeds, parameters, config)
    given.page.write_text(text, encoding="utf-8")


def scored(found: dict[str, Found]) -> pd.DataFrame:
    """The scores of every variant of one seed, with the validation score that its numbers had."""
    scores = segment_score_table({name: own.sums for name, own in found.items()}, FORCED)
    scores = scores.assign(validation=[own.validation for own in found.values()])
    taken = scores.loc[[scores["validation"].where(scores["system"].isin(CHOSEN_FROM)).idxmax()]]
    return pd.concat([scores, taken.assign(system=TAKEN, variant=taken["system"])])


def page(scores, untrimmed, outputs, members, seeds, parameters, config) -> str:
    """The whole page."""
    videos, clips = untrimmed.videos, untrimmed.clips
    filled = (clips["end"] - clips["start"] + 1).sum() / videos["frames"].sum()
    parts = [f"{count} of {split}" for split, count in videos["split"].value_counts().items()]
    stored = (
        np.prod((config["store_videos"]["size"],) * 2) * 3 * config["store_videos"]["per_second"]
    )
    frames = (outputs.windows["end"] - outputs.windows["start"] + 1).to_numpy()
    seconds = float((videos["frames"] / videos["fps"]).sum())
    per_window = config["decode_rgb"]["size"] ** 2 * 3 * config["decode_rgb"]["frames_per_clip"]
    lines = ["# Untrimmed recognition on the demo", ""]
    lines += wrapped(
        f"Made by `python bench/untrimmed_demo.py` after `snakemake -- all ablation` (seeds "
        f"{', '.join(map(str, seeds))}; {describe_machine()}). Members: {', '.join(members)}. "
        f"Whole rendered videos, one a person: {', '.join(parts)}, {seconds / 60:.0f} minutes "
        f"together; {len(clips)} gestures of {len(untrimmed.names)} classes fill "
        f"{100 * filled:.0f} % of the frames, pauses last 0.3 to 1.6 s. Windows of "
        f"{', '.join(map(str, config['predict_windows']['seconds']))} s every "
        f"{100 * config['predict_windows']['stride']:.0f} % of their length, {len(frames):,} in "
        f"all. Pictures are stored once a video: {seconds * stored / 1e6:.0f} MB, where a store "
        f"per window would hold {len(frames) * per_window / 1e6:.0f} MB. Everything is fitted on "
        f"the training people and chosen on the validation people."
    )
    lines += ["", "## What each part is worth", "", "Mean over the seeds ± standard deviation.", ""]
    order = list(dict.fromkeys(scores["system"]))
    rows = []
    for system in order:
        own = scores[scores["system"] == system]
        cells = [system]
        for name in SHOWN:
            mean, spread = own[name].mean(), own[name].std(ddof=1) if len(own) > 1 else np.nan
            form = "{:.0f}" if name == "segments" or name.endswith("_ms") else "{:.3f}"
            cells.append(
                form.format(mean) + ("" if np.isnan(spread) else " ± " + form.format(spread))
            )
        cells.append(decimal(own["validation"].mean()))
        rows.append(cells)
    lines += [*table(["variant", *SHOWN.values(), "validation"], rows), ""]
    gap = scores[scores["system"] == TAKEN]
    lines += wrapped(
        f"What the workflow takes against `{FORCED}`, F1 at IoU .3: "
        f"{100 * gap['f1_0.3_difference'].mean():+.1f} points; "
        + "; ".join(
            f"seed {row['seed']} (`{row['variant']}`): {100 * row['f1_0.3_difference']:+.1f} "
            f"[{100 * row['f1_0.3_difference_low']:+.1f}, "
            f"{100 * row['f1_0.3_difference_high']:+.1f}]"
            for row in gap.to_dict("records")
        )
        + f" (95 % intervals over the test people). The temporal network has {parameters:,} "
        f"parameters. `validation`: mean F1 at IoU .3 and .5 on the validation people, by which "
        f"each variant's numbers were chosen; of those that use all members and "
        f"all lengths and learn background the workflow takes the one with the highest, the last "
        f"row."
    )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
