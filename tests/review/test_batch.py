"""From the workflow's stores to a page."""

import json
import re
from urllib.parse import unquote

import numpy as np
import pandas as pd
import pytest

from microgesture.figures.faces import Anonymise
from microgesture.pose.layouts import get_layout
from microgesture.provenance.errors import BadInput
from microgesture.review.batch import address, drawn_edges, write_review
from microgesture.stores.sequences import Sequence, write_sequences
from microgesture.tables.probed import probe_videos
from microgesture.videos.decoding import read_selected
from microgesture.videos.index_store import write_frame_indexes
from tests.review import demo_page

FRAMES = demo_page.FRAMES


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    """A rendered video, a broken one and a recording without a video, as the rules store them."""
    folder = tmp_path_factory.mktemp("batch of one")
    points = demo_page.render(folder)
    (folder / "broken.mp4").write_bytes(b"no video")
    seen = np.ones(FRAMES, bool)
    metres = np.random.default_rng(0).uniform(-1, 1, (1, FRAMES, 25, 4)).astype(np.float32)
    metres[..., 3] = 1
    pairs = [
        ("mocap", Sequence(metres, seen, "ntu25", 0, 0, 30.0)),
        ("s14", Sequence(points[None], seen, "coco_wholebody133", 160, 120, 15.0)),
    ]
    write_sequences(folder / "skeletons.h5", pairs)
    videos = pd.DataFrame(
        {
            "video": ["s14", "broken", "mocap"],
            "path": [str(folder / "s14.mp4"), str(folder / "broken.mp4"), ""],
            "subject": ["ann", "bob", "cleo"],
            "region": ["", "", ""],
            "keypoints": ["", "", str(folder / "skeletons.h5")],
        }
    )
    facts, indexes = probe_videos(videos, "0")
    write_frame_indexes(folder / "indexes.h5", indexes)
    return folder, videos, facts


def write(stores, out, segments=demo_page.SEGMENTS, **options):
    folder, videos, facts = stores
    path = write_review(
        out,
        videos,
        facts,
        [str(folder / "indexes.h5")],
        [str(folder / "skeletons.h5")],
        segments,
        demo_page.LABELS,
        title="Batch 0",
        **options,
    )
    text = path.read_text(encoding="utf-8")
    return json.loads(re.search(r'id="data">(.*?)</script>', text, re.S)[1])


def test_videos_that_can_be_read_are_in_it(stores, tmp_path):
    data = write(stores, tmp_path / "pages/review.html")
    assert [video["name"] for video in data["videos"]] == ["s14", "mocap"]
    shown, bare = data["videos"]
    assert (tmp_path / "pages" / unquote(shown["media"])).resolve() == (stores[0] / "s14.mp4").resolve()  # fmt: skip
    assert "%20" in shown["media"]
    assert shown["row"]["subject"] == "ann"
    assert (shown["width"], shown["height"], shown["frames"]) == (160, 120, FRAMES)
    assert len(shown["edges"]) == len(shown["colours"]) == 132
    assert (bare["media"], bare["width"], bare["joints"]) == ("", 320, 25)
    assert len(data["segments"]) == 3


def test_crops_of_the_segments_are_drawn(stores, tmp_path):
    table = demo_page.SEGMENTS.assign(x0=[1, 2, 3], y0=4, x1=50, y1=60)
    shown = write(stores, tmp_path / "r.html", table)["videos"][0]
    assert shown["boxes"][:3] == [[4, 1, 4, 50, 60], [14], [20, 2, 4, 50, 60]]


def test_copies_without_faces(stores, tmp_path):
    data = write(stores, tmp_path / "r.html", anonymise=Anonymise("mask"))
    shown = data["videos"][0]
    assert shown["media"] == "r_videos/s14.mp4"
    assert unquote(shown["source"]).endswith("batch of one0/s14.mp4")
    copy = read_selected(tmp_path / "r_videos/s14.mp4", range(FRAMES))
    source = read_selected(stores[0] / "s14.mp4", range(FRAMES))
    points = demo_page.prepare_video("s14", {"width": 160, "height": 120})[2].truth().points
    for number in range(FRAMES):
        face = points[number, 23:91]
        x, y = face[face[:, 2] > 0, :2].mean(axis=0).astype(int)
        patch = number, slice(y - 4, y + 5), slice(x - 4, x + 5)
        assert copy[patch].std(axis=(0, 1)).max() < 3
        assert source[patch].std(axis=(0, 1)).min() > 5
    assert write(stores, tmp_path / "s.html", anonymise=Anonymise("none"))["videos"][0]["media"] != shown["media"]  # fmt: skip


def test_what_is_missing_is_told(stores, tmp_path):
    folder, videos, facts = stores
    stray = pd.concat([demo_page.SEGMENTS, demo_page.SEGMENTS.assign(video="broken")])
    with pytest.raises(BadInput, match="segments of video 'broken'"):
        write(stores, tmp_path / "r.html", stray)
    given = (videos, facts)
    with pytest.raises(BadInput, match="'s14' has no skeletons"):
        write_review(tmp_path / "r.html", *given, [], [], demo_page.SEGMENTS, demo_page.LABELS, title="")  # fmt: skip
    with pytest.raises(BadInput, match="'s14' has no frame index"):
        write_review(tmp_path / "r.html", *given, [], [str(folder / "skeletons.h5")], demo_page.SEGMENTS, demo_page.LABELS, title="")  # fmt: skip


def test_addresses_are_relative(tmp_path):
    assert address(tmp_path / "a b/ü.mp4", tmp_path / "pages/r.html") == "../a%20b/%C3%BC.mp4"


def test_bones_have_colours_of_their_part():
    edges, colours = drawn_edges(get_layout("coco17"))
    assert len(edges) == len(colours) == 16
    assert all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in colours)
