"""What one member of the vote says of every window of a batch's whole videos.

Windows of several lengths (`seconds`) lie over each video, a new one every `stride` of their
length. A window is prepared as a clip of the same frames would be (its own crop, its own body
length); coordinates and pictures are cut out of the videos' stores when they are asked for. Video
by video, so that no number depends on what else is in the batch.

Output: a store of windows (microgesture/stores/windows.py): logits and features, half precision.
"""

import pandas as pd

from microgesture.provenance.jobs import job
from microgesture.segments.window_prediction import Member, WindowSettings, look_at_videos
from microgesture.stores.windows import write_windows

WORKFLOW_KEYS = ("threads", "members", "fusion", "seconds", "stride")


def predict_windows(
    facts: str,
    skeletons: str,
    pictures: list[str],
    boxes: list[str],
    checkpoint: str,
    metadata: str,
    windows: str,
    videos: list[str],
    rates: dict[str, float],
    settings: dict,
    saliency: dict,
    picture_size: int,
    threads: int = 1,
    gpu: bool = False,
) -> None:
    """Write the windows of those of `videos` that can be read.

    pictures, boxes: one file each, [] for a member without an RGB stream. rates: frames per second
    of the videos whose sheet knows better than their file. saliency: settings of locate_saliency.
    """
    known = pd.read_parquet(facts)
    known = known[known["video"].isin(videos) & (known["status"] == "ok")]
    known = known.assign(fps=[rates.get(row.video, row.fps) for row in known.itertuples()])
    own = {key: value for key, value in settings.items() if key not in WORKFLOW_KEYS}
    member = Member(checkpoint, metadata, own, threads=threads, gpu=gpu)
    wanted = WindowSettings(tuple(settings["seconds"]), settings["stride"], picture_size)
    found = look_at_videos(
        member,
        known[["video", "fps"]],
        skeletons,
        pictures[0] if member.sees_pictures else None,
        boxes[0] if member.sees_pictures else None,
        windows=wanted,
        saliency=saliency,
    )
    write_windows(windows, found)


if __name__ == "__main__":
    with job(snakemake):
        predict_windows(
            str(snakemake.input.facts),
            str(snakemake.input.skeletons),
            [str(path) for path in snakemake.input.pictures],
            [str(path) for path in snakemake.input.boxes],
            str(snakemake.input.checkpoint),
            str(snakemake.input.metadata),
            str(snakemake.output.windows),
            videos=list(snakemake.params.videos),
            rates=dict(snakemake.params.rates),
            settings=dict(snakemake.params.settings),
            saliency=dict(snakemake.params.saliency),
            picture_size=snakemake.params.picture_size,
            threads=snakemake.threads,
            gpu=int(snakemake.resources.get("gpu", 0)) > 0,
        )
