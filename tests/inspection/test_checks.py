"""Each fault is told once, with its place; data without faults get no word."""

import numpy as np
import pandas as pd
import pytest

from microgesture.inspection.check_classes import check_classes
from microgesture.inspection.check_hands import check_hands
from microgesture.inspection.check_lengths import check_lengths
from microgesture.inspection.check_lost import check_lost
from microgesture.inspection.check_overlaps import check_overlaps, overlapping
from microgesture.inspection.check_people import check_people
from microgesture.inspection.check_pictures import check_pictures
from microgesture.inspection.check_presence import (
    check_company,
    check_presence,
    check_size,
    check_sureness,
    check_tracks,
)
from microgesture.inspection.check_rates import check_rates
from microgesture.inspection.checks import find_faults
from microgesture.inspection.findings import NOTE, SERIOUS, WARNING
from tests.inspection.materials import look, material, sound, trace


def only(findings):
    (finding,) = list(findings)
    return finding


def test_sound_data_get_no_word():
    looks = {f"v{person}": look() for person in range(12)}
    assert find_faults(material(sound(), looks=looks)) == []


def test_the_worst_come_first():
    clips = [*sound(), ("v0", "p0", 195, 195, 0, "train")]
    traces = {"v1": trace(people=2), "v2": trace(people=3), "v3": trace(jumps=np.array([4]))}
    found = find_faults(material(clips, traces))
    assert [finding.severity for finding in found] == [SERIOUS, WARNING, WARNING]
    assert len(found[1].places) == 2  # of equal severity what concerns more


# Classes.


def test_without_labels_nothing_is_asked_of_classes():
    finding = only(check_classes(material([("a", "p", 0, 9, -1, "unlabelled")])))
    assert finding.severity == NOTE and "No clip has a label" in finding.what


def test_few_clips_no_test_clips_and_one_person_alone():
    clips = sound()
    clips = [c for c in clips if not (c[4] == 2 and (c[5] == "test" or c[1] > "p0"))]
    clips = [c for c in clips if not (c[4] == 1 and c[5] == "train" and c[1] > "p1")]
    clips = [c for c in clips if c[2] != 60 or c[1] > "p1"]
    # arms: 6 train clips of p0 alone, none elsewhere; lips: 5 each of p0 and p1 in train
    found = list(check_classes(material(clips, few_clips=11)))
    by_what = {finding.what.split(":")[0]: finding for finding in found}
    assert by_what["Classes with fewer than 11 training clips will hardly be learned."].places == (
        ("lips", "10 training clips"),
        ("arms", "6 training clips"),
    )
    no_test = by_what["Classes without a clip in the split test have no score."]
    assert (no_test.severity, no_test.places) == (WARNING, (("arms", "0 test clips"),))
    assert by_what["Classes that one person alone shows in training"].places == (
        ("arms", "all 6 clips by p0"),
    )
    assert len(found) == 4  # and none in val, a note


def test_a_class_that_nobody_trains_is_serious():
    clips = [clip for clip in sound() if clip[4] != 1]
    found = [f for f in check_classes(material(clips)) if f.severity == SERIOUS]
    assert [finding.places for finding in found] == [(("lips", "0 training clips"),)]


def test_one_class_alone_and_no_splits_to_score():
    clips = [clip for clip in sound() if clip[4] == 0 and clip[5] == "train"]
    words = [finding.what for finding in check_classes(material(clips))]
    assert any("belong to one class" in what for what in words)
    assert any("split val" in what for what in words) and any("split test" in w for w in words)


def test_a_long_tail_is_noted():
    many = [("v0", "p0", n, n + 2, 0, "train") for n in range(99)]
    rare = [("v1", "p1", 0, 9, 1, "train"), ("v2", "p2", 0, 9, 2, "train")]
    found = [f for f in check_classes(material(many + rare, few_clips=1)) if "50 times" in f.what]
    assert only(found).places == (("neck", "99 training clips"), ("lips", "1 training clip"))


# People.


def test_a_person_in_two_splits_is_serious():
    clips = [*sound(), ("v12", "p0", 0, 9, 0, "test")]
    finding = only(check_people(material(clips)))
    assert (finding.severity, finding.places) == (SERIOUS, (("p0", "test and train"),))


