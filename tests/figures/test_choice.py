import pandas as pd

from microgesture.figures.choice import file_stem, liveliest_clips, surest_clips

CLIPS = pd.DataFrame(
    {
        "clip": ["a", "b", "c", "d", "e"],
        "video": ["v1", "v1", "v2", "v2", "v3"],
        "split": ["test", "test", "unlabelled", "val", "train"],
        "label": [-1, -1, -1, 2, 0],
    }
)
PROBABILITIES = pd.DataFrame(
    {
        "clip": ["a", "b", "c", "d"],
        "split": ["test", "test", "unlabelled", "val"],
        "probability_0": [0.6, 0.8, 0.1, 0.0],
        "probability_1": [0.3, 0.1, 0.7, 0.0],
        "probability_2": [0.1, 0.1, 0.2, 1.0],
    }
)


def test_the_surest_clip_of_each_class():
    chosen = surest_clips(CLIPS, PROBABILITIES)
    # Class 2 is predicted for no unseen clip: the validation clip of that label stands for it.
    assert chosen["clip"].tolist() == ["b", "c", "d"]
    assert chosen["stands_for"].tolist() == [0, 1, 2]
    assert chosen["confidence"].tolist() == [0.8, 0.7, 1.0]


def test_a_miss_stands_for_its_class():
    doubted = PROBABILITIES.assign(probability_0=[0.6, 0.8, 0.1, 0.9], probability_2=[0, 0, 0, 0.1])
    chosen = surest_clips(CLIPS, doubted)
    missed = chosen[chosen["stands_for"] == 2]
    assert missed[["clip", "predicted"]].values.tolist() == [["d", 0]]


def test_validation_clips_where_nothing_else_is_there():
    chosen = surest_clips(CLIPS[CLIPS["split"].isin(["val", "train"])], PROBABILITIES)
    assert chosen["clip"].tolist() == ["d"]


def test_without_a_recogniser_the_liveliest_of_each_video():
    saliency = pd.DataFrame(
        {"clip": list("abcde"), "motion": [[0.1], [0.2, 0.3], [0.0], [0.0], [1.0]]}
    )
    assert liveliest_clips(CLIPS, saliency)["clip"].tolist() == ["b", "c", "e"]


def test_file_stem():
    assert file_stem("Buckling button / pulling collar!") == "buckling-button-pulling-collar"
    assert file_stem("../..") == "clip"
