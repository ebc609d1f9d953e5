"""The parts of an ELAN file."""

import pytest

from microgesture.importers.elan_document import read_document
from microgesture.provenance.errors import BadInput
from tests.importers.annotated_files import EAF


def read(tmp_path, text=EAF):
    (tmp_path / "talk.eaf").write_text(text, encoding="utf-8")
    return read_document(tmp_path / "talk.eaf")


def test_parts(tmp_path):
    document = read(tmp_path)
    assert not document.problems and not document.notes
    (medium,) = document.media
    assert (medium.relative, medium.mime, medium.origin) == ("./talk.mp4", "video/mp4", 0.0)
    assert document.slots == {"ts1": 0.2, "ts2": 0.4, "ts3": 0.41, "ts4": 0.9}
    gesture, confidence = document.tiers.values()
    assert (gesture.base, gesture.participant, gesture.constraint) == ("gesture", "anna", "")
    assert [(a.id, a.value, a.slots, a.entry) for a in gesture.annotations] == [
        ("a1", "scratch", ("ts1", "ts2"), "c0"),
        ("a2", "fold", ("ts3", "ts4"), ""),
    ]
    assert gesture.vocabulary.entries["c0"] == {
        "eng": ("scratch", "at the neck"),
        "nld": ("krab", ""),
    }
    assert (confidence.constraint, confidence.annotations[0].parent) == (
        "Symbolic_Association",
        "a2",
    )
    assert gesture.alignable and not confidence.alignable


def test_slots_without_a_time(tmp_path):
    document = read(tmp_path, EAF.replace(' TIME_VALUE="410"', "").replace('"900"', '""'))
    assert document.slots["ts3"] is None and document.slots["ts4"] is None


def test_another_file(tmp_path):
    with pytest.raises(BadInput, match=r"settings \(.pfsx\)"):
        read(tmp_path, "<preferences/>")


def test_a_vocabulary_that_is_not_in_the_ecv(tmp_path):
    start, stop = EAF.index("  <CV_ENTRY_ML"), EAF.index(" </CONTROLLED_VOCABULARY>")
    reference = (
        '<EXTERNAL_REF EXT_REF_ID="er1" TYPE="ecv" VALUE="words.ecv"/></ANNOTATION_DOCUMENT>'
    )
    text = EAF[:start] + EAF[stop:].replace("</ANNOTATION_DOCUMENT>", reference)
    (tmp_path / "words.ecv").write_text("<CV_RESOURCE/>")
    document = read(tmp_path, text.replace('CV_ID="hands"', 'CV_ID="hands" EXT_REF="er1"'))
    assert "'hands' is no vocabulary of" in str(document.problems[0])
