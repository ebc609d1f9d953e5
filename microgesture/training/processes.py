"""One training in several processes, one per GPU (or per share of the CPU)."""

import os
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path

import torch.multiprocessing
from torch.multiprocessing import ProcessExitedException, ProcessRaisedException

from microgesture.provenance.errors import BadInput
from microgesture.provenance.termination import (
    TRY_AGAIN,
    Interrupted,
    ending_at_safe_places,
    told_by_signal,
    told_to_end,
)


def run_in_processes(function: Callable, processes: int, **arguments) -> None:
    """function(**arguments), once in every one of `processes` processes that see each other.

    `function` must be importable (defined in a module) and return nothing; `accelerate` finds the
    other processes by the environment that is set here. With one process it is simply called. A
    BadInput in any process becomes one here. A request to end is handed on to all of them.
    """
    if processes <= 1:
        function(**arguments)
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        try:
            started = torch.multiprocessing.start_processes(
                _process,
                (processes, port, folder, function, arguments),
                nprocs=processes,
                join=False,
                start_method="spawn",
            )
            with ending_at_safe_places():
                _wait(started)
        except (ProcessRaisedException, ProcessExitedException) as error:
            if getattr(error, "exit_code", None) == TRY_AGAIN:
                raise Interrupted from None
            messages = sorted(Path(folder).glob("*.txt"))
            if messages:
                raise BadInput(messages[0].read_text(encoding="utf-8")) from None
            raise


def _wait(started) -> None:
    """Until all have ended; a request to end is handed on to them, once."""
    handed_on = False
    while not started.join(timeout=1):
        if told_to_end() and not handed_on:
            handed_on = True
            for process in started.processes:
                if process.is_alive():
                    process.terminate()


def _process(rank, processes, port, folder, function, arguments) -> None:
    os.environ |= {
        "RANK": str(rank),
        "LOCAL_RANK": str(rank),
        "WORLD_SIZE": str(processes),
        "LOCAL_WORLD_SIZE": str(processes),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
    }
    try:
        with told_by_signal():
            function(**arguments)
    except BadInput as error:
        Path(folder, f"{rank}.txt").write_text(str(error), encoding="utf-8")
        raise
    finally:
        if torch.distributed.is_initialized():
            torch.distributed.destroy_process_group()
