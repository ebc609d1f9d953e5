"""One name a person; empty cells that are empty."""

import pandas as pd
import pytest

from microgesture.tables.checks_names import (
    check_subject_names,
    check_written_empty,
    subject_key,
)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("7", "7.0"),
        ("Anna", "anna"),
        ("07", "7"),
        ("S01", "s1"),
        ("Anna  B", "anna_b"),
        ("Zoe\u0308", "Zo\u00eb"),  # two dots as a character of their own
        ("Straße", "STRASSE"),
        ("anna\u200b", "anna"),  # a space of no width
    ],
)
def test_two_spellings_of_one_person(one, two):
    assert subject_key(one) == subject_key(two)
    videos = pd.DataFrame({"video": ["v1", "v2", "v3"], "subject": [one, "ben", two]})
    videos.index = [2, 4, 9]
    (problem,) = check_subject_names({"videos": videos}, {"videos": "videos.tsv"})
    assert str(problem).startswith(
        f"videos.tsv, line 9, column subject: {two!r} is {one!r} of line 2 in another spelling"
    )


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("7", "70"),
        ("1.1", "1.10"),
        ("s1", "s10"),
        ("anna1", "anna2"),
        ("1.05", "1.5"),
        ("0", "00a"),
    ],
)
def test_two_people(one, two):
    assert subject_key(one) != subject_key(two)


def test_videos_that_stand_for_themselves_are_not_asked():
    videos = pd.DataFrame({"video": ["a1", "A1", "07", "7"], "subject": ["a1", "A1", "07", ""]})
    assert not check_subject_names({"videos": videos}, {"videos": "videos.tsv"})


@pytest.mark.parametrize("word", ["NA", "nan", "None", "#N/A"])
def test_words_for_nothing(word):
    videos = pd.DataFrame({"subject": ["anna", word], "name": word}, index=[2, 3])
    for column in ("path", "batch", "fps", "keypoints", "keypoints_2d"):
        videos[column] = ""
    (problem,) = check_written_empty("videos", videos, "videos.tsv")
    assert f"line 3, column subject: {word!r} is a word for an empty cell" in str(problem)
    labels = pd.DataFrame({"label": ["0"], "name": ["None"]})  # a class may be called so
    assert not check_written_empty("labels", labels, "labels.tsv")
