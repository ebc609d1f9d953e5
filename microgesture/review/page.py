"""The review page of a batch: one HTML file that opens by double click, without server or network.

Its parts lie in `page/` beside this file: the page itself, its style, and plain JavaScript that is
joined into one script. The data stand in the page too; only the videos are files of their own.
"""

import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from microgesture.figures.style import group_colours
from microgesture.provenance.errors import BadInput
from microgesture.provenance.files import written_whole
from microgesture.review.packing import pack_boxes, pack_numbers, pack_points, stride_for

PARTS = Path(__file__).parent / "page"
# In the order in which they stand on one another; all share one scope.
SCRIPTS = (
    "text.js", "data.js", "edits.js", "storage.js", "filters.js", "player.js", "stage.js",
    "timeline.js", "timeline_drag.js", "segment_list.js", "class_picker.js", "inspector.js",
    "tables.js", "elan.js", "zip.js", "saving.js", "keys.js", "main.js",
)  # fmt: skip
POINT_BYTES = 48 * 2**20  # of all skeletons in a page; more is thinned
COLUMNS = ("video", "start", "end", "label", "confidence", "second", "second_confidence")


@dataclass(frozen=True)
class ReviewVideo:
    """One row of videos.tsv as the page shows it.

    name: its id there. media: address of the file that the browser opens, relative to the page and
        percent-encoded ("clips/my%20talk.mp4"), or file://...; "" = none, the skeleton alone is
        shown. times: float64 (T,), seconds at which its frames are shown.
    points: float (T, V, 3) x, y in pixels and score, 0 = missing; edges: (child, parent) of what is
        drawn; colours: of each edge, or none.
    boxes: float (T, 4), the crop x0, y0, x1, y1 in pixels, NaN = none; or None.
    segments: video, start, end (frames, 0-based, inclusive), label, and where a recogniser found
        them confidence, second (K = background), second_confidence, margin, uncertain (bool).
    source: the video's own file, for the .eaf files ("" = media). media_times: float64 (T,), where
        the frames are in `media` if that is another file than the source (None: as `times`).
    row: the row of videos.tsv, so that the page can write it back with `annotated` filled in.
    """

    name: str
    media: str
    times: np.ndarray
    width: int
    height: int
    subject: str
    points: np.ndarray
    edges: Sequence[tuple[int, int]]
    segments: pd.DataFrame
    boxes: np.ndarray | None = None
    colours: Sequence[str] = ()
    source: str = ""
    media_times: np.ndarray | None = None
    row: dict[str, str] = field(default_factory=dict)


def write_page(
    path: str | Path,
    videos: Sequence[ReviewVideo],
    labels: pd.DataFrame,
    *,
    title: str,
    point_bytes: int = POINT_BYTES,
) -> Path:
    """Write the page; returns its path. labels: label (0..K-1), name, description, group.

    The same data give the same bytes. What a person did is kept in the browser under a digest of
    the data (not of the file's name or place), so a page written anew with the same segments goes
    on where the person was. Raises BadInput for segments that do not fit their video or classes.
    """
    path = Path(path)
    labels = labels.sort_values("label")
    for video in videos:
        _check(video, labels)
    stride = stride_for([video.points.shape[:2] for video in videos], point_bytes)
    packed = [pack_points(v.points, max(v.width, v.height), stride) for v in videos]
    data = {
        "title": title,
        "labels": _classes(labels),
        "videos": [_facts(video, points) for video, points in zip(videos, packed)],
        "segments": [row for number, video in enumerate(videos) for row in _rows(number, video)],
    }
    data["digest"] = _digest(data)
    blobs = [
        f'<script type="text/plain" id="points-{number}">{points.text}</script>'
        for number, points in enumerate(packed)
    ]
    page = (PARTS / "page.html").read_text(encoding="utf-8")
    script = "\n".join((PARTS / name).read_text(encoding="utf-8") for name in SCRIPTS)
    for mark, text in (
        ("TITLE", _escaped(title)),
        ("STYLE", (PARTS / "style.css").read_text(encoding="utf-8")),
        ("DATA", _json(data)),
        ("POINTS", "\n".join(blobs)),
        ("SCRIPT", f"(() => {{\n'use strict';\n{script}\n}})();"),
    ):
        before, after = page.split(f"<!--{mark}-->")
        page = before + text + after
    with written_whole(path) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return path


