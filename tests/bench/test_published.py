"""The table of published weights: every family is taken by name or refused, as the page says."""

from pathlib import Path

import pytest
import torch

from bench.models_page import SECTION, section_of, with_section
from bench.published import (
    HEADER,
    TOLERANCE,
    Outcome,
    check,
    describe,
    make,
    mmaction_name,
    read_families,
    section,
)
from bench.timing import table

FAMILIES = read_families()
PAGE = (Path(__file__).resolve().parents[2] / "docs" / "models.md").read_text(encoding="utf-8")
SLOW = ({"graph"}, {"rgbpose"}, {"torchvision"}, {"slowonly", "blocks"}, {"slowonly", "temporal"})
QUICK = [row for row in FAMILIES if not any(slow <= set(row["made"]) for slow in SLOW)]
QUICK = [row for row in QUICK if row["made"].get("slowonly") != "rgb"]


@pytest.mark.parametrize("row", QUICK, ids=[row["family"][:40] for row in QUICK])
def test_a_family_does_what_the_page_says(row, tmp_path):
    outcome = check(row, tmp_path)
    assert describe(row, outcome) in PAGE, "run `python bench/published.py`"
    assert ("remedy" in row) == (outcome.refusal is not None)
    if outcome.refusal is None:
        assert outcome.difference is None or outcome.difference < TOLERANCE
        assert not any("every one starts from the mean" in change for change in outcome.changes)
    else:
        assert row["remedy"] in outcome.refusal


def test_a_wrong_import_would_be_told(tmp_path, monkeypatch):
    row = next(row for row in FAMILIES if "tsm" in row["made"])
    right = make("tsm", row["made"])
    wrong = type(right)(right.state, right.inputs, (right.logits[0].flip(1),))
    monkeypatch.setattr("bench.published.make", lambda *_: wrong)
    assert describe(row, check(row, tmp_path)).startswith("**wrong** by")


def test_the_page_has_every_family():
    written = section_of(PAGE)
    assert written == with_section("", section_of(PAGE)).lstrip()
    for row in FAMILIES:
        assert f"| {row['family']} | {row['held']} |" in written, "run `python bench/published.py`"
    assert "**wrong**" not in written
    assert table(HEADER, [])[0] in written


def test_section_and_page():
    text = section([(FAMILIES[0], Outcome(["a: b"], 1e-6)), (FAMILIES[1], Outcome(refusal="no"))])
    assert text.startswith(SECTION) and "| right; a: b |" in text and "| **refused**: no |" in text
    page = with_section("# Networks\n\nwords\n", text)
    assert page.startswith("# Networks\n\nwords\n\n## Published") and page.endswith("```\n")
    assert with_section(page, text) == page
    assert section_of("# Networks\n") == ""


def test_names_of_mmaction2():
    pairs = {
        "features.0.1.attn.qkv.weight": "backbone.layers.0.blocks.1.attn.qkv.weight",
        "features.2.0.mlp.3.bias": "backbone.layers.1.blocks.0.mlp.fc2.bias",
        "features.1.norm.weight": "backbone.layers.0.downsample.norm.weight",
        "norm.bias": "backbone.norm3.bias",
        "patch_embed.norm.weight": "backbone.patch_embed.norm.weight",
        "head.weight": "cls_head.fc_cls.weight",
    }
    assert {name: mmaction_name(name) for name in pairs} == pairs
    assert torch.is_tensor(make("tsm", {"names": ["a"]}).state["a"])
