import pytest

from microgesture.provenance.files import written_whole


def test_a_failure_leaves_the_old_file_and_no_litter(tmp_path):
    path = tmp_path / "table.tsv"
    path.write_text("old")
    with pytest.raises(RuntimeError), written_whole(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["table.tsv"]


def test_success_replaces_and_makes_folders(tmp_path):
    path = tmp_path / "new" / "clip.mp4"
    with written_whole(path) as temporary:
        assert temporary.suffix == ".mp4"
        temporary.write_text("whole")
    assert path.read_text() == "whole"
