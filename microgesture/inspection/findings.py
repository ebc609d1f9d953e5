"""What a check finds: how bad it is, where, what, and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass

SERIOUS, WARNING, NOTE = "serious", "warning", "note"
SEVERITIES = (SERIOUS, WARNING, NOTE)


@dataclass(frozen=True)
class Finding:
    """One kind of trouble.

    severity: 'serious' (scores or networks would be worthless), 'warning' (they suffer) or 'note'.
    what: one sentence. places: (where, what is seen there), such as ("video int01", "hands in 12 %
    of the frames"); empty where the data as a whole are meant. remedy: what to do.
    """

    severity: str
    what: str
    places: tuple[tuple[str, str], ...]
    remedy: str

    def __post_init__(self):
        if self.severity not in SEVERITIES:
            raise ValueError(f"severity {self.severity!r} is none of {', '.join(SEVERITIES)}")


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """By severity; what concerns most places first, else in the order found."""
    return sorted(findings, key=lambda f: (SEVERITIES.index(f.severity), -len(f.places)))


def percent(share: float) -> str:
    """A share as people write it; nothing but 0 is "0 %", nothing but all is "100 %"."""
    if 0 < share < 0.01:
        return "under 1 %"
    if 0.99 < share < 1:
        return "over 99 %"
    return f"{100 * share:.0f} %"


def counted(number: int, thing: str, many: str = "") -> str:
    """ "1 clip", "2 clips"; many: the plural where it takes more than an s."""
    return f"{number} {thing if number == 1 else many or thing + 's'}"
