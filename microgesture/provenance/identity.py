"""Who a file is, by its content: moved, copied or touched it stays the same, replaced it does not.

Videos are long, and a plan must not read them whole: a file above 4 MiB is known by its size and by
pieces spread over it (its first and last 64 KiB and six of 16 KiB between them). An encoded video
of other content never agrees in all of them. What was read is remembered by path, size and time of
change, so that a plan costs one look at each file's facts.
"""

import hashlib
import json
import os
from pathlib import Path

WHOLE = 4 * 2**20
EDGE, PIECE, PIECES = 64 * 2**10, 16 * 2**10, 6


def content_identity(path: str | Path) -> str:
    """32 hexadecimal digits for the file's content, "missing" where there is no file."""
    try:
        size = os.stat(path).st_size
        digest = hashlib.blake2b(str(size).encode(), digest_size=16)
        with open(path, "rb") as file:
            if size <= WHOLE:
                digest.update(file.read())
            else:
                digest.update(file.read(EDGE))
                for number in range(1, PIECES + 1):
                    file.seek(size * number // (PIECES + 1))
                    digest.update(file.read(PIECE))
                file.seek(size - EDGE)
                digest.update(file.read(EDGE))
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return "missing"
    return digest.hexdigest()


class Identities:
    """`content_identity` with a memory, kept in a file between runs.

    memory: json file; one that is unreadable or cannot be written is done without.
    """

    def __init__(self, memory: str | Path):
        self._path = Path(memory)
        self._known: dict[str, list] = {}
        self._new = False
        try:
            known = json.loads(self._path.read_text(encoding="utf-8"))
            self._known = known if isinstance(known, dict) else {}
        except (OSError, ValueError):
            pass

    def __call__(self, path: str | Path) -> str:
        """The identity of the file at `path`. Raises OSError where it cannot be read."""
        try:
            facts = os.stat(path)
        except (FileNotFoundError, NotADirectoryError):
            return "missing"
        key, state = os.path.abspath(path), [facts.st_size, facts.st_mtime_ns, facts.st_ino]
        known = self._known.get(key)
        if known is None or known[:3] != state:
            self._known[key] = known = [*state, content_identity(path)]
            self._new = True
        return known[3]

    def save(self) -> None:
        """Keep what was learned for the next run."""
        if not self._new:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            temporary = self._path.with_name(f"{self._path.name}.{os.getpid()}.part")
            temporary.write_text(json.dumps(self._known), encoding="utf-8")
            os.replace(temporary, self._path)
            self._new = False
        except OSError:
            pass  # a memory, no more: the next run reads the files again
