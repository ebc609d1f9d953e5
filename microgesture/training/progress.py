"""How a training tells that it goes on: a bar on a terminal, else a line an epoch; and the curve so
far as a table that can be read while it grows."""

import logging
import sys
from pathlib import Path

from tqdm import tqdm

from microgesture.training.curves import write_curves

LOGGER = logging.getLogger(__name__)
CURVES = "curves.tsv"


class Progress:
    """What is shown of one training, in one process.

    title: what is trained, for the lines. epochs: the last one; done: those behind it at the
    start. state: the folder of the interrupted training, where curves.tsv is written after every
    epoch; None: it is not. silent: of the other processes of a training, which show nothing.
    """

    def __init__(
        self, title: str, epochs: int, done: int, state: Path | None, silent: bool = False
    ):
        self.title, self.epochs, self.state, self.silent = title, epochs, state, silent
        self.bar = tqdm(total=epochs, initial=done, unit="epoch", disable=True if silent else None)
        if state is not None and not silent:
            LOGGER.info("%s: the curve so far stands in %s", title, state / CURVES)

    def epoch(self, rows: list[dict]) -> None:
        """Show the last of the rows of the curves and write them all."""
        if self.silent:
            return
        line = f"{self.title}: {describe(rows[-1], self.epochs)}"
        LOGGER.info("%s", line)
        if self.bar.disable:
            print(line, file=sys.stderr, flush=True)  # what nohup and SLURM keep
        else:
            self.bar.set_postfix(_shown(rows[-1]))
            self.bar.update()
        if self.state is not None:
            write_curves(rows, self.state / CURVES)

    def close(self) -> None:
        """Leave the bar as it is."""
        self.bar.close()


def describe(row: dict, epochs: int) -> str:
    """One line about an epoch, such as "epoch 3/30, loss 1.234, accuracy 0.512"."""
    parts = [f"epoch {row['epoch']}/{epochs}", f"loss {row['loss']:.3f}"]
    if "accuracy" in row:
        parts.append(f"accuracy {row['accuracy']:.3f}")
    if "validation_nll" in row:
        parts.append(f"validation loss {row['validation_nll']:.3f}")
        parts.append(f"mean-class accuracy {row['validation_mean_class_accuracy']:.3f}")
    return ", ".join(parts)


def _shown(row: dict) -> dict[str, str]:
    shown = {"loss": f"{row['loss']:.3f}"}
    if "validation_mean_class_accuracy" in row:
        shown["validation"] = f"{row['validation_mean_class_accuracy']:.3f}"
    return shown
