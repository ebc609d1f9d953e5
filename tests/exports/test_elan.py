"""ELAN files as we write them: ELAN's rules, another library's reader, our own."""

from pathlib import Path

import numpy as np
import pytest
from pympi.Elan import Eaf

from microgesture.exports.elan import write_elan
from microgesture.exports.segments import Export, Segment, Video
from microgesture.importers.elan import read_elan
from microgesture.videos.time_stamps import seconds_to_frames
from tests.exports.eaf_rules import broken_rules

TIMES = np.cumsum(np.random.default_rng(5).uniform(0.02, 0.06, 500))  # a variable frame rate
CLASSES = {
    "fold <arms> & \"lean\"": {"description": "both", "group": "arm"},
    "nod": {"description": "", "group": "head"},
}  # fmt: skip
FOLD = next(iter(CLASSES))


def export(*segments, people=("anna", "Jörg")):
    video = Video(Path("/videos/my talk.mp4"), ("talk_a", "talk_j"), people, TIMES)
    return Export(list(segments), [video], CLASSES)


SEGMENTS = (
    Segment("talk_a", "anna", 0, 10, FOLD, 0.9127, "nod"),
    Segment("talk_a", "anna", 11, 11, "nod", 0.5, "", "unsure\x07 <?>"),
    Segment("talk_a", "anna", 8, 30, "nod", 0.25, FOLD),  # overlaps both
    Segment("talk_j", "Jörg", 490, 499, FOLD),
    Segment("talk_j", "Jörg", 100, 100, "nod", point=True),
)


@pytest.fixture
def written(tmp_path):
    (path,) = write_elan(export(*SEGMENTS), tmp_path / "elan")
    return path


def test_the_rules_of_elan(written):
    assert written.name == "my talk.eaf"
    assert broken_rules(written) == []


def test_the_rules_find_faults(written):
    text = written.read_text(encoding="utf-8")
    for old, new, found in (
        ('TIME_SLOT_REF1="ts1"', 'TIME_SLOT_REF1="ts9999"', "slots of"),
        ('ANNOTATION_ID="a2"', 'ANNOTATION_ID="a1"', "ids are unique"),
        ('LINGUISTIC_TYPE_REF="gesture"', 'LINGUISTIC_TYPE_REF="gestures"', "type of tier"),
        ('CONSTRAINTS="Symbolic_Association"', 'CONSTRAINTS="Symbolic"', "constraint Symbolic"),
        ('CVE_REF="cveid1"', 'CVE_REF="cveid0"', "nod is not cveid0"),
        ('CONTROLLED_VOCABULARY_REF="gestures"', 'CONTROLLED_VOCABULARY_REF="x"', "vocabulary x"),
        ('LANG_ID="und"', 'LANG_ID="eng"', "a language that is not defined"),
        ('TIME_VALUE="', 'TIME_VALUE="9', "TIME_SLOTs in order"),
        ('PARENT_REF="gesture@anna"', 'PARENT_REF="gesture@ann"', "parent of tier"),
    ):
        assert old in text
        written.write_text(text.replace(old, new, 1), encoding="utf-8")
        try:
            assert any(found in rule for rule in broken_rules(written)), (
                found,
                broken_rules(written),
            )
        except AttributeError:  # a tier without a type stops the check
            assert found == "type of tier"


def test_another_library_reads_it(written):
    eaf = Eaf(str(written))
    assert set(eaf.get_tier_names()) >= {
        "gesture@anna",
        "gesture-2@anna",
        "gesture@Jörg",
        "confidence@anna",
    }
    assert eaf.get_parameters_for_tier("gesture@Jörg")["PARTICIPANT"] == "Jörg"
    assert eaf.get_parameters_for_tier("confidence@anna")["PARENT_REF"] == "gesture@anna"
    found = sorted(eaf.get_annotation_data_for_tier("gesture@Jörg"))
    ends = [
        round(1000 * t) for t in (TIMES[100], TIMES[490], TIMES[499] + np.median(np.diff(TIMES)))
    ]
    assert [a[0] for a in found] == ends[:2] and found[1][1] == ends[2]
    assert [a[2] for a in found] == ["nod", FOLD]
    confidences = {a[2] for a in eaf.get_ref_annotation_data_for_tier("confidence@anna")}
    assert "0.9127" in confidences
    assert list(eaf.get_controlled_vocabulary_names()) == ["gestures"]
    words = [values[0][0] for values, _ in eaf.get_cv_entries("gestures").values()]
    assert words == list(CLASSES)
    (medium,) = eaf.get_linked_files()
    assert medium["MEDIA_URL"] == "file:///videos/my talk.mp4"
    assert medium["RELATIVE_MEDIA_URL"].startswith("..")


def test_export_import_the_same_segments(written):
    table = read_elan(written)
    assert not table.problems
    found = []
    for a in table.annotations:
        first, last = seconds_to_frames(TIMES, a.start, a.end)
        found.append((a.subject, int(first), int(last), a.name, a.confidence, a.second, a.comment))
    wanted = [
        (s.subject, s.start, s.end, s.name, s.confidence, s.second, s.comment.replace("\x07", " "))
        for s in SEGMENTS
    ]
    assert sorted(found, key=str) == sorted(wanted, key=str)
    assert table.facts[FOLD]["description"] == "both"


@pytest.mark.parametrize("seed", range(5))
def test_many_random_segments(tmp_path, seed):
    generator = np.random.default_rng(seed)
    starts = generator.integers(0, 500, 200)
    ends = np.minimum(starts + generator.integers(0, 40, 200), 499)
    people = generator.choice(["anna", "Jörg"], 200)
    segments = [
        Segment("talk_a", str(who), int(a), int(b), str(name), float(np.round(c, 4)))
        for a, b, who, name, c in zip(
            starts, ends, people, generator.choice(list(CLASSES), 200), generator.uniform(size=200)
        )
    ]
    (path,) = write_elan(export(*segments), tmp_path)
    assert broken_rules(path) == []
    found = sorted(
        (a.subject, *map(int, seconds_to_frames(TIMES, a.start, a.end)), a.name, a.confidence)
        for a in read_elan(path).annotations
    )
    assert found == sorted((s.subject, s.start, s.end, s.name, s.confidence) for s in segments)


def test_nobody_did_anything(tmp_path):
    (path,) = write_elan(export(), tmp_path)
    assert broken_rules(path) == []
    assert {"gesture@anna", "gesture@Jörg"} <= set(Eaf(str(path)).get_tier_names())
