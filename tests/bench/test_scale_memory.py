"""Memory and time by the number of clips, at a tiny size; and that memory does not follow it."""

import json
import mmap

import numpy as np
import pytest

from bench.made_stores import write_skeletons
from bench.memory_watch import MemoryWatch, memory_now
from bench.page_sections import put_section
from bench.scale_memory import PHASES, main, section
from microgesture.training.stores import load_stores


def test_made_stores_are_read_by_the_loader(tmp_path):
    stores = write_skeletons(tmp_path, 130, 10)
    assert len(stores["skeletons"]) == 64
    settings = {"persons": 1, "facing": False, "cache_megabytes": 0}
    clips = load_stores(stores, ("joint",), settings, "h68", ("train",))
    assert len(clips) == 130 and clips.points[7].shape == (1, 10, 68, 3)
    assert 0 < clips.points[7][..., :2].mean() < 1
    assert not np.array_equal(clips.points[0], clips.points[1])


def test_watched_memory_is_what_was_taken():
    # from the system: malloc may hand out again what an earlier test has left
    with mmap.mmap(-1, 2**26, flags=mmap.MAP_PRIVATE) as taken, MemoryWatch(every=0.01) as watch:
        taken.write(b"x" * 2**26)
    assert watch.most["own"] - watch.begin["own"] > 40
    assert watch.seconds > 0 and set(memory_now()) == {"own", "files"}


def test_the_whole_measurement(tmp_path, capsys):
    page = tmp_path / "scale.md"
    page.write_text("before\n<!-- memory -->\nold\n<!-- end of memory -->\nafter\n")
    main(["--clips", "40", "--folder", str(tmp_path), "--page", str(page)])
    row = json.loads(capsys.readouterr().out.splitlines()[0])
    assert row["clips"] == 40 and set(row["phases"]) == {*PHASES, "arrays"}
    assert all(row["phases"][name]["seconds"] > 0 for name in PHASES)
    assert row["phases"]["arrays"] == 40 * 48 * 68 * 3 * 4 / 2**20
    text = page.read_text()
    assert text.startswith("before\n") and text.endswith("after\n") and "old" not in text
    assert "| 40 |" in text


def test_a_row_of_the_table():
    phases = {name: {"seconds": 1.0, "own": 12.0, "files": 300.0} for name in PHASES}
    phases["arrays"] = 3800.0
    row = {"clips": 100_000, "megabytes": 3735.4, "phases": phases}
    cells = [cell.strip() for cell in section([row])[-1].split("|")[1:-1]]
    assert cells == ["100,000", "3,735", "1.0", "1.0", "1.0", "12", "12", "12", "300", "3,800"]


def test_a_page_without_the_marks(tmp_path):
    page = tmp_path / "scale.md"
    page.write_text("nothing here\n")
    with pytest.raises(ValueError, match="has no section between"):
        put_section(page, "memory", ["x"])
