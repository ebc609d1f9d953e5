"""The index of a batch: facts of real (small) videos, clips checked against them, truth apart."""

import numpy as np
import pandas as pd
import pytest

from microgesture.provenance.errors import BadInput
from microgesture.tables.index import hide_test_labels, index_clips, index_videos
from microgesture.videos.encoding import write_video


@pytest.fixture
def videos(tmp_path):
    """Two videos of 12 frames, 64 x 48 pixels, 10 frames a second."""
    frames = np.random.default_rng(0).integers(0, 255, (12, 48, 64, 3), dtype=np.uint8)
    rows = []
    for name in ("v1", "v2"):
        path = tmp_path / f"{name}.mp4"
        write_video(path, iter(frames), 10)
        rows.append((name, str(path), "ann", np.nan, ""))
    return pd.DataFrame(rows, columns=["video", "path", "subject", "fps", "keypoints"])


def clips(*rows):
    columns = ["clip", "video", "subject", "start", "end", "label", "split"]
    return pd.DataFrame(rows, columns=columns)


def test_facts_come_from_the_file(videos):
    index = index_videos(videos, "b0", "stop")
    assert index["frames"].tolist() == [12, 12]
    assert index[["width", "height"]].values.tolist() == [[64, 48]] * 2
    assert index["fps"].tolist() == [10.0, 10.0]
    assert set(index["status"]) == {"ok"}


def test_a_given_frame_rate_wins(videos):
    index = index_videos(videos.assign(fps=[25.0, np.nan]), "b0", "stop")
    assert index["fps"].tolist() == [25.0, 10.0]


def damaged(videos, tmp_path):
    """The second video is cut off in the middle, a third is a text file."""
    from pathlib import Path

    path = Path(videos["path"][1])
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    text = tmp_path / "v3.mp4"
    text.write_text("this is no video")
    third = pd.DataFrame([["v3", str(text), "bob", np.nan, ""]], columns=videos.columns)
    return pd.concat([videos, third], ignore_index=True)


def test_stop_names_every_unreadable_video(videos, tmp_path):
    with pytest.raises(BadInput) as error:
        index_videos(damaged(videos, tmp_path), "b0", "stop")
    text = str(error.value)
    assert "2 unreadable video(s)" in text
    assert "v2.mp4" in text and "v3.mp4" in text and "quarantine" in text


def test_quarantine_keeps_the_rest(videos, tmp_path):
    index = index_videos(damaged(videos, tmp_path), "b0", "quarantine")
    assert index["status"].tolist() == ["ok", "quarantined", "quarantined"]
    assert "v3.mp4" in index["problem"][2]
    kept = index_clips(
        clips(("c1", "v1", "ann", 0, 11, 0, "train"), ("c2", "v2", "ann", 0, 11, 0, "train")),
        index,
        "clips.tsv",
    )
    assert kept["clip"].tolist() == ["c1"]


def test_clip_past_the_end(videos):
    index = index_videos(videos, "b0", "stop")
    with pytest.raises(BadInput) as error:
        index_clips(clips(("c1", "v1", "ann", 3, 12, 0, "train")), index, "clips.tsv")
    assert "clips.tsv, column end: '12' of clip c1 lies past the end of video v1" in str(
        error.value
    )
    assert "its last frame is 11" in str(error.value)


def test_truth_is_taken_out_of_what_training_sees():
    shown, truth = hide_test_labels(
        clips(
            ("c1", "v1", "ann", 0, 1, 4, "train"),
            ("c2", "v2", "bob", 0, 1, 3, "test"),
            ("c3", "v2", "bob", 2, 3, -1, "test"),
        )
    )
    assert shown["label"].tolist() == [4, -1, -1]
    assert truth.values.tolist() == [["c2", "v2", "bob", 3]]
