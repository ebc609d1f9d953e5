"""Subtitles, by the rules of WebVTT."""

import re
from pathlib import Path

import numpy as np

from microgesture.exports.segments import Export, Segment, Video
from microgesture.exports.webvtt import write_webvtt

CLOCK = r"\d{2,}:[0-5]\d:[0-5]\d\.\d{3}"


def test_cues(tmp_path):
    video = Video(Path("/v/talk.mp4"), ("talk",), ("anna",), np.arange(100_000) / 25)
    segments = [
        Segment("talk", "anna", 90_025, 90_049, "fold --> <b>& lean", 0.756),
        Segment("talk", "a\nb", 0, 24, "nod"),
        Segment("talk", "anna", 50, 50, "nod", point=True),
    ]
    (path,) = write_webvtt(Export(segments, [video]), tmp_path)
    head, *cues = path.read_text(encoding="utf-8").strip().split("\n\n")
    assert head == "WEBVTT" and path.suffix == ".vtt"
    assert cues[0] == "1\n00:00:00.000 --> 00:00:01.000\n<v a b>nod"
    assert cues[1] == "2\n00:00:02.000 --> 00:00:02.040\n<v anna>nod"
    assert (
        cues[2] == "3\n01:00:01.000 --> 01:00:02.000\n<v anna>fold --&gt; &lt;b&gt;&amp; lean (76%)"
    )
    for cue in cues:
        number, times, words = cue.split("\n")
        assert number.isdigit() and "-->" not in words
        start, end = re.fullmatch(f"({CLOCK}) --> ({CLOCK})", times).groups()
        assert start < end
