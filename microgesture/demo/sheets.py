"""The demo's sheets: `python -m microgesture.demo.sheets` writes demo/*.tsv."""

import argparse
from pathlib import Path

import pandas as pd

from microgesture.demo.schedule import DEFAULTS, LABELS, NEW, plan_videos
from microgesture.provenance.files import written_whole


def demo_tables(
    fps: float = DEFAULTS["fps"],
    tail: float = DEFAULTS["tail"],
    schedule_seed: int = DEFAULTS["schedule_seed"],
) -> dict[str, pd.DataFrame]:
    """The tables `videos`, `clips` and `labels` of the demo, from the schedule alone, and
    `new_videos`: untrimmed videos without a clip, to which the finished demo is applied.

    `start` and `end` are the first and last frame in which the renderer moves for the gesture; all
    that happens in a video has a clip.
    """
    everybody = plan_videos(fps, tail, schedule_seed)
    plans = [plan for plan in everybody if plan.split != NEW]
    videos = [(p.video, f"results/demo_videos/{p.video}.mp4", p.subject, "yes") for p in plans]
    new = [
        (p.video, f"results/demo_videos/{p.video}.mp4", p.subject)
        for p in everybody
        if p.split == NEW
    ]
    clips = [
        (f"{p.video}_{g.number:02d}", p.video, g.start, g.end, g.label, p.split)
        for p in plans
        for g in p.gestures
    ]
    labels = [(number, *row) for number, row in enumerate(LABELS)]
    return {
        "videos": pd.DataFrame(videos, columns=["video", "path", "subject", "annotated"]),
        "new_videos": pd.DataFrame(new, columns=["video", "path", "subject"]),
        "clips": pd.DataFrame(clips, columns=["clip", "video", "start", "end", "label", "split"]),
        "labels": pd.DataFrame(labels, columns=["label", "name", "description", "group"]),
    }


def write_sheets(folder: str | Path, **options) -> list[Path]:
    """Write each table as a file of its name into `folder`; options: `demo_tables`."""
    paths = []
    for name, table in demo_tables(**options).items():
        path = Path(folder) / f"{name}.tsv"
        with written_whole(path) as temporary:
            table.to_csv(temporary, sep="\t", index=False, lineterminator="\n")
        paths.append(path)
    return paths


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Write the demo's sheets.")
    parser.add_argument("--folder", default="demo", help="where to write (default: demo)")
    parser.add_argument("--fps", type=float, default=DEFAULTS["fps"])
    parser.add_argument("--tail", type=float, default=DEFAULTS["tail"])
    parser.add_argument("--schedule-seed", type=int, default=DEFAULTS["schedule_seed"])
    options = vars(parser.parse_args())
    for path in write_sheets(options.pop("folder"), **options):
        print(path)


if __name__ == "__main__":
    main()
