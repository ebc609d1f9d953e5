import os

from microgesture.provenance.state import state_folder


def test_folder_changes_with_params_inputs_and_rule_only(tmp_path):
    file = tmp_path / "input"
    file.write_text("a")
    base = state_folder("train", [str(file)], {"seed": 0})
    assert state_folder("train", [str(file)], {"seed": 0}) == base
    assert state_folder("train", [str(file)], {"seed": 1}) != base
    assert state_folder("other", [str(file)], {"seed": 0}) != base
    os.utime(file, ns=(1, 1))
    assert state_folder("train", [str(file)], {"seed": 0}) != base