def test_nobody_knows_who():
    clips = [("a", "", 0, 9, -1, "unlabelled"), ("b", "", 0, 9, -1, "unlabelled")]
    finding = only(check_people(material(clips)))
    assert finding.severity == NOTE
    assert finding.places == (("video a", "no subject"), ("video b", "no subject"))


def test_few_people_in_test_and_one_who_has_most():
    clips = [clip for clip in sound() if clip[1] not in ("p10", "p11")]
    clips = [clip for clip in clips if clip[5] != "train" or clip[1] == "p0" or clip[4] == 0]
    found = list(check_people(material(clips)))
    assert "rest on 1 person in test" in found[0].what
    assert len(found) == 1  # p0 has 18 of 48
    clips = [clip for clip in clips if clip[5] != "train" or clip[1] in ("p0", "p1", "p2")]
    assert list(check_people(material(clips)))[1].places == (("p0", "60 % of the training clips"),)


def test_one_person_trains():
    clips = [clip for clip in sound() if clip[5] != "train" or clip[1] == "p3"]
    assert only(check_people(material(clips))).places == (("p3", "the only one in train"),)


# Clips.


def test_single_frames_short_and_long_clips():
    spans = [(0, 24), (0, 24), (0, 24), (3, 3), (3, 4), (0, 249), (0, 250)]
    clips = [("a", "p", start, end, 0, "train") for start, end in spans]
    single, short, long = check_lengths(material(clips))
    assert (single.severity, single.places) == (SERIOUS, (("clip c3", "1 frame"),))
    assert (short.severity, short.places) == (NOTE, (("clip c4", "2 frames"),))
    # 25 frames are the median; 250 are ten times as long, 251 more
    assert (long.severity, long.places) == (WARNING, (("clip c6", "10.0 s"),))


def test_lengths_are_compared_in_seconds():
    clips = [(video, "p", 0, 24, 0, "train") for video in ("a", "a", "a", "b")]
    assert list(check_lengths(material(clips, videos={"b": {"fps": 2.0}}))) != []
    assert list(check_lengths(material(clips, videos={"b": {"fps": 2.0, "given": 25.0}}))) == []


def test_overlaps():
    clips = [
        ("a", "p", 0, 9, 0, "train"),
        ("a", "p", 1, 9, 0, "train"),  # 9 of 10 frames, the same class
        ("a", "p", 0, 9, 1, "train"),  # both with another class
        ("a", "p", 9, 30, 2, "train"),  # one frame in common with each of the three
        ("b", "p", 0, 9, 0, "train"),  # another video
        ("a", "p", 0, 9, -1, "unlabelled"),  # windows may lie over anything
    ]
    twice, against, partly = check_overlaps(material(clips))
    assert twice.places == (("clips c0 and c1", "9 frames of video a in common"),)
    assert [place for place, _ in against.places] == ["clips c0 and c2", "clips c2 and c1"]
    assert "neck and lips; 10 frames" in against.places[0][1]
    assert len(partly.places) == 3 and partly.severity == NOTE
    assert partly.places[0] == ("clips c0 and c3", "1 frame of video a in common")


def test_intersection_over_union():
    table = pd.DataFrame({"clip": ["x", "y"], "video": "a", "start": [0, 5], "end": [9, 14]})
    ((first, second, shared, union),) = overlapping(table)
    assert (first.clip, second.clip, shared, union) == ("x", "y", 5, pytest.approx(5 / 15))


# Videos.


def test_rates_that_differ():
    videos = {"a": {"given": 60.0}, "b": {"fps": 12.5}, "c": {"fps": 25.9}, "d": {"fps": 25.0}}
    wrong, mixed = check_rates(material([], videos=videos))
    assert wrong.places == (("video a", "sheet 60, file 25 frames per second"),)
    assert [place for place, _ in mixed.places] == ["12.5 Hz", "25 Hz", "25.9 Hz", "60 Hz"]
    near = {"a": {"fps": 29.97}, "b": {"fps": 30.0, "given": 30.0}}
    assert list(check_rates(material([], videos=near))) == []


def test_slow_videos_and_several_sizes():
    videos = {"a": {"fps": 7.5}, "b": {"fps": 7.5}, "c": {"fps": 7.5, "width": 320, "height": 240}}
    slow, sizes = check_rates(material([], videos=videos))
    assert slow.severity == sizes.severity == NOTE
    assert sizes.places == (("640 x 480", "2 videos (first: a)"), ("320 x 240", "1 video (c)"))


