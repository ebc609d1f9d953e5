"""Where an interrupted job left its state.

The folder is declared to Snakemake nowhere: declared outputs are deleted before a job is tried
again. Its name is a digest of what the job computes, so another job never picks it up.
"""

import hashlib
import json
import os
from pathlib import Path


def state_folder(rule: str, inputs: list[str], params: dict, base: str = "results/state") -> Path:
    """The state folder of the job with these input files and params (plain values).

    Input files count by path, size and time of change: a changed input gives another folder.
    """
    facts = [(str(path), os.stat(path).st_size, os.stat(path).st_mtime_ns) for path in inputs]
    text = json.dumps([rule, facts, params], sort_keys=True, default=str)
    return Path(base) / f"{rule}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"
