"""What motion magnification changes: pictures of clips and of whole videos, and who sees them."""

import pytest

from microgesture.configuration.magnified import MAGNIFYING
from microgesture.configuration.runs import MAIN, Runs
from tests.configuration import test_lineage as of_clips
from tests.configuration.test_lineage_segments import (
    CONFIG,
    configured,
    lineage_of,
    shown,
    with_video,
)
from tests.configuration.test_runs import check

JOBS = [
    ("decode_rgb", {"part": "b0"}),
    ("decode_rgb", {"part": "b1"}),
    ("locate_saliency", {"batch": "b0"}),
    ("train_modality", {"modality": "joint", "round": "0"}),
    ("train_modality", {"modality": "rgb", "round": "0"}),
    ("store_videos", {"part": "b0"}),
    ("predict_windows", {"member": "joint", "part": "b0"}),
    ("predict_windows", {"member": "rgb", "part": "b0"}),
]
PICTURES = {
    "decode_rgb b0", "decode_rgb b1", "train_modality rgb 0", "store_videos b0",
    "predict_windows rgb b0",
}  # fmt: skip
BAND = {"low": 2.0, "high": 6.0}


def with_magnification(factor, **other):
    return configured("decode_rgb", magnification={"factor": factor, **BAND, **other})


def changed(before, after):
    return {
        shown(rule, where)
        for rule, where in JOBS
        if before.signature(rule, MAIN, **where) != after.signature(rule, MAIN, **where)
    }


def test_off_is_as_if_there_were_no_such_setting():
    off = lineage_of(config=with_magnification(0))
    assert changed(lineage_of(), off) == set()
    assert changed(off, lineage_of(config=with_magnification(0, low=3.0))) == set()
    for video in ("t1", "s1"):
        pieces = [each.data.pieces("decode_rgb", "b0")[video] for each in (lineage_of(), off)]
        assert pieces[0] == pieces[1]


@pytest.mark.parametrize("other", [{}, {"low": 3.0}, {"high": 7.0}])
def test_it_changes_pictures_of_clips_and_of_whole_videos(other):
    before = lineage_of(config=with_magnification(5 if other else 0))
    assert changed(before, lineage_of(config=with_magnification(5, **other))) == PICTURES


def test_the_sheets_rate_counts_for_clips_where_motion_is_magnified():
    rate = with_video("t2", fps=30.0)  # has clips, and is not segmented
    assert changed(lineage_of(), lineage_of(rate)) == set()
    on = with_magnification(5)
    found = changed(lineage_of(config=on), lineage_of(rate, config=on))
    assert found == {"decode_rgb b1", "train_modality rgb 0", "predict_windows rgb b0"}


def test_its_code_counts_where_it_runs():
    def code(rule, *models, without=()):
        return {"code": f"{rule} {models} {sorted(without)}", "packages": {}}

    def left_out(factor, rule):
        lineage = lineage_of(config=with_magnification(factor), code=code)
        return set(MAGNIFYING) & set(lineage.data.stage_parts(rule)["code"].split("'"))

    for rule in ("decode_rgb", "store_videos"):
        assert left_out(0, rule) == set(MAGNIFYING) and not left_out(5, rule)


def test_a_variant_of_the_ablation_has_pictures_of_its_own():
    variants = {"magnified": {"decode_rgb": {"magnification": {"factor": 5, **BAND}}}}
    config = {**CONFIG, "ablation": {**CONFIG["ablation"], "variants": variants}}
    runs = Runs(config, check)
    lineage, name = of_clips.lineage_of(runs), runs.name("magnified", 0)
    assert lineage.owner(name, "saliency") == MAIN
    assert lineage.owner(name, "rgb") == name
    assert lineage.owner(name, "checkpoint", "joint", "0") == MAIN
    assert lineage.owner(name, "checkpoint", "rgb", "0") == name
