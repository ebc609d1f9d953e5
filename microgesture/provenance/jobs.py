"""What every script does around its one library call: log, and turn bad input into one message."""

import logging
import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from microgesture.provenance.errors import BadInput
from microgesture.provenance.lacking import quiet_loaders, what_is_lacking
from microgesture.provenance.seals import check_whole, seal
from microgesture.provenance.termination import Interrupted, told_by_signal


@contextmanager
def job(snakemake) -> Iterator[logging.Logger]:
    """Run the body of a rule's script.

    Log records of `microgesture` go to the rule's log file; warnings and errors also to stderr.
    Inputs are held against their seals before the body runs, outputs are sealed behind it
    (microgesture/provenance/seals.py). Inputs from the future (a clock was wrong) get the present
    time, or Snakemake would throw away the outputs as older. A `BadInput`, and what the machine
    lacks (room, memory, rights), becomes one printed message and exit status 1. Anything else keeps
    its traceback, in the log file too: it is our mistake, not the user's. A request to end
    (SIGTERM) ends it with status 75, "try again" (microgesture/provenance/termination.py).
    """
    logger = logging.getLogger("microgesture")
    logger.setLevel(logging.INFO)
    to_screen = logging.StreamHandler()
    to_screen.setLevel(logging.WARNING)
    to_screen.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
    logger.handlers, to_file = [to_screen], None
    try:
        to_file = _log_file(Path(str(snakemake.log[0])))
        logger.handlers.insert(0, to_file)
        with told_by_signal():
            check_whole(snakemake.input)
            _bring_to_the_present(snakemake.input, logger)
            yield logger
            seal(snakemake.output)
    except Interrupted:
        logger.warning("told to end; the same command goes on from what is finished")
        raise
    except BadInput as error:
        logger.error("%s", error)
        sys.exit(1)
    except Exception as error:
        quiet_loaders()
        if told := what_is_lacking(error):
            logger.error("%s", told)
            logger.info("as the library reported it", exc_info=True)
            sys.exit(1)
        to_screen.setLevel(logging.CRITICAL)  # Python prints the traceback itself
        logger.exception("unexpected error")
        raise
    finally:
        if to_file is not None:
            with suppress(OSError):
                to_file.close()


def _bring_to_the_present(paths: Iterable[str], logger: logging.Logger) -> None:
    for path in paths:
        with suppress(OSError):  # a bundle that may not be written: its time is left as it is
            if os.stat(path).st_mtime > time.time():
                os.utime(path)
                logger.info("%s: its time lay in the future", path)


class _LogFile(logging.FileHandler):
    def handleError(self, record: logging.LogRecord) -> None:
        """A log that cannot be written (a full disk) must not bury the message on the screen."""


def _log_file(path: Path) -> logging.Handler:
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = _LogFile(path, mode="w", encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    return handler
