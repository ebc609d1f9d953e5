"""The review page of a batch from what the workflow stored about its videos."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pandas as pd

from microgesture.figures.annotated_video import segment_crops, shown_points, write_anonymised
from microgesture.figures.canvas import SIDE, on_canvas
from microgesture.figures.faces import Anonymise, Heads, read_heads, without_face_points
from microgesture.figures.skeletons import OTHER, PART_COLOURS, part_of_joint
from microgesture.pose.layouts import Layout, get_layout
from microgesture.pose.persons import choose_persons
from microgesture.provenance.errors import BadInput
from microgesture.review.page import ReviewVideo, write_page
from microgesture.stores.sequences import Sequence as Keypoints
from microgesture.stores.sequences import list_sequences, read_sequence
from microgesture.videos.index_store import list_frame_indexes, read_frame_index

SEGMENTS = ("video", "start", "end", "label")


def write_review(
    out_html: str | Path,
    videos_table: pd.DataFrame,
    facts: pd.DataFrame,
    frame_indexes: Sequence[str],
    skeletons: Sequence[str],
    segments: pd.DataFrame,
    labels: pd.DataFrame,
    *,
    title: str,
    anonymise: Anonymise | None = None,
    rates: Mapping[str, float] | None = None,
) -> Path:
    """Write the review page of the videos in `facts`; returns its path.

    videos_table: rows of videos.tsv (video, path, subject, and whatever else stands there; paths
    from the working directory); facts: as `probe_videos` gives them (video, path, fps, status;
    quarantined ones are left out), also of people who are seen in the same files and whose faces
    are hidden with theirs; frame_indexes, skeletons: stores that hold the videos' frame
    indexes and skeletons between them. segments: see `ReviewVideo`; crops are x0, y0, x1, y1 in
    pixels of the picture, where it has these columns. rates: frames per second of the videos whose
    sheet knows better than their file. anonymise: None or "none" = the page shows the videos where
    they lie; else copies without faces are written beside it, to <name of the page>_videos/.
    Of a file with several rows in videos_table the faces of all of them are hidden, so their
    skeletons must be in the stores; rows that are not in `facts` get no video in the page.
    Raises BadInput for segments of videos that are not there and as `write_page`.
    """
    out_html = Path(out_html)
    known = facts[facts["status"] == "ok"]
    shown = known[known["video"].isin(videos_table["video"])]
    unknown = sorted(set(segments["video"]) - set(shown["video"]))
    if unknown:
        raise BadInput(
            f"segments of video {unknown[0]!r} ({len(unknown)} such videos): it is not among the "
            f"videos that can be read; take its rows out, or mend the video"
        )
    index_of = {video: path for path in frame_indexes for video in list_frame_indexes(path)}
    store_of = {video: path for path in skeletons for video in list_sequences(path)}
    sheet = videos_table.set_index("video", drop=False)
    videos = []
    for row in shown.itertuples():
        if row.video not in store_of:
            raise BadInput(
                f"video {row.video!r} has no skeletons in {', '.join(map(str, skeletons))}; give "
                f"the store that clean_keypoints wrote for its batch"
            )
        sequence = read_sequence(store_of[row.video], row.video)
        fps = float((rates or {}).get(row.video, row.fps)) or 25.0
        own = segments[segments["video"] == row.video]
        told = {k: "" if pd.isna(v) else v for k, v in sheet.loc[row.video].to_dict().items()}
        faces = None
        if anonymise is not None and anonymise.how != "none" and row.path:
            people = known["video"][known["path"] == row.path].tolist()
            faces = anonymise, read_heads(people, store_of, fps, anonymise)
        videos.append(_video(out_html, row, told, sequence, own, index_of, fps, faces))
    return write_page(out_html, videos, labels, title=title)


def _video(
    out_html: Path,
    row,
    told: dict,
    sequence: Keypoints,
    segments: pd.DataFrame,
    index_of: Mapping[str, str],
    fps: float,
    faces: tuple[Anonymise, Heads] | None,
) -> ReviewVideo:
    layout = get_layout(sequence.layout)
    edges, colours = drawn_edges(layout)
    common = {
        "name": row.video,
        "subject": str(told.get("subject", "")),
        "edges": edges,
        "colours": colours,
        "segments": segments,
        "row": told,
    }
    if not row.path:
        points = _on_canvas(sequence, layout)
        times = np.arange(len(sequence.present)) / fps
        return ReviewVideo(media="", times=times, width=SIDE, height=SIDE, points=points, **common)
    if row.video not in index_of:
        raise BadInput(
            f"video {row.video!r} has no frame index; give the store that probe_videos wrote for "
            f"its batch (results/videos/...h5)"
        )
    index = read_frame_index(index_of[row.video], row.video)
    media, media_times, points = address(row.path, out_html), None, shown_points(sequence)
    if sequence.points.shape[-1] != 3:
        points = np.zeros_like(points)  # in metres: not to be drawn on the picture
    if faces:
        copy = out_html.with_name(f"{out_html.stem}_videos") / f"{row.video}.mp4"
        write_anonymised(copy, row.path, faces[1], faces[0], index=index)
        media, media_times = address(copy, out_html), np.arange(index.frames) / index.fps
        points = without_face_points(points, layout)
    return ReviewVideo(
        media=media,
        times=index.times,
        width=index.width,
        height=index.height,
        points=points,
        boxes=segment_crops(segments, index.frames),
        source=address(row.path, out_html),
        media_times=media_times,
        **common,
    )


def address(file: str | Path, page: str | Path) -> str:
    """How the page's browser finds the file: relative to the page's folder, percent-encoded."""
    relative = os.path.relpath(os.path.abspath(file), os.path.abspath(Path(page).parent))
    return quote(Path(relative).as_posix())


def drawn_edges(layout: Layout) -> tuple[list[tuple[int, int]], list[str]]:
    """The bones of a layout and the colour of each, that of its child's part of the body."""
    parts = part_of_joint(layout)
    edges = [(int(child), int(parent)) for child, parent in layout.edges]
    return edges, [PART_COLOURS.get(parts[child], OTHER) for child, _ in edges]


def _on_canvas(sequence: Keypoints, layout: Layout) -> np.ndarray:
    """Points (T, V, 3) of imported keypoints without a video, on a square canvas."""
    points = sequence.points[choose_persons(sequence.points, sequence.present, 1)]
    known = points[0][points[0, ..., -1] > 0][:, :2]
    if not len(known):
        return np.zeros((points.shape[1], points.shape[2], 3))
    low, high = known.min(axis=0), known.max(axis=0)
    side, middle = float((high - low).max()) or 1.0, (low + high) / 2
    box = (*(middle - side / 2), *(middle + side / 2))
    return on_canvas(points, box, layout)[0][0]
