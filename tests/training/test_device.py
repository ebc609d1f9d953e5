"""bf16 where the hardware has it, and one message where it was asked for in vain."""

import logging
from pathlib import Path

import pytest

from microgesture.training import device
from microgesture.training.device import make_accelerator


def taken(monkeypatch, precision, has_bf16):
    monkeypatch.setattr(device, "cpu_has_bf16", lambda: has_bf16)
    return make_accelerator(False, precision).mixed_precision


@pytest.mark.parametrize(
    ("precision", "has_bf16", "expected", "warnings"),
    [
        ("auto", True, "bf16", 0),
        ("auto", False, "no", 0),
        ("bf16", True, "bf16", 0),
        ("bf16", False, "no", 1),
        ("float32", True, "no", 0),
        ("float32", False, "no", 0),
    ],
)
def test_precision(monkeypatch, caplog, precision, has_bf16, expected, warnings):
    with caplog.at_level(logging.WARNING, "microgesture.training.device"):
        assert taken(monkeypatch, precision, has_bf16) == expected
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == warnings
    assert all("no bf16 arithmetic, so float32 is used" in text for text in told)


def test_the_processor_is_asked_itself():
    """Linux names the instructions; what torch says must agree."""
    facts = Path("/proc/cpuinfo")
    if not facts.is_file():
        pytest.skip("this system has no /proc/cpuinfo")
    flags = facts.read_text(encoding="ascii").split()
    if "avx512_bf16" not in flags and "amx_tile" not in flags:
        assert not device.cpu_has_bf16()
    elif "avx512_bf16" in flags:
        assert device.cpu_has_bf16()
