"""What a configuration asks of motion magnification (microgesture/videos/magnification.py)."""

from typing import NamedTuple

from microgesture.provenance.errors import BadInput


class Magnification(NamedTuple):
    """factor: what is added to the motion, as a multiple of it; low, high: the band in Hz."""

    factor: float
    low: float
    high: float


def asked_magnification(settings: dict) -> Magnification | None:
    """The group `magnification` of decode_rgb's settings; None where it is off (factor 0) or not
    there. Raises `BadInput` for a band whose ends are not in order."""
    group = settings.get("magnification") or {}
    if not group.get("factor"):
        return None
    asked = Magnification(*(float(group[name]) for name in Magnification._fields))
    if not 0 < asked.low < asked.high:
        raise BadInput(
            f"decode_rgb: magnification: low is {asked.low:g} and high is {asked.high:g} Hz; write "
            "a band with 0 < low < high"
        )
    return asked


def check_band(band: Magnification, fps: float, origin: str) -> None:
    """`BadInput` where nothing within the band can be seen at `fps` frames per second; origin: the
    video's name."""
    if not band.low < 0.9 * fps / 2:
        raise BadInput(
            f"{origin}: has {fps:g} frames per second, in which nothing faster than {fps / 2:g} Hz "
            f"can be seen, and decode_rgb: magnification begins at {band.low:g} Hz; write a lower "
            "band, or factor: 0"
        )
