"""docs/models.md: its rows hold, and its examples are configurations."""

import re
from pathlib import Path

import pytest
import yaml
from snakemake.utils import update_config

from bench.models_page import (
    HEADER,
    example,
    example_config,
    network_lines,
    page,
    recipes,
    reference_lines,
    variation,
)
from bench.recognisers import count_parameters, difference, read_entries, read_networks
from microgesture.configuration.checked import checked_configuration

ROOT = Path(__file__).resolve().parents[2]
ENTRIES = read_entries()


def written_rows():
    """The rows of the page's table, by recogniser."""
    text = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
    table = text.partition("| --- |")[2].partition("\n\n")[0]
    rows = {}
    for line in table.splitlines()[1:]:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        rows[re.search(r"\(`(\w+)`\)$", cells[0])[1]] = dict(zip(HEADER, cells, strict=True))
    return rows


def test_the_written_page_holds():
    rows = written_rows()
    assert list(rows) == list(ENTRIES), "run `python bench/models.py`"
    for name, entry in ENTRIES.items():
        parameters = count_parameters(entry)
        row = rows[name]
        assert row["parameters"] == f"{parameters:,}", "run `python bench/models.py`"
        assert row["difference"] == difference(parameters, entry.reference)
        assert row["reference"].replace(",", "") == entry.reference.parameters
        assert float(row["samples/s"]) > 0
        assert row["paper"] == entry.paper


@pytest.mark.parametrize("name", ENTRIES)
def test_examples_are_valid_configurations(name):
    entry = ENTRIES[name]
    written = yaml.safe_load(example(entry))
    assert written == example_config(entry)
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    assert name not in config["modalities"], "the demo's small widths would stay"
    update_config(config, written)  # as Snakemake lays one file over another
    filled = checked_configuration(config)
    section = filled["train_fusion"] if entry.parents else filled["modalities"][name]
    for key, value in entry.settings.items():
        if isinstance(value, dict):
            assert value.items() <= section[key].items()
        else:
            assert section[key] == value


def test_example_by_hand():
    assert example(ENTRIES["tsm"]).splitlines() == [
        "modalities:",
        "  tsm:",
        "    stream: rgb",
        "    model: tsm",
        "    rgb_frames: 8",
        "    rgb_size: 224",
    ]


def test_what_another_recogniser_changes():
    words = variation(ENTRIES["poseconv3d"], ENTRIES["poseconv3d_branch"])
    assert words == "`model_options: {temporal_strides: [1, 1, 1]}`, `frames: 32`, `sigma: 0.7`"
    assert variation(ENTRIES["resnet3d"], ENTRIES["resnet3d_heatmap"]) == (
        "`stream: joint_heatmap`, `frames: 48`, `size: 56`, no `rgb_frames`, no `rgb_size`"
    )


def test_section_of_a_network():
    swin = [entry for entry in ENTRIES.values() if entry.model == "video_swin"]
    lines = network_lines("video_swin", "A transformer.", swin)
    assert lines[0] == "### video_swin"
    assert lines[2] == "A transformer. It takes rgb; the config names it `model: video_swin`."
    assert "- `video_swin_s`, Video Swin-S: `model_options: {size: s}`" in lines
    gcn = network_lines("st_gcn", "A graph network.", [ENTRIES["st_gcn"]])
    assert (
        "It takes joint, bone, joint_motion, bone_motion or joint_bone_motion; the config"
        in " ".join(gcn)
    )
    fusion = network_lines("rgbpose_fusion", "Two branches.", [ENTRIES["rgbpose_fusion"]])
    assert "It takes rgb together with joint_heatmap or limb_heatmap; it is" in " ".join(fusion)


def test_what_was_counted_with():
    lines = reference_lines([ENTRIES["st_gcn"], ENTRIES["tsm"]])
    assert "| `st_gcn` | 60 classes, coco17, 2 persons | PYSKL" in lines[2]
    assert "| `tsm` | 174 classes | torchvision" in lines[3]


def test_page_has_machine_and_share_of_a_core():
    entries = list(ENTRIES.values())
    rows = [["x"] * len(HEADER) for _ in entries]
    text = page("A machine, load 1.2", [0.984, 0.9], rows, entries)
    words = " ".join(text.split())
    assert "Made by `python bench/models.py`. A machine, load 1.2. The load is that" in words
    assert "the timed steps had 90 to 98 % of a core." in words
    assert text.count("\n### ") == len(read_networks())


def test_recipes_of_a_network(tmp_path):
    (tmp_path / "b.yaml").write_text("stream: rgb\nmodel: tsm\n")
    (tmp_path / "a.yaml").write_text("stream: rgb\nmodel: tsm\n")
    (tmp_path / "c.yaml").write_text("frames: 32\n")
    (tmp_path / "demo_rgb.yaml").write_text("stream: rgb\nmodel: tsm\n")
    assert recipes("tsm", tmp_path) == ["a", "b"]
    assert recipes(None, tmp_path) == ["c"]
    assert recipes("st_gcn", tmp_path) == recipes("tsm", tmp_path / "missing") == []
