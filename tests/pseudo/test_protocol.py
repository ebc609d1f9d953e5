import pandas as pd
import pytest

from microgesture.provenance.errors import BadInput
from microgesture.pseudo.protocol import (
    adaptation_clips,
    held_groups,
    scored_clips,
)


def index(subjects=("p1", "p2", "p3", "p4", "p5")):
    rows = [
        {"clip": f"{subject}_{k}", "video": f"v_{subject}", "subject": subject, "split": "test"}
        for subject in subjects
        for k in range(3)
    ]
    rows.append({"clip": "train_0", "video": "v0", "subject": "p0", "split": "train"})
    rows.append({"clip": "val_0", "video": "v9", "subject": "p9", "split": "val"})
    rows.append({"clip": "free_0", "video": "v8", "subject": "p8", "split": "unlabelled"})
    return pd.DataFrame(rows)


def test_transductive_adapts_on_what_is_scored():
    clips = index()
    assert scored_clips(clips, "transductive") == {
        f"p{n}_{k}" for n in range(1, 6) for k in range(3)
    }
    assert adaptation_clips(clips, "transductive") == scored_clips(clips, "transductive") | {
        "free_0"
    }


def test_inductive_never_scores_a_person_it_adapted_on():
    clips = index()
    adapted, scored = adaptation_clips(clips, "inductive"), scored_clips(clips, "inductive")
    assert not adapted & scored
    assert adapted | scored == adaptation_clips(clips, "transductive")
    subject = clips.set_index("clip")["subject"]
    assert not set(subject[list(adapted)]) & set(subject[list(scored)])
    assert subject[list(scored)].nunique() == 3  # of five; two adapt
    assert "free_0" in adapted
    assert "train_0" not in adapted | scored


def test_unlabelled_clips_of_a_held_person_are_not_adapted_on():
    clips = index()
    held = sorted(held_groups(clips))[0].removeprefix("subject ")
    row = {"clip": "more", "video": "v7", "subject": held, "split": "unlabelled"}
    clips = pd.concat([clips, pd.DataFrame([row])], ignore_index=True)
    assert "more" not in adaptation_clips(clips, "inductive")


@pytest.mark.parametrize("mode", ["transductive", "inductive"])
def test_windows_over_training_and_validation_videos_are_no_targets(mode):
    # The case: unlabelled windows over the validation videos were 33 of 92 pseudo-labels.
    clips = index()
    windows = [
        {"clip": f"w_{n}", "video": video, "subject": subject, "split": "unlabelled"}
        for n, (video, subject) in enumerate(
            [("v9", "p9"), ("v9_other", "p9"), ("v0", "p0"), ("v7", ""), ("v8", "p8")]
        )
    ]
    known = pd.concat([clips, pd.DataFrame(windows)], ignore_index=True)
    allowed = adaptation_clips(known, mode)
    # Other videos of the validation person neither; a video of nobody known, and p8's, may be.
    assert {c for c in allowed if c.startswith("w_")} == {"w_3", "w_4"}
    # Where nobody is known the video stands for the person.
    unknown = known.assign(subject="")
    allowed = adaptation_clips(unknown, mode)
    assert {"w_1", "w_3", "w_4"} <= allowed and not {"w_0", "w_2"} & allowed


def test_windows_over_test_videos_are_targets():
    window = {"clip": "w", "video": "v_p1", "subject": "p1", "split": "unlabelled"}
    clips = pd.concat([index(), pd.DataFrame([window])], ignore_index=True)
    assert "w" in adaptation_clips(clips, "transductive")
    assert ("w" in adaptation_clips(clips, "inductive")) == ("subject p1" not in held_groups(clips))


def test_halves_do_not_depend_on_the_order_of_rows():
    clips = index()
    assert held_groups(clips) == held_groups(clips.sample(frac=1, random_state=1))


def test_videos_stand_in_for_unknown_subjects():
    clips = index().assign(subject="")
    assert all(group.startswith("video ") for group in held_groups(clips))
    assert len(held_groups(clips)) == 3


def test_bad_modes():
    with pytest.raises(BadInput, match="'both' is unknown; write transductive or inductive"):
        adaptation_clips(index(), "both")
    with pytest.raises(BadInput, match="at least two test subjects"):
        scored_clips(index(("p1",)), "inductive")
