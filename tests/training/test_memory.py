import logging

import pytest
import torch
from torch import nn

from microgesture.configuration.settings import complete_settings
from microgesture.pose.layouts import get_layout
from microgesture.provenance.errors import BadInput
from microgesture.provenance.hardware import cpu_has_bf16
from microgesture.training.device import make_accelerator
from microgesture.training.memory import (
    NotEnough,
    StepMemory,
    check_step_memory,
    free_main_memory,
    kept_bytes,
    raise_if_memory,
)
from microgesture.training.recogniser import Recogniser
from microgesture.weights.networks import build_network

FLOAT = 4
BATCH_NORM = {"base_channels": 8, "num_stages": 2, "inflate_stages": [], "down_stages": []}


def small(**given):
    """A recogniser with batch normalisation and dropout, and its inputs for n clips."""
    settings = complete_settings({"batch_size": 6, "dropout": 0.5, "precision": "float32", **given})
    network = build_network(
        "st_gcn_pp", "joint", 3, get_layout("coco17"), dropout=0.5, options=BATCH_NORM
    )
    recogniser = Recogniser(network, 3, settings, skeleton=True)
    return recogniser, (lambda count: (torch.ones(count, 3, 8, 17, 1),)), settings


def check(recogniser, make_inputs, settings):
    accelerator = make_accelerator(False, settings["precision"])
    return check_step_memory(recogniser, make_inputs, settings, ("joint",), accelerator)


def test_kept_bytes_by_hand():
    """(N, 10) -> Linear -> (N, 20) -> ReLU -> Linear -> (N, 5).

    Kept: the input and the ReLU's result, which is also the second layer's input. The first
    layer's result and the logits are needed by nobody.
    """
    network = nn.Sequential(nn.Linear(10, 20), nn.ReLU(), nn.Linear(20, 5))
    for clips in (1, 4):
        assert kept_bytes(network, (torch.rand(clips, 10),)) == clips * (10 + 20) * FLOAT
    with pytest.raises(NotEnough):
        kept_bytes(network, (torch.rand(4, 10),), limit=4 * 30 * FLOAT - 1)
    kept_bytes(network, (torch.rand(4, 10),), limit=4 * 30 * FLOAT)


def test_memory_that_two_tensors_share_counts_once():
    class Twice(nn.Module):
        def forward(self, x):
            return (x * x.requires_grad_()).view(-1) * x.view(-1)

    # x is kept by both products, the first product by the second one
    assert kept_bytes(Twice(), (torch.rand(6),)) == 2 * 6 * FLOAT


@pytest.mark.parametrize(
    ("given", "copies"),
    [({}, 1), ({"momentum": 0.0}, 0), ({"optimizer": "adamw"}, 2)],
)
def test_weights_gradients_and_optimiser_by_hand(given, copies):
    recogniser, make_inputs, settings = small(**given)
    learned = sum(p.numel() for p in recogniser.parameters())
    memory = check(recogniser, make_inputs, settings)
    assert memory.gradients == learned * FLOAT
    assert memory.optimiser == copies * learned * FLOAT
    state = sum(t.numel() * t.element_size() for t in recogniser.state_dict().values())
    assert memory.weights == state > memory.gradients
    whole = memory.gradients + memory.optimiser + memory.shared + 5 * memory.per_clip
    assert memory.beside_weights(5) == whole and memory.largest_batch(whole) == 5
    assert memory.largest_batch(whole - 1) == 4 and memory.largest_batch(0) == 0


@pytest.mark.skipif(not cpu_has_bf16(), reason="this processor has no bf16 arithmetic")
def test_a_step_of_many_clips_is_foretold_from_two():
    """The forward pass of six clips really keeps what one and two clips foretell."""
    recogniser, make_inputs, settings = small(precision="bf16")
    memory = check(recogniser, make_inputs, settings)
    accelerator = make_accelerator(False, "bf16")
    recogniser.train()
    with accelerator.autocast():
        six = kept_bytes(recogniser, make_inputs(6))
    assert memory.shared + 6 * memory.per_clip == pytest.approx(six, rel=0.02)
    assert memory.shared > 0  # the weights in bf16


