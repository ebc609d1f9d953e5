"""Reads what is to be exported: the sheets' own labels, or a recogniser's segments beside them."""

from pathlib import Path

import pandas as pd

from microgesture.exports.segments import Export, Segment, Video, from_table
from microgesture.importers.annotation_sheets import ORIGIN_COLUMNS
from microgesture.provenance.errors import BadInput
from microgesture.tables.sheets import Sheets, read_sheets
from microgesture.videos.time_stamps import time_stamps


def read_export(folder: str | Path, segments: str | Path | None = None) -> Export:
    """The labels of the sheets in `folder`, or the table `segments` (tsv, csv or parquet; see
    `from_table`) on the sheets' videos.

    Where an importer left annotations.tsv in the folder, clips whose frames nobody has changed
    keep the seconds, subject, comment and confidence that the tool had; a clip without a label is
    exported with the class that the tool gave it, and without one not at all. Raises BadInput.
    """
    folder = Path(folder)
    paths = {kind: str(folder / f"{kind}.tsv") for kind in ("videos", "clips", "labels")}
    sheets = read_sheets(**paths)
    shown = sheets.videos[sheets.videos["path"] != ""].groupby("path", sort=False)
    videos = [
        Video(
            Path(path),
            tuple(rows["video"]),
            tuple(rows["subject"]),
            time_stamps(path),
        )
        for path, rows in shown
    ]
    labels = sheets.labels
    classes = {
        row["name"]: {"description": row["description"], "group": row["group"]}
        for row in labels.to_dict("records")
    }
    if segments is None:
        found = _own(sheets, folder / "annotations.tsv")
    else:
        subjects = dict(zip(sheets.videos["video"], sheets.videos["subject"]))
        found = from_table(_read(Path(segments)), labels, subjects, str(segments))
    export = Export(found, videos, classes)
    _check_frames(export, segments or paths["clips"])
    return export


def _read(path: Path) -> pd.DataFrame:
    try:
        if path.suffix == ".parquet":
            return pd.read_parquet(path)
        words = dict.fromkeys(("video", "subject", "name", "class"), str)  # 007 is no number
        return pd.read_csv(path, sep="," if path.suffix == ".csv" else "\t", dtype=words)
    except (OSError, ValueError) as error:
        raise BadInput(f"{path}: is no table ({error}); write tsv, csv or parquet") from error


def _own(sheets: Sheets, origins: Path) -> list[Segment]:
    names = dict(zip(sheets.labels["label"], sheets.labels["name"]))
    kept = {}
    if origins.is_file():
        table = pd.read_csv(origins, sep="\t", dtype=str, keep_default_na=False)
        missing = set(ORIGIN_COLUMNS) - set(table.columns)
        if missing:
            raise BadInput(
                f"{origins}: lacks the columns {', '.join(sorted(missing))}; import again"
            )
        kept = {row["clip"]: row for row in table.to_dict("records")}
    segments = []
    for clip in sheets.clips.itertuples():
        row = kept.get(clip.clip, {})
        name = names.get(clip.label) or row.get("class", "")
        if not name:
            continue
        kept_class = names.get(clip.label) in (None, row.get("class"))  # else a person's own now
        same = (row.get("start"), row.get("end")) == (str(clip.start), str(clip.end))
        segments.append(
            Segment(
                clip.video,
                row.get("subject") or clip.subject,
                clip.start,
                clip.end,
                name,
                float(row["confidence"]) if kept_class and row.get("confidence") else None,
                row.get("second", "") if kept_class else "",
                row.get("comment", ""),
                row.get("modifiers", ""),
                (float(row["start_seconds"]), float(row["end_seconds"])) if same else None,
                same and row.get("point") == "yes",
            )
        )
    return segments


def _check_frames(export: Export, origin) -> None:
    frames = {name: len(video.times) for video in export.videos for name in video.names}
    for segment in export.segments:
        if segment.video not in frames:
            raise BadInput(f"{origin}: {segment.video!r} has no video file; exports need its times")
        if segment.end >= frames[segment.video]:
            raise BadInput(
                f"{origin}: frame {segment.end} lies past the end of video {segment.video!r}; its "
                f"last frame is {frames[segment.video] - 1}"
            )
