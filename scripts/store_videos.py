"""Store the pictures of a batch's whole videos once, for windows of every length and place.

Of each video `per_second` pictures are kept, cut along one square around its person (a hundredth of
the frames may reach out), padded by `padding`, resized to `size` x `size` pixels. Where clips show
their motion magnified (decode_rgb: magnification), so do these, and every frame is decoded.

Output: pictures, an RGB store in which every video is a clip, its positions frame numbers; boxes, a
table of video, x0, y0, x1, y1 (the square in pixels of the original frame).
"""

import cv2
import pandas as pd
from tqdm import tqdm

from microgesture.provenance.files import written_whole
from microgesture.provenance.jobs import job
from microgesture.segments.video_pictures import (
    magnified_pictures,
    picture_positions,
    video_box,
)
from microgesture.stores.rgb import write_rgb_videos
from microgesture.stores.sequences import read_sequence
from microgesture.videos.cropping import crop_square
from microgesture.videos.decoding import iterate_selected
from microgesture.videos.index_store import stored_index
from microgesture.videos.magnification_settings import asked_magnification


def store_videos(
    facts,
    frame_indexes,
    skeletons,
    pictures,
    boxes,
    videos,
    rates,
    settings,
    threads=1,
    magnification=None,
):
    """Write `pictures` and `boxes` of those of `videos` that can be read (table `facts`).

    rates: frames per second of the videos whose sheet knows better than their file. magnification:
    the group of decode_rgb's settings.
    """
    band = asked_magnification({"magnification": magnification})
    cv2.setNumThreads(threads)
    known = pd.read_parquet(facts)
    known = known[known["video"].isin(videos) & (known["status"] == "ok")].sort_values("video")
    size, places = settings["size"], []
    shown = {row.video: row for row in known.itertuples()}

    def cut():
        for video, row in tqdm(shown.items(), unit="video", desc="store_videos", mininterval=1):
            sequence = read_sequence(skeletons, video)
            seen = sequence.points, sequence.present, sequence.width, sequence.height
            box = video_box(*seen, padding=settings["padding"])
            places.append((video, *box))
            fps = rates.get(video, row.fps)
            positions = picture_positions(row.frames, fps, settings["per_second"])
            index = stored_index(frame_indexes, video)
            wanted = positions if band is None else range(row.frames)
            frames = iterate_selected(row.path, list(wanted), index)
            cuts = (crop_square(frame, box, size) for _, frame in frames)
            if band is not None:
                cuts = magnified_pictures(cuts, row.frames, fps, band, positions, row.path)
            yield video, cuts, positions, size

    write_rgb_videos(pictures, cut())
    table = pd.DataFrame(places, columns=["video", "x0", "y0", "x1", "y1"])
    with written_whole(boxes) as temporary:
        table.to_parquet(temporary, index=False)


if __name__ == "__main__":
    with job(snakemake):
        store_videos(
            str(snakemake.input.facts),
            str(snakemake.input.frame_indexes),
            str(snakemake.input.skeletons),
            str(snakemake.output.pictures),
            str(snakemake.output.boxes),
            videos=list(snakemake.params.videos),
            rates=dict(snakemake.params.rates),
            settings=dict(snakemake.params.settings),
            threads=snakemake.threads,
            magnification=dict(snakemake.params.magnification),
        )
