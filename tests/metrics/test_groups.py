import numpy as np

from microgesture.metrics.groups import groups_of, kind_of_groups


def test_groups_are_subjects_or_else_videos():
    groups = groups_of(np.array(["p1", "", None, float("nan")], dtype=object), ["a", "b", "c", "d"])
    assert groups.tolist() == ["subject p1", "video b", "video c", "video d"]


def test_the_kind_is_kept():
    assert kind_of_groups(["subject a", "subject b"]) == "subject"
    assert kind_of_groups(["video a", "video subject"]) == "video"
    assert kind_of_groups(["subject a", "video b"]) == "subject and video"
