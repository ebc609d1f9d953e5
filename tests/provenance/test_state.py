import pytest

from microgesture.provenance.errors import BadInput
from microgesture.provenance.state import batch_state_folder, state_folder, state_held


def test_folder_changes_with_signature_and_rule_only():
    base = state_folder("train", "a" * 32)
    assert state_folder("train", "a" * 32) == base
    assert state_folder("train", "b" * 32) != base
    assert state_folder("other", "a" * 32) != base


def test_folder_of_a_batch_is_named_by_its_wildcards():
    names = [batch_state_folder("cut", run, "b0").name for run in ("", "ablation/x/1/")]
    assert names == ["cut-b0", "cut-ablation+x+1-b0"]


def test_folder_is_held_alone_and_removed_at_the_end(tmp_path):
    folder = tmp_path / "state"
    with state_held(folder, "the work"):
        (folder / "shards").mkdir()
        with pytest.raises(BadInput, match="is at the work now"), state_held(folder, "the work"):
            pass
        assert folder.exists()
    assert not folder.exists()


def test_folder_stays_after_an_error(tmp_path):
    with pytest.raises(BadInput), state_held(tmp_path / "state", "the work") as folder:
        (folder / "kept").write_text("this")
        raise BadInput("interrupted")
    assert (tmp_path / "state" / "kept").read_text() == "this"
    with state_held(None, "the work") as folder:
        assert folder is None
