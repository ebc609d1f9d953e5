"""Where an interrupted job left its state.

The folder is declared to Snakemake nowhere: declared outputs are deleted before a job is tried
again. Its name is the signature of all that the job is made from, so another job never picks it up.
"""

from pathlib import Path


def state_folder(rule: str, signature: str, base: str = "results/state") -> Path:
    """The state folder of the job with this signature (`made_from` of its rule)."""
    return Path(base) / f"{rule}-{signature[:16]}"
