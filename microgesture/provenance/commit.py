"""The commit that the code stands at, for what a result says of where it came from."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def current_commit(root: Path = ROOT) -> str:
    """The commit's hash, with "+changes" where files differ from it; "" outside a repository."""
    try:
        found = [
            subprocess.run(
                ["git", "-C", str(root), *words], capture_output=True, text=True, check=True
            ).stdout.strip()
            for words in (["rev-parse", "HEAD"], ["status", "--porcelain", "--untracked-files=no"])
        ]
    except (OSError, subprocess.CalledProcessError):
        return ""
    return found[0] + ("+changes" if found[1] else "")


COMMIT = current_commit()
