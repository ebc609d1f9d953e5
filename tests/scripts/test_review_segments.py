"""The page of a part: its videos alone, and faces of others in the same file hidden with theirs."""

import pandas as pd

from scripts.review_segments import review
from tests.scripts.segmented_videos import CLASSES, SALIENCY, make_videos


def test_a_page_for_the_parts_own_videos(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = make_videos(tmp_path)
    review(
        *made.files, str(tmp_path / "out"),
        videos=[{"video": "one", "path": "one.mp4", "subject": "anna"}],
        labels=CLASSES, rates={}, saliency=SALIENCY, settings={"anonymise": "none"}, title="a part",
    )  # fmt: skip
    text = (tmp_path / "out" / "page.html").read_text(encoding="utf-8")
    assert "one.mp4" in text and "two.mp4" not in text
    assert "touching neck" in text
    assert not (tmp_path / "out" / "page_videos").exists()


def test_without_faces_the_page_shows_copies(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = make_videos(tmp_path)
    review(
        *made.files, str(tmp_path / "out"),
        videos=[{"video": "one", "path": "one.mp4", "subject": "anna"}],
        labels=CLASSES, rates={}, saliency=SALIENCY, settings={"anonymise": "mask"}, title="a part",
    )  # fmt: skip
    copies = sorted(path.name for path in (tmp_path / "out" / "page_videos").iterdir())
    assert copies == ["one.mp4"]


def test_a_part_without_a_segment_still_has_its_page(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = make_videos(tmp_path)
    table = pd.read_parquet(made.files[0]).iloc[:0]
    table.to_parquet(made.files[0])
    review(
        *made.files, str(tmp_path / "out"),
        videos=[{"video": "one", "path": "one.mp4", "subject": ""}],
        labels=CLASSES, rates={}, saliency=SALIENCY, settings={}, title="a part",
    )  # fmt: skip
    assert (tmp_path / "out" / "page.html").is_file()
