"""Untrimmed recognition on real motion: what each part of it is worth.

    python bench/untrimmed_skeletons.py DATA [--seed 0] [--page docs/results_untrimmed.md]

DATA: folder with msr_action3d_3d.pkl and labels.tsv. The members' outputs are kept in
results/untrimmed_skeletons/; the page and two figures are written beside it.
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

import torch  # noqa: E402

from bench.untrimmed_outputs import STREAMS, collect_outputs  # noqa: E402
from bench.untrimmed_page import page  # noqa: E402
from bench.untrimmed_variants import WHOLE, Bench, run_variants  # noqa: E402
from bench.untrimmed_videos import build_videos  # noqa: E402
from microgesture.figures.confidence_curve import draw_confidence_curve  # noqa: E402
from microgesture.figures.video_timeline import draw_video_timelines  # noqa: E402
from microgesture.metrics.segments import confidence_curve  # noqa: E402


def main(arguments: list[str] | None = None) -> None:
    """Build the videos, train, decode, and write the page and its figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data", type=Path, help="folder with msr_action3d_3d.pkl and labels.tsv")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "results_untrimmed.md")
    given = parser.parse_args(arguments)
    if not (given.data / "msr_action3d_3d.pkl").exists():
        sys.exit(f"{given.data}: holds no msr_action3d_3d.pkl; see datasets/msr_action3d.md")
    torch.set_num_threads(1)
    untrimmed = build_videos(given.data, given.seed)
    outputs = collect_outputs(untrimmed, given.seed, ROOT / "results" / "untrimmed_skeletons")
    bench = Bench(untrimmed, outputs, given.seed)
    found, parameters = run_variants(bench, STREAMS)
    pictures = given.page.parent / "pictures"
    pictures.mkdir(exist_ok=True, parents=True)
    videos, truth = untrimmed.videos, bench.clips_of("test")
    shown = videos[videos["split"] == "test"].groupby("subject").head(1)
    segments = found[WHOLE].segments
    draw_video_timelines(
        segments, truth, shown, untrimmed.names, pictures / "untrimmed_timelines.png",
        "One video of every test person",
    )  # fmt: skip
    draw_confidence_curve(
        confidence_curve(segments, truth), pictures / "untrimmed_confidence.png",
        "Segments of the test people, IoU > .3",
    )  # fmt: skip
    given.page.write_text(page(bench, found, parameters), encoding="utf-8")


if __name__ == "__main__":
    main()
