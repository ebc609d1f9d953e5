import threading

import pytest
import torch

from microgesture.training.ahead import made_ahead

CPU = torch.device("cpu")


@pytest.mark.parametrize("number", [0, 1, 3])
def test_everything_in_order(number):
    assert list(made_ahead(range(20), lambda x: x * x, number, CPU)) == [x * x for x in range(20)]
    assert list(made_ahead([], lambda x: x, number, CPU)) == []


@pytest.mark.parametrize("number", [1, 2])
def test_made_while_the_last_one_is_in_use(number):
    made, enough = [], threading.Event()

    def make(item):
        made.append(item)
        if len(made) == number + 2:  # the one in use, those that wait, and the one under way
            enough.set()
        return item

    items = made_ahead(range(10), make, number, CPU)
    assert next(items) == 0
    assert enough.wait(20)
    items.close()
    assert len(made) == number + 2 and not running()


def test_without_a_number_each_is_made_when_asked_for():
    made = []
    items = made_ahead(range(5), made.append, 0, CPU)
    next(items)
    assert made == [0]


@pytest.mark.parametrize("number", [0, 2])
def test_an_error_comes_in_its_place(number):
    def make(item):
        if item == 2:
            raise RuntimeError("out of memory")
        return item

    items, seen = made_ahead(range(5), make, number, CPU), []
    with pytest.raises(RuntimeError, match="out of memory"):
        for item in items:
            seen.append(item)
    assert seen == [0, 1] and not running()


def running():
    return [thread for thread in threading.enumerate() if thread.name == "batches ahead"]
