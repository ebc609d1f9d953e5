"""The fault drill in its short form: one run that meets three faults, and its parts."""

import os
import random
import subprocess
import sys
import time

import pytest

from tests.workflow.drill_faults import (
    FAULTS_A_RUN,
    FaultDrill,
    draw_run,
    first_error,
    is_wrong,
    makers_of,
    rule_of_message,
)
from tests.workflow.faults import FAULTS, Scene, flipped_byte, truncated
from tests.workflow.faults_page import MARKS, write_page
from tests.workflow.processes import end_all, processes_in


def test_every_kind_comes_equally_often_and_the_same_again():
    kinds = list(FAULTS)
    runs = [draw_run(0, number, kinds) for number in range(len(kinds))]
    assert runs == [draw_run(0, number, kinds) for number in range(len(kinds))]
    drawn = [kind for run in runs for kind, _ in run]
    assert {kind: drawn.count(kind) for kind in kinds} == dict.fromkeys(kinds, FAULTS_A_RUN)
    assert all(run == sorted(run, key=lambda fault: fault[1]) for run in runs)
    assert runs != [draw_run(1, number, kinds) for number in range(len(kinds))]


@pytest.mark.parametrize(
    ("path", "rule", "message"),
    [
        ("results/rgb/b0.h5", "decode_rgb", "Decoding and cropping the RGB clips of b0"),
        ("results/checkpoints/joint/1/model.json", "train_modality", "Training joint, round 1"),
        (
            "results/keypoints/b1.h5",
            "extract_keypoints",
            "Estimating whole-body keypoints in the videos of b1",
        ),
        ("results/index/spans.parquet", "index_videos", "Checking the clips against their videos"),
    ],
)
def test_who_makes_a_file_and_who_says_so(path, rule, message):
    assert rule_of_message(message) == rule and rule in makers_of(path)


def test_the_line_that_tells(tmp_path):
    said = f"Error in rule x:\n  ERROR: {tmp_path}/results/a.h5: is cut short\nmore\n"
    assert first_error(said, tmp_path) == "ERROR: results/a.h5: is cut short"


def test_damage_keeps_the_time_and_changes_the_content(tmp_path):
    path = tmp_path / "results/rgb/b0.h5"
    path.parent.mkdir(parents=True)
    path.write_bytes(bytes(1000))
    os.utime(path, (5, 5))
    scene = Scene(tmp_path, random.Random(0), lambda: None)
    assert "results/rgb/b0.h5, byte " in flipped_byte(scene)
    assert sum(map(bool, path.read_bytes())) == 1 and path.stat().st_mtime == 5
    assert "of 1000 bytes left" in truncated(scene)
    assert path.stat().st_size < 1000 and scene.damaged == [path, path]


def test_processes_are_found_by_their_folder_and_ended(tmp_path):
    sleeping = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], cwd=tmp_path)
    try:
        while not processes_in(tmp_path):
            time.sleep(0.01)
        assert [process.pid for process in processes_in(tmp_path)] == [sleeping.pid]
        end_all(tmp_path)
        assert sleeping.wait(10) == -9
    finally:
        sleeping.kill()


def test_the_page_has_the_figures(tmp_path):
    faults = [
        {"kind": "kill_job", "hit": "x", "lost": {"a": 1.0, "b": 0.5}, "told": "ERROR: a | b"},
        {"kind": "truncated", "hit": "y", "lost": {}, "told": "", "made_again": {"c": 2.0}},
    ]
    run = {"faults": faults, "differ": [], "problems": [], "missed": []}
    report = {"seed": 4, "runs": {"0": run}, "skipped": {"disk_full": "no root"}}
    report["undisturbed"] = {"jobs": 25, "seconds": 30.0}
    page = tmp_path / "page.md"
    page.write_text(f"before\n{MARKS[0]}\nold\n{MARKS[1]}\nafter\n")
    write_page(report, page)
    text = page.read_text()
    assert "old" not in text and text.startswith("before\n") and text.endswith("\nafter\n")
    assert "2 faults in 1 runs of 25 jobs (30.0 s undisturbed), seed 4; 0 runs came out" in text
    assert "| The process of a job is killed | 1 | 1.5 | 1.5 | `ERROR: a \\| b` |" in text
    assert "| disk_full | left out: no root |" in text


@pytest.mark.slow
def test_killed_cut_short_and_told_to_end_the_run_comes_out_equal():
    with FaultDrill() as drill:
        assert drill.jobs > 20
        faults = [("kill_job", 0.1), ("truncated", 0.4), ("power_cut", 0.7)]
        run = drill.judge(faults, "test")
    assert not is_wrong(run) and run["missed"] == [], run
    assert [fault["kind"] for fault in run["faults"]] == [kind for kind, _ in faults]
    assert run["commands"] >= 4
