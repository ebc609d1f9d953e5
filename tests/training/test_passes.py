import pytest
import torch

from microgesture.training.passes import clips_of_a_pass, split_batch


@pytest.mark.parametrize(
    ("clips", "number", "sizes"), [(7, 1, [7]), (7, 3, [3, 2, 2]), (8, 2, [4, 4]), (5, 5, [1] * 5)]
)
def test_parts_are_in_order_and_about_equal(clips, number, sizes):
    batch = {"label": torch.arange(clips), "x": torch.arange(clips * 2).view(clips, 2)}
    parts = split_batch(batch, number)
    assert [len(part["label"]) for part in parts] == sizes
    for name, value in batch.items():
        assert torch.equal(torch.cat([part[name] for part in parts]), value)


@pytest.mark.parametrize(
    ("batch", "micro", "processes", "clips"),
    [(16, 0, 1, 16), (16, 0, 2, 8), (16, 6, 1, 6), (16, 6, 2, 4), (16, 99, 4, 4), (64, 16, 8, 8)],
)
def test_clips_of_a_pass(batch, micro, processes, clips):
    settings = {"batch_size": batch, "micro_batch": micro}
    assert clips_of_a_pass(settings, processes) == clips
