"""Eulerian motion magnification: what trembles within a band of frequencies moves further.

Phase-based (Wadhwa, Rubinstein, Durand and Freeman, Phase-Based Video Motion Processing, SIGGRAPH
2013): a complex steerable pyramid of every picture's luminance; the phase of every coefficient is
followed over time, a filter in time takes out its part within the band, and `factor` times that
part is added to it. A pattern that swings by d pixels then swings by nearly (1 + factor) d, as long
as that stays below about a quarter of its wavelength: on a random texture about nine tenths of what
is asked for is added, because what a shift does to the coefficients' absolute values is left out.
Colours move with the change of the luminance.

The filter is symmetric in time and sees the pictures of its own clip or video only, which go on as
their mirror image beyond its ends.
"""

import math
from collections.abc import Iterable, Iterator

import numpy as np
from scipy import signal

from microgesture.videos.magnification_settings import Magnification, check_band
from microgesture.videos.steerable_pyramid import SteerablePyramid

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # of ITU-R BT.601
_PERIODS = 1.5  # the filter's reach to either side, in periods of the band's lower end
_BLOCK = 16  # pictures that are filtered at a time


def magnify(
    pictures: Iterable[np.ndarray], count: int, fps: float, band: Magnification, origin: str
) -> Iterator[np.ndarray]:
    """The pictures with their motion magnified, one after the other, each as soon as it can be.

    pictures: `count` of uint8 (S, S, 3) RGB: every shown frame of a clip or of a whole video, in
    its order; fps: their frames per second; origin: the video's name, for messages. Without a
    factor, and where there is only one, they are given back as they are. What is held in memory
    goes by the filter's reach, not by `count`. Raises `BadInput` as `check_band`, `ValueError`
    where there are fewer than `count` pictures.
    """
    if not band.factor or count < 2:
        yield from pictures
        return
    taps = band_pass(fps, band, origin)
    reach, read, pyramid, phase = len(taps) // 2, 0, None, None
    source = iter(pictures)
    shown, phases = {}, {}  # by number: (picture, its bands) until it is given out, and its phase
    for first in range(0, count, _BLOCK):
        last = min(first + _BLOCK, count)
        for number in range(read, min(last + reach, count)):
            picture = _next(source, count, origin)
            pyramid = pyramid or SteerablePyramid(len(picture))
            bands = pyramid.analyse(picture.astype(np.float32) @ _LUMA)
            if number:
                phase = phase + np.angle(bands * shown[number - 1][1].conj())
            else:
                phase = np.zeros(bands.shape, np.float32)
            shown[number], phases[number], read = (picture, bands), phase, number + 1
        begin = min(phases)
        weights = filter_rows(taps, np.arange(first, last), count)[:, begin:read]
        moved = weights @ np.stack([phases[number] for number in range(begin, read)])
        for number in range(first, last):
            yield _moved(*shown.pop(number), moved[number - first], pyramid, band.factor)
        for number in range(begin, last - reach):
            del phases[number]


def band_pass(fps: float, band: Magnification, origin: str) -> np.ndarray:
    """Symmetric filter of a band, float64 (2 R + 1,): a windowed sinc that lets the band's middle
    pass whole and takes out exactly what stands still or moves evenly.

    A band that reaches past half the frame rate ends there. Raises `BadInput` as `check_band`.
    """
    check_band(band, fps, origin)
    reach = math.ceil(_PERIODS * fps / band.low)
    ends = [band.low] if band.high >= 0.95 * fps / 2 else [band.low, band.high]
    taps = signal.firwin(2 * reach + 1, ends, pass_zero=False, fs=fps, window="hamming")
    window = signal.get_window("hamming", len(taps), fftbins=False)
    return taps - taps.sum() * window / window.sum()


def filter_rows(taps: np.ndarray, places: np.ndarray, count: int) -> np.ndarray:
    """float32 (P, count): row p holds the weight of every picture in what the filter gives at
    `places`[p]; beyond its ends a clip of `count` pictures goes on as its mirror image."""
    reach = len(taps) // 2
    wanted = places[:, None] + np.arange(-reach, reach + 1)
    period = 2 * (count - 1)
    wanted = np.abs((wanted + count - 1) % period - (count - 1))  # 0 1 2 1 0 1 2 ...
    rows = np.zeros((len(places), count), np.float32)
    np.add.at(rows, (np.arange(len(places))[:, None], wanted), np.float32(taps))
    return rows


def _next(source: Iterator[np.ndarray], count: int, origin: str) -> np.ndarray:
    for picture in source:
        return picture
    raise ValueError(f"{origin}: fewer than {count} pictures")


def _moved(
    picture: np.ndarray,
    bands: np.ndarray,
    phase: np.ndarray,
    pyramid: SteerablePyramid,
    factor: float,
) -> np.ndarray:
    """One picture with `factor` times `phase` added to its coefficients."""
    change = pyramid.synthesise(bands * (np.exp(1j * factor * phase) - 1))
    return np.clip(np.rint(picture + change[..., None]), 0, 255).astype(np.uint8)
