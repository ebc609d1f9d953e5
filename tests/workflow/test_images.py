"""The container's definition installs the lock and nothing beside it."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEFINITION = (ROOT / "envs/microgesture.def").read_text(encoding="utf-8")


def section(name: str) -> list[str]:
    """The lines of a section without comments."""
    found = re.search(rf"^%{name}\n(.*?)(?=^%|\Z)", DEFINITION, re.M | re.S)[1]
    return [line.strip() for line in found.splitlines() if line.strip() and line.strip()[0] != "#"]


def pins(name: str) -> dict[str, str]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    found = [re.match(r"([\w.-]+)==([\w.+]+)", line) for line in lines]
    return {match[1]: match[2] for match in found if match}


def test_all_packages_come_from_the_locks():
    installed = [line for line in section("post") if "pip" in line.split()]
    assert installed == [
        "pip install --no-cache-dir --no-deps -r /opt/requirements.lock "
        "-r /opt/requirements-cuda.lock"
    ]
    assert [line.split() for line in section("files")] == [
        [name, f"/opt/{name}"] for name in ("requirements.lock", "requirements-cuda.lock")
    ]
    assert "==" not in DEFINITION


def test_the_locks_agree_with_one_another():
    main, cuda = pins("requirements.lock"), pins("requirements-cuda.lock")
    assert len(main) > 100 and len(cuda) > 10
    assert {name: (main[name], cuda[name]) for name in {*main} & {*cuda}} == {
        name: (main[name], main[name]) for name in {*main} & {*cuda}
    }
    for name in ("torch", "snakemake", "mmpose", "decord", "h5py", "av"):
        assert name in main


def test_its_python_is_one_that_the_project_supports():
    version = re.search(r"^From: python:(3\.\d+)-", DEFINITION, re.M)[1]
    environment = (ROOT / "envs/training.yaml").read_text(encoding="utf-8")
    assert f"python={version}\n" in environment
