import pytest

from microgesture.provenance.records import (
    Memory,
    differences,
    flattened,
    recorded_signature,
    signature,
)


def test_a_signature_is_of_values_not_of_their_order():
    assert signature({"a": 1, "b": [1, 2]}) == signature({"b": [1, 2], "a": 1})
    assert signature({"a": 1}) != signature({"a": 1.5})
    assert len(signature({})) == 32
    with pytest.raises(TypeError):
        signature({"a": object()})  # whose text is another in every process


def test_nested_settings_have_one_name_each():
    assert flattened({"settings": {"loss": {"weight": 1}}, "seed": 0}) == {
        "settings.loss.weight": 1,
        "seed": 0,
    }


def test_the_signature_among_params_as_snakemake_keeps_them():
    mine = signature({"a": 1})
    assert recorded_signature([repr(mine)]) == mine
    assert recorded_signature(None) is recorded_signature([]) is None
    assert recorded_signature([repr("short"), 3]) is None


def test_differences_are_told_by_name_and_value():
    before = {"settings.rate": 0.1, "code": "a" * 16, "gone": 1, "same": 2}
    now = {"settings.rate": 0.05, "code": "b" * 16, "same": 2}
    assert differences(before, now) == ["code", "gone 1 -> (none)", "settings.rate 0.1 -> 0.05"]


def test_what_was_kept_explains(tmp_path):
    memory, told = Memory(tmp_path / "made_from"), []
    before = {"seed": 0, "pairs": [1, 2]}
    memory.keep(before)
    memory.explain(signature(before), {"seed": 1, "pairs": [1, 2]}, told.append, "train joint")
    assert told == ["train joint: seed 0 -> 1"]
    memory.explain("f" * 32, {"seed": 1}, told.append, "unknown")
    assert len(told) == 1
    Memory("/proc/none").keep(before)  # nothing can be written there, and nothing is raised
