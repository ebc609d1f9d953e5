"""Every command of bench/ finds what it takes from the library, which may have moved since it ran."""

import importlib
from pathlib import Path

import pytest

import bench

MODULES = sorted(path.stem for path in Path(bench.__file__).parent.glob("[!_]*.py"))


@pytest.mark.parametrize("name", MODULES)
def test_a_command_can_be_imported(name):
    assert importlib.import_module(f"bench.{name}").__doc__
