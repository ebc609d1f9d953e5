import numpy as np
import pandas as pd
import pytest

from microgesture.configuration.label_shares import labels_kept, with_fewer_labels

# Four people with ten clips of class 0 and three of class 1 each, and others whose labels stay.
ROWS = [
    (f"{person}{label}{number}", f"v{person}", person, "train", label)
    for person in "abcd"
    for label, clips in ((0, 10), (1, 3))
    for number in range(clips)
]
OTHERS = [("x", "ve", "e", "val", 0), ("y", "vf", "f", "test", 1), ("z", "va", "a", "train", -1)]
CLIPS = pd.DataFrame(ROWS + OTHERS, columns=["clip", "video", "subject", "split", "label"])


def kept(share, seed=0, clips=CLIPS):
    return clips[labels_kept(clips, share, seed)]


@pytest.mark.parametrize("seed", [0, 1])
def test_shares_are_nested_and_of_every_class(seed):
    before = set()
    # 40 and 12 clips: 5 % are 2 and 0.6, 10 % 4 and 1.2, 25 % 10 and 3, 50 % 20 and 6.
    for share, expected in ((1, [1, 1]), (5, [2, 1]), (10, [4, 1]), (25, [10, 3]), (50, [20, 6]),
                            (100, [40, 12])):  # fmt: skip
        found = kept(share, seed)
        assert np.bincount(found["label"]).tolist() == expected
        assert before <= set(found["clip"])
        before = set(found["clip"])


def test_a_small_share_is_spread_over_people():
    few = kept(10)
    assert sorted(few.loc[few["label"] == 0, "subject"]) == list("abcd")
    more = kept(25)
    counts = more.loc[more["label"] == 0, "subject"].value_counts()
    assert sorted(counts) == [2, 2, 3, 3]
    unknown = CLIPS.assign(subject="")  # then by video
    assert set(kept(10, clips=unknown)["video"]) == {"va", "vb", "vc", "vd"}


def test_other_seeds_draw_other_clips_and_the_order_of_rows_does_not_matter():
    assert set(kept(25)["clip"]) != set(kept(25, seed=1)["clip"])
    mixed = CLIPS.sample(frac=1, random_state=5)
    assert set(kept(25, clips=mixed)["clip"]) == set(kept(25)["clip"])


def test_the_rest_stays_in_training_without_its_label():
    found = with_fewer_labels(CLIPS, 25, 0)
    assert found["split"].tolist() == CLIPS["split"].tolist()
    lost = (found["label"] == -1) & (CLIPS["label"] >= 0)
    assert lost.sum() == 52 - 13 and (found["split"][lost] == "train").all()
    same = ~lost
    assert found["label"][same].tolist() == CLIPS["label"][same].tolist()
    assert found.loc[found["clip"] == "x", "label"].item() == 0
