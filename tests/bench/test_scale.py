"""What docs/scale.md works out, against numbers worked out by hand."""

import pandas as pd
import pytest
import yaml

from bench.measured_rates import folder_bytes, page_numbers, processor_seconds, run_amounts
from bench.scale import (
    PLAN,
    Rates,
    count_jobs,
    hours_of_stages,
    main,
    makespan,
    network_hours,
    read_rates,
    room_of,
    samples_of,
    section,
    wall_hours,
)

FACTS = {
    "videos": 100,
    "clips": 1000,
    "fps": 25,
    "seconds": 40,
    "train": 0.7,
    "val": 0.1,
    "batches": 10,
    "rounds": 1,
    "assumed": ["fps"],
}
PLANNED = yaml.safe_load(PLAN.read_text(encoding="utf-8"))
HEAD = "s\th:m:s\tmax_rss\tcpu_time\n"


@pytest.fixture
def run(tmp_path):
    """A finished run: 4 videos of 100 frames, 8 clips, 200 processor seconds for 400 frames."""
    folder = tmp_path / "demo"
    for rule, seconds in {"probe_videos": 2, "extract_keypoints": 200, "decode_rgb": 4}.items():
        for batch in ("b0", "b1"):
            path = folder / "benchmarks" / rule / f"{batch}.tsv"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{HEAD}{seconds}\t0:00:01\t1\t{seconds / 2}\n")
    for name in ("videos", "keypoints", "index"):
        (folder / "results" / name).mkdir(parents=True)
    for batch in ("b0", "b1"):
        facts = pd.DataFrame({"video": ["a", "b"], "frames": [100, 100]})
        facts.to_parquet(folder / "results" / "videos" / f"{batch}.parquet")
        (folder / "results" / "keypoints" / f"{batch}.h5").write_bytes(bytes(2000))
    spans = pd.DataFrame({"clip": list("abcdefgh")})
    spans.to_parquet(folder / "results" / "index" / "spans.parquet")
    return folder


@pytest.fixture
def docs(tmp_path):
    folder = tmp_path / "docs"
    folder.mkdir()
    lines = ["| recogniser | samples/s |", "| --- | --- |", "| X (`video_swin_b`) | 0.05 |"]
    (folder / "models.md").write_text("\n".join(lines))
    (folder / "pose.md").write_text("| a | frames/s |\n| --- | --- |\n| ours, 32 | 8.0 | 8.1 |\n")
    return folder


def gpu_page(folder):
    lines = ["| recogniser | batch | clips/s |", "| --- | --- | --- |"]
    lines += [f"| `{n['row']}` | 8 | 1,000 |" for n in PLANNED["networks"].values()]
    lines += ["| `not measured` | 8 | - |", ""]
    lines += ["| model | frames/s |", "| --- | --- |", "| `pose` | 500 |"]
    (folder / "benchmarks_gpu.md").write_text("\n".join(lines))


def test_rates_of_a_run(run, docs):
    assert processor_seconds(run, "extract_keypoints") == 200
    assert processor_seconds(run, "clean_keypoints") is None
    assert run_amounts(run) == {"videos": 4, "frames": 400, "clips": 8}
    assert folder_bytes(run / "results" / "keypoints") == 4000
    rates = read_rates(run, docs)
    assert rates.seconds == {"probe_videos": 2 / 400, "extract_keypoints": 0.5, "decode_rgb": 0.5}
    assert rates.room["extract_keypoints"] == 10
    assert rates.cpu == {"video_swin_b": 0.05} and rates.pose == 8.0 and rates.gpu == {}
    gpu_page(docs)
    assert read_rates(run, docs).gpu["pose"] == 500


def test_wall_seconds_stand_for_unknown_processor_seconds(run):
    path = run / "benchmarks" / "probe_videos" / "b0.tsv"
    path.write_text(f"{HEAD}2\t0:00:01\t1\t-\n")
    assert processor_seconds(run, "probe_videos") == 2 + 1


