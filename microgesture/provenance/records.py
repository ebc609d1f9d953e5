"""What Snakemake has written down of a job's last run, and what differs from it now.

Every job carries one tracked param, `made_from`: the signature of all that can change its result. A
job whose signature is the recorded one has nothing to do, whatever runs before it.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path

SHOWN = 6  # differences told of one job


def signature(parts: Mapping | list) -> str:
    """32 hexadecimal digits for plain values, the order of names in mappings aside.

    Raises TypeError for what is no plain value: its text might change from run to run.
    """
    text = json.dumps(parts, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def flattened(settings: Mapping, place: str = "") -> dict:
    """Nested settings as one level: {"a": {"b": 1}} -> {"a.b": 1}."""
    flat = {}
    for key, value in settings.items():
        name = f"{place}{key}"
        if isinstance(value, Mapping):
            flat |= flattened(value, f"{name}.")
        else:
            flat[name] = value
    return flat


def recorded_signature(params: list | None) -> str | None:
    """The signature among a job's params as Snakemake keeps them (their repr), or None."""
    found = [word for word in params or () if isinstance(word, str)]
    signatures = [word.strip("'") for word in found if len(word.strip("'")) == 32]
    return signatures[0] if len(signatures) == 1 else None


def differences(before: Mapping, now: Mapping) -> list[str]:
    """What differs between two sets of parts, in words; what is long is named alone."""
    told = []
    for name in sorted({*before, *now}):
        if before.get(name) == now.get(name):
            continue
        old, new = (_shown(parts, name) for parts in (before, now))
        told.append(f"{name} {old} -> {new}" if old and new else name)
    return told


def _shown(parts: Mapping, name: str) -> str:
    if name not in parts:
        return "(none)"
    text = json.dumps(parts[name])
    is_digest = isinstance(parts[name], str) and len(parts[name]) in (16, 32) and _is_hex(text)
    return "" if is_digest or len(text) > 60 else text


def _is_hex(text: str) -> bool:
    return not set(text.strip('"')) - set("0123456789abcdef")


class Memory:
    """The parts behind signatures, a json file each, so that a plan can say what differs."""

    def __init__(self, folder: str | Path):
        self._folder = Path(folder)

    def keep(self, parts: Mapping) -> None:
        """Write down the parts of a signature. Where nothing can be written: no explanation."""
        path = self._folder / f"{signature(parts)}.json"
        try:
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(json.dumps(parts), encoding="utf-8")
        except OSError:
            pass

    def explain(self, old: str, parts: Mapping, tell: Callable[[str], None], title: str) -> None:
        """Tell what differs between the parts of the signature `old`, where known, and `parts`."""
        try:
            before = json.loads((self._folder / f"{old}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return
        found = differences(before, json.loads(json.dumps(parts)))
        if found:
            more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
            tell(f"{title}: {', '.join(found[:SHOWN])}{more}")
