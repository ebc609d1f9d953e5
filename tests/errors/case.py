"""A kind of bad input with the message that a user sees."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from microgesture.provenance.errors import BadInput


@dataclass(frozen=True)
class Case:
    """brought: what was brought, in words. ask: makes it in an empty folder and gives it to the
    product, which must raise BadInput. Make it with the product's own code, not with a stand-in."""

    brought: str
    ask: Callable[[Path], object]

    def message(self, folder: Path) -> str:
        """What the user sees, with paths as seen from the folder. AssertionError where nothing is
        said."""
        try:
            self.ask(folder)
        except BadInput as error:
            return shown(str(error), folder)
        raise AssertionError(f"{self.brought}: nothing was said")


def shown(message: str, folder: Path) -> str:
    """The message without what differs from machine to machine."""
    message = message.replace(f"{folder}/", "").replace(str(folder), ".")
    return re.sub(r"/tmp/\S*?/", "", message).rstrip()
