"""The page without a browser: what stands in the file."""

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from microgesture.provenance.errors import BadInput
from microgesture.review.page import PARTS, SCRIPTS, ReviewVideo, page_parts, write_page

LABELS = pd.DataFrame({"label": [1, 0], "name": ["nod", "</script><b>"], "group": ["", "head"]})
SEGMENTS = pd.DataFrame(
    {"start": [5, 0], "end": [7, 2], "label": [1, 0], "confidence": [0.5, None]}
)


def video(**changes):
    facts = {
        "name": "talk",
        "media": "clips/my%20talk.mp4",
        "times": np.arange(10) / 10,
        "width": 64,
        "height": 48,
        "subject": "<ann>",
        "points": np.ones((10, 3, 3)),
        "edges": [(1, 0), (2, 1)],
        "segments": SEGMENTS,
    }
    return ReviewVideo(**(facts | changes))


def data_of(path):
    text = path.read_text(encoding="utf-8")
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)[1])  # fmt: skip


def test_the_file_stands_on_its_own(tmp_path):
    path = write_page(tmp_path / "new" / "review.html", [video()], LABELS, title="A <b> & c")
    text = path.read_text(encoding="utf-8")
    assert "<title>A &lt;b&gt; &amp; c</title>" in text
    assert not re.search(r"<!--[A-Z]+-->", text)
    # Nothing is fetched: no address of another file but the video's, which stands in the data.
    head = text.split('<script type="application/json"')[0]
    assert not re.search(r"(src|href)=[\"'](?!#)", head)
    assert "@import" not in text
    assert "url(" not in text
    assert "fetch(" not in text
    assert "XMLHttpRequest" not in text
    # Names that look like tags close nothing: three scripts besides the points, each closed once.
    assert text.count("</script>") == 3
    assert data_of(path)["labels"][0]["name"] == "</script><b>"


def test_all_parts_are_in_it():
    assert {path.name for path in PARTS.iterdir()} == {path.name for path in page_parts()}
    assert len(set(SCRIPTS)) == len(SCRIPTS)


def test_the_data(tmp_path):
    data = data_of(write_page(tmp_path / "r.html", [video()], LABELS, title="t"))
    assert [label["label"] for label in data["labels"]] == [0, 1]
    assert len({label["colour"] for label in data["labels"]}) == 2
    assert data["segments"] == [[0, 0, 2, 0, None, None, None, False], [0, 5, 7, 1, 0.5, None, None, False]]  # fmt: skip
    told = data["videos"][0]
    assert (told["frames"], told["joints"], told["kept"], told["stride"]) == (10, 3, 10, 1)
    assert told["source"] == told["media"]


def test_the_same_data_give_the_same_bytes(tmp_path):
    first = write_page(tmp_path / "a.html", [video()], LABELS, title="t").read_bytes()
    assert write_page(tmp_path / "b.html", [video()], LABELS, title="t").read_bytes() == first


def test_work_belongs_to_segments_not_to_places(tmp_path):
    def digest(one, labels=LABELS, title="t"):
        return data_of(write_page(tmp_path / "r.html", [one], labels, title=title))["digest"]

    first = digest(video())
    assert digest(video(media="elsewhere.mp4", points=np.zeros((10, 3, 3))), title="u") == first
    assert digest(video(segments=SEGMENTS.assign(end=[8, 2]))) != first
    assert digest(video(times=np.arange(10) / 11)) != first
    assert digest(video(), LABELS.assign(name=["shake", "b"])) != first


def test_huge_skeletons_are_thinned(tmp_path):
    big = video(times=np.arange(1000) / 10, points=np.ones((1000, 10, 3)))
    path = write_page(tmp_path / "r.html", [big], LABELS, title="t", point_bytes=20_000)
    told = data_of(path)["videos"][0]
    assert (told["stride"], told["kept"]) == (3, 334)
    assert len(path.read_text()) < 20_000 * 1.4 + sum(p.stat().st_size for p in page_parts()) + 15_000  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"segments": SEGMENTS.assign(end=[10, 2])},
            "frames 5 to 10; write 0 <= start <= end <= 9",
        ),
        ({"segments": SEGMENTS.assign(end=[4, 2])}, "frames 5 to 4"),
        ({"segments": SEGMENTS.assign(label=[2, 0])}, "2 is no label; there are 0 to 1"),
        ({"segments": SEGMENTS.drop(columns="end")}, "column 'end' is missing"),
        ({"points": np.ones((9, 3, 3))}, "has 10 frames, but skeletons of 9"),
    ],
)
def test_what_does_not_fit_is_told(tmp_path, changes, words):
    with pytest.raises(BadInput, match=re.escape(words)):
        write_page(tmp_path / "r.html", [replace(video(), **changes)], LABELS, title="t")
    assert not (tmp_path / "r.html").exists()
