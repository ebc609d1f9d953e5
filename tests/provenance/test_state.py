from microgesture.provenance.state import state_folder


def test_folder_changes_with_signature_and_rule_only():
    base = state_folder("train", "a" * 32)
    assert state_folder("train", "a" * 32) == base
    assert state_folder("train", "b" * 32) != base
    assert state_folder("other", "a" * 32) != base