def page_parts() -> list[Path]:
    """The files beside this one that a page is made from, for whoever asks whether they changed."""
    return [PARTS / name for name in ("page.html", "style.css", *SCRIPTS)]


def _classes(labels: pd.DataFrame) -> list[dict]:
    words = labels.reindex(columns=["label", "name", "description", "group"]).fillna("")
    colours = group_colours(words["group"].tolist())
    return [
        {
            "label": int(row.label),
            "name": str(row.name_),
            "description": str(row.description),
            "group": str(row.group),
            "colour": colours[row.group],
        }
        for row in words.rename(columns={"name": "name_"}).itertuples()
    ]


def _facts(video: ReviewVideo, points) -> dict:
    times = np.asarray(video.times, np.float64)
    source = video.source or video.media
    other = video.media_times
    return {
        "name": video.name,
        "media": video.media,
        "source": source,
        "subject": video.subject,
        "urn": f"urn:nl-mpi-tools-elan-eaf:{uuid.uuid5(uuid.NAMESPACE_URL, source or video.name)}",
        "width": int(video.width),
        "height": int(video.height),
        "frames": len(times),
        "times": pack_numbers(times, "<f8"),
        "mediaTimes": None if other is None else pack_numbers(other, "<f8"),
        "joints": points.joints,
        "kept": points.kept,
        "stride": points.stride,
        "scale": points.scale,
        "edges": [[int(child), int(parent)] for child, parent in video.edges],
        "colours": list(video.colours),
        "boxes": pack_boxes(video.boxes),
        "row": {key: str(value) for key, value in video.row.items()},
    }


def _rows(number: int, video: ReviewVideo) -> list[list]:
    """[video, start, end, label, confidence | None, second | None, its confidence, uncertain]"""
    rows = []
    for row in video.segments.sort_values(["start", "end"], kind="stable").to_dict("records"):
        confidence, second = (_number(row.get(key)) for key in ("confidence", "second"))
        other = _number(row.get("second_confidence"))
        rows.append(
            [
                number,
                int(row["start"]),
                int(row["end"]),
                int(row["label"]),
                None if confidence is None else round(confidence, 4),
                None if second is None else int(second),
                None if other is None else round(other, 4),
                bool(row.get("uncertain", False)),
            ]
        )
    return rows


def _number(value) -> float | None:
    return None if value is None or value == "" or pd.isna(value) else float(value)


def _check(video: ReviewVideo, labels: pd.DataFrame) -> None:
    frames, known = len(video.times), set(labels["label"].astype(int))
    if len(video.points) != frames:
        raise BadInput(
            f"video {video.name!r}: has {frames} frames, but skeletons of {len(video.points)}; "
            f"they were made from another file. Run the workflow again from probe_videos"
        )
    missing = {"start", "end", "label"} - set(video.segments.columns)
    if missing:
        raise BadInput(
            f"segments of video {video.name!r}: the column {sorted(missing)[0]!r} is missing; a "
            f"table of segments has {', '.join(COLUMNS)}"
        )
    for row in video.segments.to_dict("records"):
        if not 0 <= row["start"] <= row["end"] < frames:
            raise BadInput(
                f"segments of video {video.name!r}: frames {row['start']} to {row['end']}; write "
                f"0 <= start <= end <= {frames - 1}, its last frame"
            )
        if int(row["label"]) not in known:
            raise BadInput(
                f"segments of video {video.name!r}: {row['label']!r} is no label; there are 0 to "
                f"{len(labels) - 1}"
            )


def _digest(data: dict) -> str:
    """Of what a person judges: not of where the files lie or how they are drawn."""
    videos = [[video[key] for key in ("name", "frames", "times")] for video in data["videos"]]
    classes = [[label["label"], label["name"]] for label in data["labels"]]
    told = json.dumps([videos, data["segments"], classes])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _json(data: dict) -> str:
    """JSON that may stand in a script element: no tag can begin or end in it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