def test_nothing_is_changed():
    recogniser, make_inputs, settings = small()
    recogniser.network.blocks[0].eval()
    before = {name: value.clone() for name, value in recogniser.state_dict().items()}
    modes = [module.training for module in recogniser.modules()]
    random = torch.get_rng_state()
    check(recogniser, make_inputs, settings)
    assert torch.equal(torch.get_rng_state(), random)
    assert [module.training for module in recogniser.modules()] == modes
    for name, value in recogniser.state_dict().items():
        assert torch.equal(value, before[name]), name
    assert all(p.grad is None for p in recogniser.parameters())


def test_too_little_is_told_before_the_first_step(monkeypatch, caplog):
    recogniser, make_inputs, settings = small()
    caplog.set_level(logging.INFO)
    memory = check(recogniser, make_inputs, settings)
    assert "6 clips" in caplog.text and "free" in caplog.text

    def free(number):
        monkeypatch.setattr("microgesture.training.memory.free_memory", lambda device: number)

    free(memory.beside_weights(6))
    assert check(recogniser, make_inputs, settings) == memory
    free(memory.beside_weights(6) - 1)
    with pytest.raises(BadInput, match=r"write batch_size: 5 or less; .*frames \(now 32\)"):
        check(recogniser, make_inputs, settings)
    free(memory.shared + memory.per_clip)
    with pytest.raises(BadInput, match=r"one or two clips alone.*batch_size \(now 6\)"):
        check(recogniser, make_inputs, settings)
    free(None)
    assert check(recogniser, make_inputs, settings) is None


def test_too_little_memory_in_a_step_names_what_to_lower():
    error = RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")
    settings = complete_settings({})
    with pytest.raises(BadInput, match=r"batch_size \(now 16\), frames \(now 32\), or") as told:
        raise_if_memory(error, settings, ("joint",))
    assert "rgb" not in str(told.value)
    with pytest.raises(BadInput, match=r"rgb_size \(now 64\), or the widths"):
        raise_if_memory(error, settings, ("rgb",))
    error = RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9")
    with pytest.raises(BadInput, match=r"rgb_size \(now 64\), cache_megabytes \(now 2048\)"):
        raise_if_memory(error, settings, ("rgb",))
    raise_if_memory(RuntimeError("shape mismatch"), settings, ("joint",))


def write(folder, **files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)


def test_free_main_memory_is_the_least_of_machine_and_groups(tmp_path):
    proc, groups = tmp_path / "proc", tmp_path / "groups"
    write(proc, meminfo="MemTotal: 9000 kB\nMemAvailable:    8000 kB\n")
    write(proc / "self", cgroup="0::/slurm/job\n")
    assert free_main_memory(proc, groups) == 8000 * 1024
    # the job's own group has no limit, the one around it has: 5000 - 4000 used + 700 cached
    stat = "anon 3\ninactive_file 700\n"
    write(groups / "slurm/job", memory__max="max\n", memory__current="1\n", memory__stat=stat)
    write(groups / "slurm", memory__max="5000\n", memory__current="4000\n", memory__stat=stat)
    assert free_main_memory(proc, groups) == 1700
    # the older kind of groups
    write(proc / "self", cgroup="3:cpu:/x\n7:memory,hugetlb:/box\n")
    files = {"memory__limit_in_bytes": "900", "memory__usage_in_bytes": "600"}
    write(groups / "memory/box", **files, memory__stat="total_inactive_file 50\n")
    assert free_main_memory(proc, groups) == 350
    assert free_main_memory(tmp_path / "no linux", groups) is None


def test_this_machine_has_free_memory():
    assert free_main_memory() is None or free_main_memory() > 2**20


def test_step_memory_without_clips():
    assert StepMemory(1, 2, 3, 4, 0).largest_batch(9) == 0
