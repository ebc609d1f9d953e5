import pytest
import torch
from accelerate import Accelerator
from torch import nn

from microgesture.training.averaging import WeightAverage
from microgesture.training.course import Course
from microgesture.training.saving import EpochSoFar


def course(average: bool = False) -> Course:
    network = nn.Linear(1, 1, bias=False)
    became(network, 0.0)
    kept = WeightAverage(network, 0.5) if average else None
    return Course(network, kept, EpochSoFar.begun(torch.device("cpu")))


def became(network: nn.Linear, value: float) -> None:
    with torch.no_grad():
        network.weight.fill_(value)


def row(epoch: int, accuracy: float | None = None, loss: float = 1.0) -> dict:
    seen = {"validation_mean_class_accuracy": accuracy, "validation_nll": loss}
    return {"epoch": epoch, **(seen if accuracy is not None else {})}


def after(*rows: dict, keep_best: bool = True) -> Course:
    made = course()
    for number, each in enumerate(rows, 1):
        became(made.recogniser, float(number))
        made.add(each, keep_best=keep_best, snapshot=number == 2)
    return made


def test_the_best_epoch_has_the_highest_accuracy_then_the_lowest_loss():
    rows = (
        row(1, 0.5),
        row(2, 0.7, 1.2),
        row(3, 0.7, 1.1),
        row(4, 0.7, 1.1),
        row(5, 0.6, 0.1),
        row(6),
    )
    found = after(*rows).result()
    # A tie goes to the earlier one.
    assert (found.epoch, found.weights["weight"].item()) == (3, 3.0)
    assert found.scores == {"mean_class_accuracy": 0.7, "nll": 1.1}
    assert [each["epoch"] for each in found.rows] == [1, 2, 3, 4, 5, 6]
    assert [each["weight"].item() for each in found.snapshots] == [2.0]


def test_the_last_epoch_where_the_best_is_not_asked_for_or_nothing_was_validated():
    found = after(row(1, 0.9), row(2, 0.1), keep_best=False).result()
    assert (found.epoch, found.weights["weight"].item()) == (2, 2.0)
    found = after(row(1), row(2)).result()
    assert (found.epoch, found.scores) == (2, {})


def test_an_average_is_what_is_kept():
    made = course(average=True)
    became(made.recogniser, 8.0)
    made.average.update(made.recogniser)  # a tenth of what was before, in the first step
    made.add(row(1, 0.5), keep_best=True, snapshot=False)
    assert made.result().weights["weight"].item() == pytest.approx(7.2)
    assert made.recogniser.weight.item() == 8.0


def test_what_is_kept_goes_on():
    made = after(row(1, 0.5), row(2, 0.4))
    part = EpochSoFar(3, [torch.tensor(0.5)] * 3, torch.tensor(4.0), 6)
    accelerator = Accelerator(cpu=True)
    state = made.state(part.gathered(accelerator))
    found = course()
    found.restore(state, accelerator)
    assert found.recogniser.weight.item() == 2.0 and found.epoch == 2
    assert (found.so_far.step, found.so_far.seen, len(found.so_far.losses)) == (3, 6, 3)
    assert found.result() == made.result()
