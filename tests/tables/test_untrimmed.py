import pandas as pd
import pytest

from microgesture.tables.untrimmed import learning_videos, scored_videos, segmented_videos

# video, annotated, splits of its clips -> learned from as, scored, segmented
VIDEOS = [
    ("train_whole", "yes", ["train", "train"], "train", False, True),
    ("train_parts", "no", ["train"], None, False, False),
    ("train_unsaid", "", ["train"], None, False, False),
    ("val_whole", "yes", ["val"], "val", False, True),
    ("val_parts", "", ["val", "val"], None, False, False),
    ("test_whole", "yes", ["test", "test"], None, True, True),
    ("test_parts", "", ["test"], None, False, True),
    ("windows", "", ["unlabelled"], None, False, True),
    ("mixed", "yes", ["train", "unlabelled"], None, False, True),
    ("mixed_test", "yes", ["test", "unlabelled"], None, False, True),
    ("empty", "", [], None, False, True),
    ("nothing_happens", "yes", [], None, False, True),
]


@pytest.fixture
def sheets():
    videos = pd.DataFrame([row[:2] for row in VIDEOS], columns=["video", "annotated"])
    clips = [(row[0], split) for row in VIDEOS for split in row[2]]
    clips.append(("of another sheet", "test"))
    return videos, pd.DataFrame(clips, columns=["video", "split"])


def test_which_videos_are_learned_from_scored_and_segmented(sheets):
    assert learning_videos(*sheets) == {row[0]: row[3] for row in VIDEOS if row[3]}
    assert scored_videos(*sheets) == [row[0] for row in VIDEOS if row[4]]
    assert segmented_videos(*sheets) == sorted(row[0] for row in VIDEOS if row[5])


def test_no_test_label_decides_anything(sheets):
    """Which videos are looked at follows from splits alone: the labels are not even there."""
    videos, clips = sheets
    assert "label" not in clips
    labelled = clips.assign(label=range(len(clips)))
    assert learning_videos(videos, labelled) == learning_videos(videos, clips)


def test_sheets_without_a_clip():
    videos = pd.DataFrame({"video": ["b", "a"], "annotated": ["", "yes"]})
    clips = pd.DataFrame({"video": [], "split": []}, dtype=str)
    assert learning_videos(videos, clips) == {}
    assert scored_videos(videos, clips) == []
    assert segmented_videos(videos, clips) == ["a", "b"]