def test_nobody_there():
    gone = np.ones(200, bool)
    gone[40:140] = False
    traces = {"a": trace(present=np.zeros(200, bool)), "b": trace(present=gone), "c": trace()}
    clips = [
        ("a", "p", 0, 9, 0, "train"),
        ("b", "q", 45, 60, 0, "train"),
        ("b", "q", 39, 45, 0, "train"),
    ]
    clips += [("b", "q", 50, 60, -1, "unlabelled")]
    empty, seldom, bare, unlabelled = check_presence(material(clips, traces))
    assert (empty.severity, empty.places) == (SERIOUS, (("video a", "nobody in any frame"),))
    assert seldom.places == (("video b", "nobody in 50 % of the frames"),)
    assert (bare.severity, bare.places) == (SERIOUS, (("clip c1", "video b, frames 45 to 60"),))
    assert (unlabelled.severity, unlabelled.places[0][0]) == (WARNING, "clip c3")


def test_small_people_and_hands():
    traces = {"a": trace(person_size=0.2, hand_size=6.0), "b": trace(hand_size=float("nan"))}
    people, hands = check_size(material([], traces))
    assert people.places == (("video a", "20 % of the height"),)
    assert hands.places == (("video a", "6 pixels"),)


def test_doubtful_keypoints_company_and_jumps():
    low = np.full(200, 0.3)
    traces = {"a": trace(body=low), "b": trace(people=2), "c": trace(jumps=np.arange(10, 80, 10))}
    assert only(check_sureness(material([], traces))).places == (("video a", "mean score 0.30"),)
    assert only(check_company(material([], traces))).places == (("video b", "up to 2 people"),)
    jumping = only(check_tracks(material([], traces)))
    assert jumping.places == (("video c", "7 times: frame 10, 20, 30, 40, 50 and 2 more"),)


def test_keypoints_that_never_move_are_serious():
    finding = only(check_tracks(material([], {"a": trace(still=0.9), "b": trace(still=0.1)})))
    assert (finding.severity, finding.places[0][0]) == (SERIOUS, "video a")


def test_hands_out_of_the_picture_and_hands_not_found():
    none = np.zeros((2, 200))
    one = np.zeros((2, 200))
    one[1, :120] = 0.7
    beyond = np.zeros((2, 200), bool)
    beyond[:, :80] = True
    one_beyond = np.zeros((2, 200), bool)
    one_beyond[0] = True
    traces = {
        "a": trace(hands=none, outside=beyond),
        "b": trace(hands=one, outside=one_beyond),
        "c": trace(hands=none),
    }
    away, seldom = check_hands(material([], traces))
    assert away.places == (("video a", "in 40 %"),)
    assert seldom.places == (("video a", "in 0 %"), ("video c", "in 0 %"))


def test_keypoints_without_hands_are_noted_once():
    finding = only(check_hands(material([], {"a": trace(hands=None), "b": trace(hands=None)})))
    assert finding.severity == NOTE and "have no hands" in finding.what


def test_pictures():
    moved = np.zeros(10)
    moved[:2] = 0.05
    looks = {
        "dark": look(light=20.0, contrast=30.0),
        "bright": look(light=240.0),
        "flat": look(contrast=5.0),
        "frozen": look(same=np.ones(10, bool)),
        "shaky": look(shifts=moved),
        "good": look(),
    }
    found = list(check_pictures(material([], {name: trace() for name in looks}, looks)))
    named = {finding.places[0][0]: finding.places[0][1] for finding in found}
    assert named == {
        "video dark": "mean level 20 of 255",
        "video bright": "mean level 240 of 255",
        "video flat": "levels spread by 5 of 255",
        "video frozen": "100 % of 10 frames looked at",
        "video shaky": "20 % of 10 frames looked at, by 5 % of the width",
    }
    assert {finding.severity for finding in found} == {WARNING}


def test_an_empty_room_may_stand_still():
    looks = {"a": look(same=np.ones(10, bool))}
    assert (
        list(check_pictures(material([], {"a": trace(present=np.zeros(200, bool))}, looks))) == []
    )


def test_what_cannot_be_read():
    lost = pd.DataFrame({"clip": ["x", "y"], "video": "bad", "split": "train", "problem": "cut"})
    finding = only(check_lost(material([], unread={"bad": "bad.mp4: cut off"}, lost=lost)))
    assert finding.places == (("video bad", "2 clips lost: bad.mp4: cut off"),)
