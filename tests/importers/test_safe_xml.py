"""XML that a stranger wrote."""

import pytest

from microgesture.importers.safe_xml import read_xml
from microgesture.provenance.errors import BadInput


def write(tmp_path, text):
    path = tmp_path / "x.eaf"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_lines_and_encodings(tmp_path):
    root, lines = read_xml(write(tmp_path, "<a>\n <b/>\n <b>ü</b></a>"))
    assert [lines[child] for child in root] == [2, 3] and root[1].text == "ü"
    wide = '<?xml version="1.0" encoding="UTF-16"?><a>ü</a>'.encode("utf-16")
    assert read_xml(write(tmp_path, wide))[0].text == "ü"


LAUGHS = "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)
)  # 10^9 words, were it expanded


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f'<!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]><a>&l9;</a>', "declares a document type"),
        (
            '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>',
            "declares a document",
        ),
        ('<!DOCTYPE a SYSTEM "http://example.org/a.dtd"><a/>', "line 1: declares a document type"),
        (
            '<!DOCTYPE a [<!ENTITY % p SYSTEM "file:///etc/hostname"> %p;]><a/>',
            "declares a document",
        ),
        ("<a>&undeclared;</a>", "undefined entity"),
        ("<a><b></a>", "is no whole XML file .*line 1"),
        ("", "the file is empty"),
        ("hello", "is no whole XML"),
        (b"<a>\xff\xfe</a>", "is no whole XML"),
        ('<?xml version="1.0" encoding="windows-99"?><a/>', "is no whole XML"),
    ],
)
def test_refusals(tmp_path, text, message):
    with pytest.raises(BadInput, match=message):
        read_xml(write(tmp_path, text))


def test_no_file(tmp_path):
    with pytest.raises(BadInput, match="cannot be read"):
        read_xml(tmp_path / "x.eaf")
