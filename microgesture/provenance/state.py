"""Where an interrupted job left its state.

The folder is declared to Snakemake nowhere: declared outputs are deleted before a job is tried
again. It is named after the rule and what tells its jobs apart; what lies in it carries the
signature of all that it is made from, so that another job never picks it up.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from microgesture.provenance.locks import held_alone

BASE = "results/state"


def state_folder(rule: str, signature: str, base: str = BASE) -> Path:
    """The state folder of the job with this signature (`made_from` of its rule)."""
    return Path(base) / f"{rule}-{signature[:16]}"


def batch_state_folder(rule: str, *wildcards: str, base: str = BASE) -> Path:
    """The state folder of a job whose pieces carry signatures of their own: the rule and its
    wildcards (empty ones left out), so that a video that is replaced does not cost the others."""
    names = [name.strip("/").replace("/", "+") for name in wildcards if name]
    return Path(base) / "-".join([rule, *names])


@contextmanager
def state_held(folder: str | Path | None, what: str) -> Iterator[Path | None]:
    """Hold a state folder alone; it is removed when the body ends without error.

    what: the work in words. None: no state is kept. Raises BadInput as `held_alone`.
    """
    if folder is None:
        yield None
        return
    folder = Path(folder)
    with held_alone(folder, what):
        yield folder
        _empty(folder)
    with suppress(OSError):  # another one waits there already
        folder.rmdir()


def _empty(folder: Path) -> None:
    """Remove all but the lock."""
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif not path.name.startswith("lock"):
            path.unlink(missing_ok=True)
