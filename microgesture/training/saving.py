"""When an interrupted training's state is saved within an epoch, and what it holds of the epoch."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from accelerate import Accelerator

from microgesture.provenance.termination import Interrupted, told_to_end

_AGREE_EVERY = 10  # steps at which several processes ask one another whether to save


@dataclass
class EpochSoFar:
    """What an epoch has come to, in one process. step: steps done. losses: of every step. right,
    seen: clips rightly predicted, and seen."""

    step: int
    losses: list[torch.Tensor]
    right: torch.Tensor
    seen: int

    @classmethod
    def begun(cls, device: torch.device) -> "EpochSoFar":
        """Nothing done yet."""
        return cls(0, [], torch.zeros((), device=device), 0)

    @classmethod
    def from_state(cls, saved: dict, process: int, device: torch.device) -> "EpochSoFar":
        """This process's part of what `gathered` made."""
        return cls(
            saved["step"],
            list(saved["losses"][process].to(device).unbind()),
            saved["right"][process].to(device),
            int(saved["seen"][process]),
        )

    def gathered(self, accelerator: Accelerator) -> dict:
        """All processes' parts, on the CPU: losses (processes, steps), right and seen (processes,).
        Every process must call it."""
        device = accelerator.device
        seen = torch.tensor(self.seen, device=device)
        parts = {"losses": torch.stack(self.losses), "right": self.right, "seen": seen}
        parts = {name: accelerator.gather(part[None]).cpu() for name, part in parts.items()}
        return {"step": self.step, **parts}


class Saver:
    """Says after every step whether to save, and leaves where the job was told to end.

    every: "seconds" between two saves by the clock and "steps" by number, 0 = not so. save: called
    with what `EpochSoFar.gathered` gives, in every process.
    """

    def __init__(self, every: dict, accelerator: Accelerator, save: Callable[[dict], None]):
        self.every, self.accelerator, self._save = every, accelerator, save
        self._last = time.monotonic()

    def step(self, so_far: EpochSoFar) -> None:
        """After a step that is not the epoch's last. Raises `Interrupted`."""
        number, told = so_far.step, told_to_end()
        by_number = bool(self.every["steps"]) and number % self.every["steps"] == 0
        seconds = self.every["seconds"]
        late = bool(seconds) and time.monotonic() - self._last >= seconds
        if self.accelerator.num_processes > 1:
            asked = number % _AGREE_EVERY == 0
            told, late = self._any(told, late) if asked else (False, False)
        if by_number or late or told:
            self._save(so_far.gathered(self.accelerator))
            self.saved()
            if told:
                self._leave()

    def epoch(self) -> None:
        """Behind the save at an epoch's end. Raises `Interrupted`."""
        self.saved()
        if self._any(told_to_end(), False)[0]:
            self._leave()

    def saved(self) -> None:
        """The state has just been saved."""
        self._last = time.monotonic()

    def _any(self, *wishes: bool) -> tuple[bool, ...]:
        """Every wish that a process has."""
        if self.accelerator.num_processes == 1:
            return wishes
        device = self.accelerator.device
        asked = torch.tensor([float(wish) for wish in wishes], device=device)
        return tuple((self.accelerator.reduce(asked, "sum") > 0).tolist())

    def _leave(self) -> None:
        self.accelerator.wait_for_everyone()  # until the state is written
        raise Interrupted
