"""Whole videos with their segments: as many frames as before, something drawn on them."""

import numpy as np

from microgesture.videos.decoding import index_frames, read_frames
from scripts.render_segments import render
from tests.scripts.segmented_videos import CLASSES, FRAMES, SALIENCY, make_videos


def test_one_annotated_video_each(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = make_videos(tmp_path)
    labels = [[label, name, group] for label, name, _, group in CLASSES]
    render(
        *made.files, str(tmp_path / "out"),
        videos=["one"], labels=labels, rates={}, saliency=SALIENCY, settings={"anonymise": "mask"},
    )  # fmt: skip
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["one.mp4"]
    index = index_frames(tmp_path / "out" / "one.mp4")
    assert index.frames == FRAMES
    _, frames = next(iter(read_frames(tmp_path / "out" / "one.mp4", 0, FRAMES - 1, chunk=FRAMES)))
    bar = frames[:, -40:]  # below the picture; a segment lies over frames 5 to 20 of 30
    assert np.abs(bar[10].astype(int) - bar[28].astype(int)).max() > 60
