"""Render one of the demo's videos, with the true keypoints of every frame.

`params.settings` takes any of the values in `microgesture.demo.render.DEFAULTS`: width, height,
fps, crf, noise, amplitude, subject_variation, occlusion, seed, tail, schedule_seed. What happens
when is fixed by fps, tail and schedule_seed alone; a change of these needs new sheets:
`python -m microgesture.demo.sheets --fps ... --tail ... --schedule-seed ...`.
"""

from pathlib import Path

import cv2

from microgesture.demo.render import render_video
from microgesture.provenance.jobs import job
from microgesture.stores.sequences import Sequence, write_sequences


def render_demo_video(
    video: str, settings: dict, video_path: str | Path, truth_path: str | Path
) -> None:
    """Write `video_path` (mp4) and `truth_path` (sequence store, layout coco_wholebody133)."""
    cv2.setNumThreads(1)  # pictures are small: threads would cost more than they save
    plan, truth = render_video(video, settings, video_path)
    sequence = Sequence(
        points=truth.points[None],
        present=truth.present,
        layout="coco_wholebody133",
        width=truth.width,
        height=truth.height,
        fps=plan.fps,
    )
    write_sequences(truth_path, [(video, sequence)])


if __name__ == "__main__":
    with job(snakemake):
        render_demo_video(
            snakemake.wildcards.video,
            dict(snakemake.params.settings),
            snakemake.output.video,
            snakemake.output.truth,
        )
