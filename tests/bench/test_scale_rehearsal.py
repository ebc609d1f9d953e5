"""The rehearsal of the pictures' way, at a tiny size."""

from bench.scale_rehearsal import main, make_videos, rehearse


def test_every_clip_is_cropped_and_read(tmp_path):
    made = make_videos(tmp_path, 40)
    assert made["clips"] == 40 and made["batches"] == 16
    found = rehearse(made)
    assert found["store"] > 0 and all(found[name] > 0 for name in ("crop s", "load s", "read s"))


def test_the_command_writes_its_section(tmp_path):
    page = tmp_path / "scale.md"
    page.write_text("<!-- rehearsal -->\n<!-- end of rehearsal -->\n")
    main(["--clips", "20", "--folder", str(tmp_path), "--page", str(page)])
    assert "| 20 |" in page.read_text()
