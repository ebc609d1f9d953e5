"""Writes segments as plain tables: one in frames, one in seconds."""

from pathlib import Path

import pandas as pd

from microgesture.exports.segments import Export
from microgesture.provenance.files import written_whole


def write_tables(export: Export, folder: str | Path) -> list[Path]:
    """segments_frames.csv (start, end: frames, 0-based, inclusive) and segments_seconds.csv (start,
    end: seconds, the end is the first moment after; duration); both with video, path, subject,
    class, confidence, second, comment. Returns their paths."""
    frames, seconds = [], []
    for video in export.videos:
        for segment in export.of(video):
            before = {"video": segment.video, "path": str(video.path), "subject": segment.subject}
            after = {
                "class": segment.name,
                "confidence": segment.confidence,
                "second": segment.second,
                "comment": segment.comment,
            }
            start, end = segment.span(video.times)
            frames.append({**before, "start": segment.start, "end": segment.end, **after})
            times = {"start": round(start, 6), "end": round(end, 6)}
            seconds.append({**before, **times, "duration": round(end - start, 6), **after})
    paths = []
    for unit, rows in (("frames", frames), ("seconds", seconds)):
        columns = [
            "video",
            "path",
            "subject",
            "start",
            "end",
            *(["duration"] * (unit == "seconds")),
        ]
        table = pd.DataFrame(rows, columns=[*columns, "class", "confidence", "second", "comment"])
        paths.append(Path(folder) / f"segments_{unit}.csv")
        with written_whole(paths[-1]) as temporary:
            table.to_csv(temporary, index=False)
    return paths
