"""What the next steps need is made while a step runs (`batches_ahead`).

A thread reads the next batch, moves it to the device and makes its streams: on a GPU in a CUDA
stream of its own beside the step's, on a processor beside the step where a core is free. Nothing
here draws a random number, so no number depends on it.
"""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext

import torch
from torch import Tensor

_END = object()
_LOOK_EVERY = 0.1  # seconds until a thread that cannot go on asks whether it is still wanted


def made_ahead(items: Iterable, make: Callable, number: int, device: torch.device) -> Iterator:
    """`make(item)` for every item, in order; up to `number` of them wait made (0: each is made when
    it is asked for). An error in the thread is raised here in its place. The iterator must be
    closed, or come to its end, before `items` is used again.

    What is made may be tensors in dictionaries, lists and tuples, on `device`.
    """
    iterator = iter(items)  # here: a loader draws a number when it starts
    if not number:
        yield from map(make, iterator)
        return
    made: queue.Queue = queue.Queue(maxsize=number)
    unwanted = threading.Event()
    beside = torch.cuda.Stream(device) if device.type == "cuda" else None

    def put(thing) -> bool:
        while not unwanted.is_set():
            try:
                made.put(thing, timeout=_LOOK_EVERY)
                return True
            except queue.Full:
                continue
        return False

    def work() -> None:
        try:
            for item in iterator:
                with torch.cuda.stream(beside) if beside else nullcontext():
                    thing = make(item)
                    ready = beside.record_event() if beside else None
                if not put((thing, ready, None)):
                    return
            put((_END, None, None))
        except BaseException as error:
            put((_END, None, error))

    thread = threading.Thread(target=work, name="batches ahead", daemon=True)
    thread.start()
    try:
        while True:
            thing, ready, error = made.get()
            if error is not None:
                raise error
            if thing is _END:
                return
            if ready is not None:
                here = torch.cuda.current_stream(device)
                here.wait_event(ready)
                _keep_until_used(thing, here)
            yield thing
    finally:
        unwanted.set()
        thread.join()


def _keep_until_used(thing, stream) -> None:
    """The memory of these tensors is not given away before `stream` has used them."""
    if isinstance(thing, Tensor):
        if thing.is_cuda:
            thing.record_stream(stream)
    elif isinstance(thing, dict):
        _keep_until_used(list(thing.values()), stream)
    elif isinstance(thing, list | tuple):
        for part in thing:
            _keep_until_used(part, stream)
