"""The options that the annotation importers share."""

import argparse
from pathlib import Path

import pytest

from microgesture.importers.annotation_command import add_options, find_files, read_options
from microgesture.provenance.errors import BadInput


def options(*words):
    parser = argparse.ArgumentParser()
    add_options(parser, "files")
    return read_options(parser.parse_args(["x.eaf", "--out", "out", *words]))


def test_regions():
    found = options("--region", "A. Smith=0,0,.5,1", "--region", "ben=0.5,0,1,1")
    assert found.regions == {"A. Smith": "0,0,.5,1", "ben": "0.5,0,1,1"}


@pytest.mark.parametrize(
    "word", ["anna", "anna=0,0,1", "anna=0,0,2,1", "=0,0,1,1", "anna=0.5,0,0.5,1"]
)
def test_regions_that_are_none(word):
    with pytest.raises(BadInput, match="write SUBJECT=x0,y0,x1,y1"):
        options("--region", word)


def test_points():
    with pytest.raises(BadInput, match="0 or more"):
        options("--point-seconds", "-1")


def test_files(tmp_path):
    for name in ("b.eaf", "a.EAF", "c.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in find_files([tmp_path, tmp_path / "b.eaf"], (".eaf",))] == [
        "a.EAF",
        "b.eaf",
    ]
    with pytest.raises(BadInput, match=r"holds no file that ends in \.boris"):
        find_files([tmp_path], (".boris",))
    with pytest.raises(BadInput, match="no such file"):
        find_files([Path("nowhere.eaf")], (".eaf",))
