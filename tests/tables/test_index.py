"""The index of a batch: facts of real (small) videos, clips checked against them, truth apart."""

import numpy as np
import pandas as pd
import pytest

from microgesture.provenance.errors import BadInput
from microgesture.tables.index import (
    check_readable,
    clip_spans,
    hide_test_labels,
    label_clips,
    spans_of_batch,
    truth_of,
)
from microgesture.tables.probed import probe_videos
from microgesture.videos.encoding import write_video


@pytest.fixture
def videos(tmp_path):
    """Two videos of 12 frames, 64 x 48 pixels, 10 frames a second."""
    frames = np.random.default_rng(0).integers(0, 255, (12, 48, 64, 3), dtype=np.uint8)
    rows = []
    for name in ("v1", "v2"):
        path = tmp_path / f"{name}.mp4"
        write_video(path, iter(frames), 10)
        rows.append((name, str(path), ""))
    return pd.DataFrame(rows, columns=["video", "path", "keypoints"])


def clips(*rows):
    columns = ["clip", "video", "subject", "start", "end", "label", "split"]
    return pd.DataFrame(rows, columns=columns)


def test_facts_come_from_the_file(videos):
    index, numbered = probe_videos(videos, "b0")
    assert [name for name, _ in numbered] == ["v1", "v2"]
    assert index["frames"].tolist() == [12, 12]
    assert index[["width", "height"]].values.tolist() == [[64, 48]] * 2
    assert index["fps"].tolist() == [10.0, 10.0]
    assert set(index["status"]) == {"ok"}


def damaged(videos, tmp_path):
    """The second video is cut off in the middle, a third is a text file."""
    from pathlib import Path

    path = Path(videos["path"][1])
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    text = tmp_path / "v3.mp4"
    text.write_text("this is no video")
    third = pd.DataFrame([["v3", str(text), ""]], columns=videos.columns)
    return pd.concat([videos, third], ignore_index=True)


def test_stop_names_every_unreadable_video(videos, tmp_path):
    with pytest.raises(BadInput) as error:
        check_readable(probe_videos(damaged(videos, tmp_path), "b0")[0], "stop")
    text = str(error.value)
    assert "2 unreadable video(s)" in text
    assert "v2.mp4" in text and "v3.mp4" in text and "quarantine" in text


def test_quarantine_keeps_the_rest(videos, tmp_path):
    index, numbered = probe_videos(damaged(videos, tmp_path), "b0")
    assert [name for name, _ in numbered] == ["v1"]
    check_readable(index, "quarantine")
    assert index["status"].tolist() == ["ok", "quarantined", "quarantined"]
    assert "v3.mp4" in index["problem"][2]
    sheet = clips(("c1", "v1", "ann", 0, 11, 0, "train"), ("c2", "v2", "bob", 0, 11, 0, "test"))
    spans = clip_spans(sheet[["clip", "video", "start", "end"]], index, "clips.tsv")
    assert spans.values.tolist() == [["c1", "v1", "b0", 0, 11]]
    shown, lost = label_clips(hide_test_labels(sheet), spans, index)
    assert shown[["clip", "subject", "label"]].values.tolist() == [["c1", "ann", 0]]
    assert lost["clip"].tolist() == ["c2"] and "v2.mp4" in lost["problem"][0]
    assert truth_of(sheet)["clip"].tolist() == [
        "c2"
    ]  # a lost test clip is still one to be right on


def test_clip_past_the_end(videos):
    index, numbered = probe_videos(videos, "b0")
    assert [name for name, _ in numbered] == ["v1", "v2"]
    with pytest.raises(BadInput) as error:
        clip_spans(clips(("c1", "v1", "ann", 3, 12, 0, "train")), index, "clips.tsv")
    assert "clips.tsv, column end: '12' of clip c1 lies past the end of video v1" in str(
        error.value
    )
    assert "its last frame is 11" in str(error.value)


def test_truth_is_taken_out_of_what_training_sees():
    sheet = clips(
        ("c1", "v1", "ann", 0, 1, 4, "train"),
        ("c2", "v2", "bob", 0, 1, 3, "test"),
        ("c3", "v2", "bob", 2, 3, -1, "test"),
    )
    assert hide_test_labels(sheet)["label"].tolist() == [4, -1, -1]
    assert truth_of(sheet).values.tolist() == [["c2", "v2", "bob", 3]]


def test_spans_of_one_batch(tmp_path):
    columns = ["clip", "video", "batch", "start", "end"]
    rows = [["a", "v", "b0", 0, 1], ["b", "w", "b1", 0, 2]]
    pd.DataFrame(rows, columns=columns).to_parquet(tmp_path / "spans.parquet")
    table = spans_of_batch(str(tmp_path / "spans.parquet"), "b1")
    assert table.values.tolist() == [["b", "w", 0, 2]]
