import numpy as np

from microgesture.metrics.groups import groups_of


def test_groups_are_subjects_or_else_videos():
    groups = groups_of(np.array(["p1", "", None, float("nan")], dtype=object), ["a", "b", "c", "d"])
    assert groups.tolist() == ["subject p1", "video b", "video c", "video d"]
