"""A complex steerable pyramid of square pictures, in the Fourier domain.

Octave-wide bands of four orientations, each one-sided, so that a coefficient's phase tells where
the pattern around it lies and its absolute value how strong it is (Simoncelli and Freeman, 1995;
Portilla and Simoncelli, 2000). A band an octave lower has half the rows and columns. The filters'
squares sum to one over all bands but the lowest frequencies, so filtering twice gives back the
picture without its slow shading.
"""

import math

import numpy as np
from scipy import fft

ORIENTATIONS = 4
_MARGIN = 16  # pixels mirrored around a picture, so that its edges do not meet
_SMALLEST = 8  # rows of the coarsest band


class SteerablePyramid:
    """The filters for pictures of `size` x `size` pixels."""

    def __init__(self, size: int):
        self.size = size
        levels = max(1, int(math.log2((size + 2 * _MARGIN) / _SMALLEST)) + 1)
        whole = math.ceil((size + 2 * _MARGIN) / 2**levels) * 2**levels
        self._whole = whole
        rows = [whole // 2**level for level in range(levels)]
        self._levels = [(each, _filters(each, whole, level)) for level, each in enumerate(rows)]

    def analyse(self, picture: np.ndarray) -> np.ndarray:
        """float32 (S, S) -> complex64, band after band, the finest first."""
        spectrum = fft.fft2(np.pad(picture, self._padding(), mode="symmetric"))
        found = []
        for rows, filters in self._levels:
            bands = fft.ifft2(_cut(spectrum, rows) * filters)
            found.append(bands.reshape(-1) * np.float32((rows / self._whole) ** 2))
        return np.concatenate(found)

    def synthesise(self, bands: np.ndarray) -> np.ndarray:
        """complex64, as `analyse` gives them -> float32 (S, S): their sum."""
        spectrum = np.zeros((self._whole, self._whole), np.complex64)
        begin = 0
        for rows, filters in self._levels:
            end = begin + ORIENTATIONS * rows * rows
            own = fft.fft2(bands[begin:end].reshape(ORIENTATIONS, rows, rows))
            _put(spectrum, (own * filters).sum(axis=0) * np.float32((self._whole / rows) ** 2))
            begin = end
        # Each band holds one side of the spectrum: the real part of twice that is the whole.
        picture = 2 * fft.ifft2(spectrum).real
        inner = slice(_MARGIN, _MARGIN + self.size)
        return picture[inner, inner]

    def _padding(self) -> tuple[int, int]:
        return _MARGIN, self._whole - self.size - _MARGIN


def _filters(rows: int, whole: int, level: int) -> np.ndarray:
    """float32 (ORIENTATIONS, rows, rows) over the lowest frequencies of a spectrum of `whole`."""
    cycles = fft.fftfreq(rows, 1 / rows) / (whole / 2)  # 1: half a cycle a pixel
    radius = np.hypot(cycles[:, None], cycles[None])
    with np.errstate(divide="ignore"):
        octaves = np.log2(radius)
    centre = -(level + 1.0)
    away = octaves - centre
    if level == 0:
        away = np.minimum(away, 0)  # the finest band has all that is finer still
    radial = np.where(np.abs(away) < 1, np.cos(np.pi / 2 * np.clip(away, -1, 1)), 0)
    angle = np.arctan2(cycles[:, None], cycles[None])
    order = ORIENTATIONS - 1
    scale = math.sqrt(ORIENTATIONS * math.comb(2 * order, order) / 4**order)
    filters = [
        np.clip(np.cos(angle - math.pi * number / ORIENTATIONS), 0, None) ** order / scale * radial
        for number in range(ORIENTATIONS)
    ]
    return np.stack(filters).astype(np.float32)


def _cut(spectrum: np.ndarray, rows: int) -> np.ndarray:
    """The lowest `rows` x `rows` frequencies of a spectrum."""
    if rows == len(spectrum):
        return spectrum
    chosen = np.r_[0 : rows // 2, len(spectrum) - rows // 2 : len(spectrum)]
    return spectrum[np.ix_(chosen, chosen)]


def _put(spectrum: np.ndarray, low: np.ndarray) -> None:
    """Add the lowest frequencies to a spectrum, in place."""
    rows = len(low)
    chosen = np.r_[0 : rows // 2, len(spectrum) - rows // 2 : len(spectrum)]
    spectrum[np.ix_(chosen, chosen)] += low
