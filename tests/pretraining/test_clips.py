"""Who may be seen, worked out by hand."""

import pandas as pd
import pytest

from microgesture.pretraining.clips import (
    check_choice,
    chosen_clips,
    people_among,
    scored_people,
    splits_of,
)
from microgesture.provenance.errors import BadInput

ROWS = [
    ("ann_1", "v1", "ann", "train"),
    ("ann_2", "v1", "ann", "unlabelled"),
    ("bob_1", "v2", "bob", "val"),
    ("bob_2", "v2", "bob", "unlabelled"),  # a window over a video of val
    ("cay_1", "v3", "cay", "test"),
    ("cay_2", "v3", "cay", "unlabelled"),
    ("dan_1", "v4", "dan", "test"),
    ("eve_1", "v5", "eve", "unlabelled"),
    ("v6_1", "v6", "", "unlabelled"),  # nobody is known
]


def table():
    clips = pd.DataFrame(ROWS, columns=["clip", "video", "subject", "split"])
    return clips.assign(label=[0 if split in ("train", "val") else -1 for split in clips["split"]])


def chosen(choice, mode="transductive"):
    clips = table()
    return clips["clip"][chosen_clips(clips, choice, mode)].tolist()


def test_choices():
    assert chosen("labelled") == ["ann_1"]
    assert chosen("unlabelled") == ["ann_1", "ann_2", "eve_1", "v6_1"]
    assert chosen("all") == [name for name, *_ in ROWS if not name.startswith("bob")]


def test_clips_of_train_that_lost_their_label_are_unlabelled():
    """As in curves over the number of labels: there they stay in train, with label -1."""
    clips = table()
    fewer = clips.assign(label=clips["label"].where(clips["clip"] != "ann_1", -1))
    assert not chosen_clips(fewer, "labelled", "transductive").any()
    for choice in ("unlabelled", "all"):
        found = chosen_clips(fewer, choice, "transductive")
        assert (found == chosen_clips(clips, choice, "transductive")).all()


def test_all_leaves_out_the_held_half_in_inductive_mode():
    found = chosen("all", "inductive")
    assert ("cay_1" in found) != ("dan_1" in found)  # one of two is only scored
    assert ("cay_1" in found) == ("cay_2" in found)
    assert {"ann_1", "ann_2", "eve_1", "v6_1"} <= set(found)


def test_scored_people_make_it_transductive():
    clips = table()
    for choice in ("labelled", "unlabelled"):
        assert (
            scored_people(clips, chosen_clips(clips, choice, "transductive"), "transductive") == []
        )
    both = chosen_clips(clips, "all", "transductive")
    assert scored_people(clips, both, "transductive") == ["subject cay", "subject dan"]
    assert people_among(clips, both) == [
        "subject ann", "subject cay", "subject dan", "subject eve", "video v6",
    ]  # fmt: skip
    # A window over a scored person's video is enough: clips of the split test need not be chosen.
    window = (clips["clip"] == "cay_2").to_numpy()
    assert scored_people(clips, window, "transductive") == ["subject cay"]
    assert scored_people(clips, chosen_clips(clips, "all", "inductive"), "inductive") == []


def test_a_sheet_names_its_clips(tmp_path):
    sheet = tmp_path / "some.tsv"
    sheet.write_text("clip\tremark\neve_1\tlong\ncay_1\t\n", encoding="utf-8")
    assert chosen(str(sheet)) == ["cay_1", "eve_1"]
    assert splits_of(str(sheet)) == splits_of("all") == ("train", "test", "unlabelled")
    sheet.write_text("clip\neve_1\nbob_2\n", encoding="utf-8")
    assert chosen(str(sheet)) == ["eve_1"]  # people in val are never seen, where they rotate too
    with pytest.raises(BadInput, match=r"1 clip\(s\) are of people in val, such as 'bob_2'"):
        check_choice(table(), str(sheet), "transductive")
    check_choice(table(), str(sheet), "transductive", rotates=True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("clip\neve_1\neve_9\n", r"line 3, column clip: 'eve_9' is no clip; did you mean 'eve_1'"),
        ("name\neve_1\n", "column clip: is missing; write a header"),
        ("", "is empty"),
    ],
)
def test_a_sheet_that_cannot_be_used_is_told(tmp_path, text, message):
    sheet = tmp_path / "some.tsv"
    sheet.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=message):
        check_choice(table(), str(sheet), "transductive")


def test_nothing_to_see_is_told():
    clips = table()
    clips = clips[clips["split"] == "test"]
    with pytest.raises(BadInput, match="no clip may be seen with clips: labelled"):
        check_choice(clips, "labelled", "transductive")
