"""The saliency of all clips of a batch, row by row."""

from collections.abc import Iterator

import pandas as pd

from microgesture.pose.persons import choose_persons
from microgesture.provenance.errors import BadInput
from microgesture.saliency.boxes import locate
from microgesture.stores.sequences import read_sequence


def locate_clips(
    skeletons: str, clips: pd.DataFrame, layout: str, settings: dict
) -> Iterator[dict]:
    """One row per clip of `clips` (clip, video, start, end): see `scripts/locate_saliency.py`.

    skeletons: a sequence store in keypoint layout `layout`; settings: the keyword arguments of
    `locate`, and `persons`, the people of a clip whom the crop holds (`choose_persons`; 1 without
    it). Each video is read once. Raises `BadInput` for another layout and, through
    `read_sequence`, for a video or frames that the store does not hold.
    """
    settings = dict(settings)
    persons = settings.pop("persons", 1)
    for video, rows in clips.groupby("video", sort=True):
        whole = read_sequence(skeletons, video)
        if whole.layout != layout:
            raise BadInput(
                f"{skeletons}: video {video!r} has keypoints of layout {whole.layout!r}, the "
                f"config says {layout!r}; run clean_keypoints again"
            )
        for row in rows.itertuples():
            start, end = int(row.start), int(row.end)
            if end >= len(whole.present):
                raise BadInput(
                    f"{skeletons}: clip {row.clip!r} ends at frame {end}, video {video!r} has "
                    f"keypoints up to frame {len(whole.present) - 1}"
                )
            points = whole.points[:, start : end + 1]
            present = whole.present[start : end + 1]
            found = locate(
                points[choose_persons(points, present, persons)],
                present,
                whole.width,
                whole.height,
                **settings,
            )
            yield {
                "clip": row.clip,
                **dict(zip(("x0", "y0", "x1", "y1"), found.box, strict=True)),
                "person_frames": found.person_frames,
                "motion": found.motion,
            }
