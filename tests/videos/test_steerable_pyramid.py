"""The pyramid gives back what it was made from, and its phases tell where a grating lies."""

import numpy as np
import pytest

from microgesture.videos.steerable_pyramid import ORIENTATIONS, SteerablePyramid


def grating(size, wavelength, place, direction=(1.0, 0.0)):
    y, x = np.mgrid[:size, :size]
    along = x * direction[0] + y * direction[1]
    return (128 + 50 * np.cos(2 * np.pi * (along - place) / wavelength)).astype(np.float32)


@pytest.mark.parametrize("size", [64, 96, 100])
@pytest.mark.parametrize("wavelength", [3.0, 6.0, 16.0])
def test_a_grating_comes_back(size, wavelength):
    pyramid = SteerablePyramid(size)
    picture = grating(size, wavelength, 0.7, (0.8, 0.6))
    again = pyramid.synthesise(pyramid.analyse(picture))
    inner = slice(8, -8)
    away = (again - picture + 128)[inner, inner]  # the mean is not among the bands
    assert again.dtype == np.float32 and again.shape == (size, size)
    assert np.abs(away - away.mean()).max() < 5  # of 50: mirrored edges have slow parts, too


def test_phases_turn_by_the_shift():
    pyramid = SteerablePyramid(96)
    before, after = (pyramid.analyse(grating(96, 8.0, place)) for place in (0.0, 0.5))
    strong = np.abs(before) > 0.5 * np.abs(before).max()
    turned = np.angle(after * before.conj())[strong]
    # the fourth of a band's orientations that look along x; half a pixel of 8 is a sixteenth turn
    assert np.median(np.abs(turned)) == pytest.approx(2 * np.pi / 16, abs=0.02)


def test_size_of_the_coefficients():
    bands = SteerablePyramid(96).analyse(np.zeros((96, 96), np.float32))
    assert bands.dtype == np.complex64  # 96 and a margin of 16 around it, five octaves
    assert len(bands) == ORIENTATIONS * sum((128 // 2**level) ** 2 for level in range(5))
    assert not bands.any()
