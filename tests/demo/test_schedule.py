import numpy as np
import pytest

from microgesture.demo.schedule import (
    FEWEST,
    GESTURES_PER_VIDEO,
    LABELS,
    SPLITS,
    class_counts,
    plan_videos,
)

PLANS = plan_videos()


def labels_of(split):
    return [g.label for plan in PLANS if plan.split == split for g in plan.gestures]


def test_subjects_and_splits():
    wanted = ["train"] * 12 + ["val"] * 4 + ["test"] * 8 + ["new"] * 2
    assert [plan.split for plan in PLANS] == wanted
    assert len({plan.subject for plan in PLANS}) == 26
    assert PLANS[0].video == "s01"
    assert PLANS[-1].video == "s26"


def test_ten_classes_with_a_long_tail():
    assert len(LABELS) == 10
    counts = np.zeros(10, int)
    for split, subjects in SPLITS.items():
        here = np.bincount(labels_of(split), minlength=10)
        assert here.sum() == subjects * GESTURES_PER_VIDEO
        assert here.min() >= FEWEST[split]
        counts += here
    shares = np.sort(counts / counts.sum())
    assert 0.24 <= shares[-1] <= 0.29
    assert 0.02 <= shares[0] <= 0.035
    assert shares[-1] / shares[0] > 8


def test_class_counts_by_hand():
    # no tail: 30 clips over 10 classes are 3 each
    assert class_counts(30, 1, 0.0).tolist() == [3] * 10
    # the last of ten ranks has a tenth of the first's share with tail 1
    counts = class_counts(100_000, 1, 1.0)
    assert counts.max() / counts.min() == pytest.approx(10, rel=1e-2)
    assert counts.argmax() == 9
    assert class_counts(40, 4, 3.0).tolist() == [4] * 10


@pytest.mark.parametrize("fps", [15.0, 30.0])
def test_gestures_lie_in_order_inside_the_video(fps):
    for plan in plan_videos(fps=fps):
        assert 40 <= plan.frames / fps <= 66
        previous = -1
        for gesture in plan.gestures:
            assert gesture.start - previous > 0.25 * fps  # idle before
            assert 1.0 * fps <= gesture.end - gesture.start + 1 <= 2.6 * fps + 1
            previous = gesture.end
        assert previous < plan.frames - 0.2 * fps


def test_absences_touch_no_gesture():
    with_absence = [plan for plan in PLANS if plan.absence]
    assert len(with_absence) == 2
    for plan in with_absence:
        start, end = plan.absence
        assert all(g.end < start or g.start > end for g in plan.gestures)


def test_the_seed_moves_gestures_but_not_counts():
    other = plan_videos(schedule_seed=5)
    assert other != PLANS
    for split in SPLITS:
        labels = [g.label for plan in other if plan.split == split for g in plan.gestures]
        assert sorted(labels) == sorted(labels_of(split))
    assert plan_videos() == PLANS
