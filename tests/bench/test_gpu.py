"""Every piece of the GPU page runs, on the CPU at a tiny size; nothing is claimed without a GPU."""

import dataclasses

import pytest
import torch

from bench import gpu
from bench.gpu import Budget, bench_compile, bench_layouts, bench_rest, bench_steps, bench_wait
from bench.gpu_cards import measured_peak, published_peak
from bench.gpu_pieces import data_wait, layout_ways, pose_rate, render_rates, stem_difference
from bench.gpu_steps import RECOGNISERS, Steps, at_preset, time_steps
from bench.recognisers import build, read_entries

CPU = torch.device("cpu")
SMALL_VOLUME = {
    "frames": 4,
    "size": 16,
    "model_options": {"base_channels": 4, "stage_blocks": [1, 1, 1]},
}
SMALL = {
    "strong_aug": {"frames": 8, "model_options": {"base_channels": 8, "num_stages": 2}},
    "poseconv3d": SMALL_VOLUME,
    "resnet3d": {
        "rgb_frames": 2,
        "rgb_size": 32,
        "model_options": {"base_channels": 4, "stage_blocks": [1, 1, 1, 1]},
    },
}


def small(name, layout="coco17", batch=2):
    entry = at_preset(name, layout)
    settings = {**entry.settings, **SMALL.get(name, {})}
    return dataclasses.replace(entry, settings=settings, batch=batch)


@pytest.fixture
def tiny(monkeypatch):
    """The page's pieces take small entries and little time."""
    monkeypatch.setattr(gpu, "at_preset", small)
    monkeypatch.setattr(gpu, "STEP_SECONDS", 0.0)
    torch.set_num_threads(1)


def test_every_recogniser_has_its_preset():
    assert set(RECOGNISERS) <= set(read_entries())
    for name in RECOGNISERS:
        entry = at_preset(name)
        assert entry.layout.name == "h68" and entry.batch == entry.complete["batch_size"] > 1
        with torch.device("meta"):
            assert sum(p.numel() for p in build(entry).parameters()) > 1e5
    fusion = at_preset("rgbpose_fusion")
    assert fusion.streams == ("rgb", "joint_heatmap")


def test_peaks():
    assert published_peak("NVIDIA H100 80GB HBM3") == 989
    assert published_peak("NVIDIA H100 PCIe") == 756
    assert published_peak("some other card") is None
    assert 0 < measured_peak(CPU, side=64, repeats=2) < 1e3


@pytest.mark.parametrize("name", ["strong_aug", "poseconv3d", "resnet3d"])
def test_steps_learn_and_are_timed(name):
    steps = time_steps(small(name), CPU, seconds=0.0, least=2)
    assert steps.batch == 2 and steps.count == 2 and steps.memory is None
    assert steps.rate == pytest.approx(2 / steps.seconds) and 0 < steps.loss < 1000


def test_a_batch_that_does_not_fit_is_halved(monkeypatch):
    from bench import gpu_steps

    tried = []

    def fits_two(entry, *rest):
        tried.append(entry.batch)
        if entry.batch > 2:
            raise torch.OutOfMemoryError
        return Steps(entry.batch, 1.0, None, 1, 0.0)

    monkeypatch.setattr(gpu_steps, "_time_steps", fits_two)
    assert time_steps(small("strong_aug", batch=12), CPU).batch == 1 and tried == [12, 6, 3, 1]


def test_the_tables_of_steps_and_of_compiling(tiny):
    budget = Budget(1e6)
    lines = bench_steps(budget, CPU, 1e12, ["strong_aug", "resnet3d"])
    assert sum(line.startswith("| `") for line in lines) == 2 and not budget.missing
    lines = bench_compile(budget, CPU, backend="eager", names=["strong_aug"])
    assert lines[-1].startswith("| `strong_aug` |") and not budget.missing, budget.missing


def test_layouts_are_compared(tiny):
    budget = Budget(1e6)
    lines = bench_layouts(budget, CPU)
    assert len(lines) == 2 + 2 * 4 and not budget.missing, budget.missing
    ways = layout_ways(small("poseconv3d"), CPU, 0.0)
    assert len(ways) == 4 and all(steps.loss > 0 for steps in ways.values())


def test_the_stem_from_the_blobs_has_the_same_logits():
    assert 0 < stem_difference(small("poseconv3d"), CPU) < 1e-3


def test_heatmaps_and_keypoints():
    rates = render_rates(CPU, clips=2, size=16, frames=4, seconds=0.0)
    assert set(rates) == {"joint", "limb"} and all(rate > 0 for rate in rates.values())
    assert pose_rate(CPU, batch=2, seconds=0.0) > 0


@pytest.mark.parametrize("name", ["poseconv3d", "resnet3d"])
def test_an_epoch_from_stored_clips(name):
    rate, waiting = data_wait(small(name), False, clips=6, workers=0, epochs=1)
    assert rate > 0 and 0 <= waiting <= 1


def test_the_rest_of_the_page(tiny, monkeypatch):
    budget = Budget(1e6)
    lines = bench_wait(budget, False, names=["strong_aug"], clips=4, workers=0, epochs=1)
    assert lines[-1].startswith("| `strong_aug` |") and not budget.missing, budget.missing
    monkeypatch.setattr(gpu, "render_rates", lambda device: {"joint": 10.0, "limb": 5.0})
    monkeypatch.setattr(gpu, "pose_rate", lambda device: 99.0)
    assert bench_rest(budget, CPU)[-1] == "| `pose` | 99 |"


def test_what_fails_or_has_no_time_is_named():
    def broken():
        raise ValueError("no such thing\nmore")

    budget = Budget(100.0)
    assert budget.run("one", 1, broken) is None
    assert budget.run("two", 1000, lambda: 1) is None
    assert budget.run("three", 1, lambda: 3) == 3
    assert budget.missing == ["one: ValueError: no such thing", "two: there was no time"]


def test_the_page_has_all_sections(tiny, monkeypatch):
    monkeypatch.setattr(gpu, "measured_peak", lambda device: 1.0)
    lines = gpu.page(Budget(0.0), CPU, "NVIDIA H100 80GB HBM3")
    text = "\n".join(lines)
    assert "one **NVIDIA H100 80GB HBM3**" in text and "published 989" in text
    assert text.count("there was no time") == len(RECOGNISERS) + 2 + 2 + 3 + 4


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_without_a_gpu_nothing_is_claimed(tmp_path, capsys):
    page = tmp_path / "page.md"
    assert gpu.main(["--page", str(page)]) == 0
    assert "no GPU" in capsys.readouterr().out and not page.exists()
