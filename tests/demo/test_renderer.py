import numpy as np
import pytest

from microgesture.demo.anatomy import HANDS, HIPS, SHOULDERS, WRISTS
from microgesture.demo.render import prepare_video

NAMES = ("s02", "s13", "s14")


@pytest.fixture(scope="module")
def prepared():
    return {name: prepare_video(name, {"noise": 0.0}) for name in NAMES}


def test_the_same_settings_draw_the_same_pixels():
    first = [prepare_video("s03", {})[2].draw(frame) for frame in (0, 40)]
    second = [prepare_video("s03", {})[2].draw(frame) for frame in (0, 40)]
    np.testing.assert_array_equal(first, second)
    other = prepare_video("s03", {"seed": 1})[2].draw(0)
    assert (first[0] != other).mean() > 0.5


def test_truth_has_the_contract_of_the_sequence_store(prepared):
    for plan, _, renderer in prepared.values():
        truth = renderer.truth()
        points = truth.points
        assert points.shape == (plan.frames, 133, 3)
        assert points.dtype == np.float32
        assert set(np.unique(points[..., 2])) <= {0.0, 1.0}
        assert (points[points[..., 2] == 0] == 0).all()
        seen = points[points[..., 2] > 0]
        assert (seen[:, :2] >= 0).all()
        assert (seen[:, 0] <= 319).all()
        assert (seen[:, 1] <= 239).all()
        assert (points[:, 13:23, 2] == 0).all()  # knees, ankles, feet
        assert truth.present.all()
        low, high = truth.boxes[:, :2], truth.boxes[:, 2:]
        for joint in (*SHOULDERS, *WRISTS):
            here = points[:, joint]
            inside = (here[:, :2] >= low - 1).all(-1) & (here[:, :2] <= high + 1).all(-1)
            assert inside[here[:, 2] > 0].all()


def test_left_and_right_are_the_persons_own(prepared):
    for _, _, renderer in prepared.values():
        points = renderer.truth().points
        assert (points[:, SHOULDERS[1], 0] > points[:, SHOULDERS[0], 0]).all()
        assert (points[:, 23 + 45, 0] > points[:, 23 + 36, 0]).all()
        for side in (0, 1):  # the wrist is the hand's root
            np.testing.assert_array_equal(points[:, WRISTS[side]], points[:, HANDS[side]][:, 0])


def test_palms_are_where_the_truth_says(prepared):
    """The pixel at the middle of a palm has the colour of lit skin; its mirror image has not."""
    hit = mirrored = total = 0
    for plan, subject, renderer in prepared.values():
        points = renderer.truth().points
        skin = np.array(subject.look.skin)
        for gesture in plan.gestures[::3]:
            frame = (gesture.start + gesture.end) // 2
            picture = renderer.draw(frame).astype(float)
            lit = picture / (renderer.view.light * renderer.view.exposure[frame])
            for side in (0, 1):
                palm = points[frame, HANDS[side]][[0, 5, 9, 13, 17]]
                if palm[:, 2].min() == 0:
                    continue
                x, y = np.rint(palm[:, :2].mean(0)).astype(int)
                ratio = lit[y, x] / skin
                wrong = lit[y, 319 - x] / skin
                hit += bool(
                    (np.abs(ratio - ratio.mean()) < 0.08).all() and 0.6 < ratio.mean() < 1.2
                )
                mirrored += bool((np.abs(wrong - 1) < 0.08).all())
                total += 1
    assert total > 25
    assert hit / total > 0.85
    assert mirrored / total < 0.4


def test_a_person_who_leaves_is_marked_absent():
    plan, _, renderer = next(p for p in map(prepare_with_absence, ("s04", "s19")) if p)
    truth = renderer.truth()
    start, end = plan.absence
    gone = np.flatnonzero(~truth.present)
    assert len(gone) >= 0.7 * plan.fps
    assert gone.min() > start
    assert gone.max() < end
    assert (truth.points[gone] == 0).all()
    assert (truth.boxes[gone] == 0).all()
    for gesture in plan.gestures:
        assert truth.present[gesture.start : gesture.end + 1].all()
    # without the person the picture does not change but for noise and light
    first, second = (renderer.draw(f).astype(float).mean() for f in (gone[3], gone[-4]))
    assert abs(first - second) < 12


def prepare_with_absence(video):
    prepared = prepare_video(video, {})
    return prepared if prepared[0].absence else None


def test_hands_below_the_table_are_hidden():
    hidden = 0
    for video in [f"s{number:02d}" for number in range(1, 9)]:
        _, subject, renderer = prepare_video(video, {})
        points = renderer.truth().points
        if subject.room.table and subject.manner.rests[0] == "lap":
            away = points[:, WRISTS[0], 2] == 0
            assert away.any()
            assert (points[away][:, HANDS[0], 2] == 0).all()
            hidden += 1
        else:
            assert (points[:, [*SHOULDERS, *HIPS], 2] > 0).mean() > 0.6
    assert hidden


def test_other_sizes_scale_the_truth():
    _, _, small = prepare_video("s05", {"width": 160, "height": 120})
    _, _, large = prepare_video("s05", {"width": 320, "height": 240})
    assert small.draw(3).shape == (120, 160, 3)
    a, b = small.truth().points[:50, :5, :2], large.truth().points[:50, :5, :2]
    np.testing.assert_allclose(a * 2 + 0.5, b, atol=0.01)