def test_numbers_of_a_page(docs):
    gpu_page(docs)
    found = page_numbers(docs / "benchmarks_gpu.md", "clips/s")
    assert found["rgbpose_fusion"] == 1000 and "not measured" not in found
    assert page_numbers(docs / "no page.md", "clips/s") == {}


def test_jobs_by_hand():
    # 10 batches: 5 x 10 jobs; 3 tables; 2 networks in 2 rounds: 4 x (train, predict, curves), each
    # of the 2 gets pseudo-labels once; fusion 4; vote, scores and figures 6.
    assert count_jobs(FACTS, 2)["jobs"] == 50 + 3 + 12 + 2 + 4 + 6
    assert count_jobs({**FACTS, "batches": 0}, 2)["jobs"] == 3 * 64 + 2 * 100 + 3 + 24


def test_samples_by_hand():
    preset = {"epochs": 4, "repeats": 5, "test_clips": 10, "test_flip": True}
    trained, forward = samples_of(FACTS, preset, rounds=2)
    assert trained == pytest.approx(2 * 700 * 20)
    assert forward == pytest.approx(2 * (100 * 4 + 300 * 20))


def test_hours_of_the_shipped_recipes():
    hours = network_hours(FACTS, PLANNED, {"video_swin_b": 2.0})
    # presets/video_swin_base.yaml: 30 epochs, 4 test clips; two rounds
    steps, forward = 2 * 700 * 30, 2 * (100 * 30 + 300 * 4)
    assert hours == {"video_swin": pytest.approx((steps + forward / 3) / 2 / 3600)}


def test_makespan():
    assert makespan([3.0, 3.0, 2.0, 2.0, 2.0], 2) == 7.0  # the greedy one; 6 would be the best
    assert makespan([5.0, 1.0], 8) == 5.0
    assert makespan([1.0, 2.0, 3.0], 1) == 6.0


def test_room_by_hand():
    rates = Rates({}, {"extract_keypoints": 1000.0}, {}, {}, None)
    room = room_of(FACTS, PLANNED, rates)
    assert room["keypoints"] == pytest.approx(100 * 40 * 25 * 1000 / 1e9)
    assert room["skeletons"] == pytest.approx(100_000 * (68 * 12 + 1) / 1e9)
    assert room["crops, raw"] == pytest.approx(1000 * 32 * 256 * 256 * 3 / 1e9)


def test_no_gpu_hours_without_a_gpu_page(run, docs):
    rates = read_rates(run, docs)
    assert [wall_hours(FACTS, PLANNED, rates, gpus) for gpus in (1, 8)] == [None, None]
    plan = {**PLANNED, "data_sets": {"tiny": FACTS}}
    text = "\n".join(section(run, plan, rates))
    assert "No GPU was at hand" in text and "tiny: fps" in text
    assert "| - | - | - |" in text
    gpu_page(docs)
    rates = read_rates(run, docs)
    one, eight = (wall_hours(FACTS, PLANNED, rates, gpus) for gpus in (1, 8))
    assert 1 < one / eight <= 8
    assert "No GPU" not in "\n".join(section(run, plan, rates))
    partly = Rates(rates.seconds, rates.room, {}, {"pose": 500.0}, None)
    assert wall_hours(FACTS, PLANNED, partly, 8) is None


def test_keypoints_take_the_whole_body_models_rate(run, docs):
    hours = hours_of_stages(FACTS, read_rates(run, docs))
    assert hours["extract_keypoints"] == pytest.approx(100_000 / 8 / 3600)
    assert hours["decode_rgb"] == pytest.approx(1000 * 0.5 / 3600)


def test_the_command_writes_its_section(run, tmp_path):
    page = tmp_path / "scale.md"
    page.write_text("<!-- paper -->\n<!-- end of paper -->\n")
    main([str(run), "--page", str(page)])
    text = page.read_text()
    assert all(name in text for name in ("iMiGUE", "MA-52", "MMA-82", "iMiGUE-3K"))
