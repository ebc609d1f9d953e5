"""Writes subtitles (WebVTT, https://www.w3.org/TR/webvtt1/): any player shows the segments."""

from pathlib import Path

from microgesture.exports.segments import Export, Segment
from microgesture.provenance.files import written_whole


def write_webvtt(export: Export, folder: str | Path) -> list[Path]:
    """One .vtt file for each video, one cue a segment: the person as the voice, the class, and the
    confidence where there is one. Returns their paths."""
    paths = []
    for video, stem in export.stems():
        lines = ["WEBVTT", ""]
        for number, segment in enumerate(export.of(video), start=1):
            start, end = segment.span(video.times)
            end = max(end, start + 1 / video.fps)
            lines += [str(number), f"{_clock(start)} --> {_clock(end)}", _words(segment), ""]
        paths.append(Path(folder) / f"{stem}.vtt")
        with written_whole(paths[-1]) as temporary:
            temporary.write_text("\n".join(lines), encoding="utf-8", newline="\n")
    return paths


def _clock(seconds: float) -> str:
    rest = max(round(seconds * 1000), 0)
    hours, rest = divmod(rest, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d}.{rest % 1000:03d}"


def _words(segment: Segment) -> str:
    sure = "" if segment.confidence is None else f" ({segment.confidence:.0%})"
    return f"<v {_escaped(segment.subject)}>{_escaped(segment.name)}{sure}"


def _escaped(text: str) -> str:
    text = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;")
    return text.replace(">", "&gt;")
