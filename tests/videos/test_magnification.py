"""Motion magnification on a tremor of known amplitude and frequency.

The texture is moved by whole fractions of a pixel in the Fourier domain, and how far it stands in
a picture is found by moving it again until it fits: neither uses the pyramid.
"""

import numpy as np
import pytest
from scipy import optimize

from microgesture.provenance.errors import BadInput
from microgesture.videos.magnification import band_pass, filter_rows, magnify
from microgesture.videos.magnification_settings import Magnification, asked_magnification

FPS, SIZE = 25.0, 64
BAND = Magnification(4.0, 3.0, 8.0)
# What is added is 0.85 to 1 of what is asked for (see the module): its own tolerance.
TOLERANCE = 0.15


def texture(seed=0):
    """The spectrum of a random texture, two pixels coarse, of 35 levels' deviation."""
    frequency = np.fft.fftfreq(SIZE)
    radius = np.hypot(frequency[:, None], frequency[None])
    noise = np.random.default_rng(seed).standard_normal((SIZE, SIZE))
    spectrum = np.fft.fft2(noise) * np.exp(-((radius * 4 * np.pi) ** 2) / 2)
    return spectrum * 35 / np.fft.ifft2(spectrum).real.std()


def at(spectrum, place, direction=(1.0, 0.0)):
    """The texture moved by `place` pixels along x, or another direction, float (S, S)."""
    frequency = np.fft.fftfreq(SIZE)
    along = frequency[None] * direction[0] + frequency[:, None] * direction[1]
    return 128 + np.fft.ifft2(spectrum * np.exp(-2j * np.pi * along * place)).real


def as_pictures(values):
    grey = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return grey[..., None].repeat(3, axis=-1)


def tremor(amplitude, hertz, frames=40):
    return amplitude * np.sin(2 * np.pi * hertz * np.arange(frames) / FPS)


def places(spectrum, pictures, direction=(1.0, 0.0)):
    """How far the texture stands in every picture, in pixels, by least squares."""
    inner = slice(16, -16)

    def place(picture):
        def error(value):
            away = at(spectrum, value, direction) - picture[..., 0]
            return np.square(away[inner, inner]).mean()

        return optimize.minimize_scalar(error, bounds=(-4, 4), method="bounded").x

    return np.array([place(picture) for picture in pictures])


def gain(spectrum, moves, band, direction=(1.0, 0.0)):
    """By what the tremor is larger afterwards, over the middle of the clip."""
    pictures = as_pictures(np.stack([at(spectrum, move, direction) for move in moves]))
    after = np.stack(list(magnify(pictures, len(pictures), FPS, band, "v")))[10:30:2]
    found, moves = places(spectrum, after, direction), moves[10:30:2]
    return (found @ moves) / (moves @ moves)


@pytest.mark.parametrize(
    ("factor", "hertz", "direction"),
    [(1.0, 5.0, (1, 0)), (4.0, 5.0, (1, 0)), (4.0, 6.0, (0, 1)), (4.0, 5.0, (0.6, 0.8))],
)
def test_a_tremor_within_the_band_is_larger_by_the_factor(factor, hertz, direction):
    found = gain(texture(), tremor(0.25, hertz), BAND._replace(factor=factor), direction)
    assert 1 + (1 - TOLERANCE) * factor < found < 1 + 1.05 * factor


@pytest.mark.parametrize("hertz", [0.5, 1.0, 11.0])
def test_a_motion_outside_of_the_band_stays(hertz):
    assert gain(texture(1), tremor(0.4, hertz), BAND) == pytest.approx(1, abs=0.08)


def test_what_stands_still_and_what_nobody_asks_for_keeps_its_bytes():
    spectrum = texture(2)
    still = as_pictures(np.stack([at(spectrum, 0.0)] * 20))
    np.testing.assert_array_equal(list(magnify(still, 20, FPS, BAND, "v")), still)
    moving = as_pictures(np.stack([at(spectrum, move) for move in tremor(0.4, 5.0, 20)]))
    off = BAND._replace(factor=0.0)
    np.testing.assert_array_equal(list(magnify(moving, 20, FPS, off, "v")), moving)
    np.testing.assert_array_equal(list(magnify(moving[:1], 1, FPS, BAND, "v")), moving[:1])


def test_only_the_trembling_half_is_changed():
    spectrum = texture(3)
    pictures = as_pictures(np.stack([at(spectrum, move) for move in tremor(0.4, 5.0)]))
    pictures[:, :, SIZE // 2 :] = pictures[0, :, SIZE // 2 :]  # the right half stands still
    after = np.stack(list(magnify(pictures, 40, FPS, BAND, "v"))).astype(float)
    change = np.abs(after - pictures)[..., 0].mean(axis=(0, 1))
    assert change[: SIZE // 2 - 8].mean() > 10 * change[SIZE // 2 + 12 :].mean()


def test_a_stream_read_in_blocks_gives_what_a_whole_clip_gives():
    """Filtering with the filter's whole matrix at once, written out here, is the reference."""
    from microgesture.videos.magnification import _LUMA
    from microgesture.videos.steerable_pyramid import SteerablePyramid

    spectrum, moves = texture(4), tremor(0.3, 5.0, 61) + np.linspace(0, 3, 61)
    pictures = as_pictures(np.stack([at(spectrum, move) for move in moves]))
    pyramid = SteerablePyramid(SIZE)
    bands = np.stack([pyramid.analyse(picture.astype(np.float32) @ _LUMA) for picture in pictures])
    phases = np.angle(bands[1:] * bands[:-1].conj()).cumsum(axis=0)
    phases = np.concatenate([np.zeros_like(phases[:1]), phases])
    taps = band_pass(FPS, BAND, "v")
    mirrored = np.pad(phases, ((len(taps) // 2, len(taps) // 2), (0, 0)), mode="reflect")
    moved = sum(tap * mirrored[k : k + 61] for k, tap in enumerate(taps))
    expected = [
        picture + pyramid.synthesise(b * (np.exp(4j * m) - 1))[..., None]
        for picture, b, m in zip(pictures, bands, moved)
    ]
    found = np.stack(list(magnify(iter(pictures), 61, FPS, BAND, "v")))
    assert np.abs(found - np.clip(expected, 0, 255)).max() < 0.6


def test_the_filter_by_its_answers():
    taps = band_pass(FPS, BAND, "v")
    assert len(taps) == 2 * 13 + 1  # one and a half periods of 3 Hz at 25 frames a second
    times = (np.arange(len(taps)) - 13) / FPS

    def answer(hertz):
        return taps @ np.cos(2 * np.pi * hertz * times)

    assert answer(0.0) == pytest.approx(0, abs=1e-12) and taps @ times == pytest.approx(0)
    assert answer(5.5) == pytest.approx(1, abs=0.01) and abs(answer(1.0)) < 0.02
    high = band_pass(FPS, BAND._replace(high=20.0), "v")  # past half the frame rate
    assert high @ np.cos(2 * np.pi * 12 * times) == pytest.approx(1, abs=0.02)


def test_rows_of_the_filter_mirror_a_short_clip():
    rows = filter_rows(np.array([1.0, 2, 4, 8, 16]), np.array([0, 2]), 3)
    # around 0: numbers 2 1 0 1 2; around 2: 0 1 2 1 0
    np.testing.assert_array_equal(rows, [[4, 2 + 8, 1 + 16], [1 + 16, 2 + 8, 4]])


def test_messages():
    with pytest.raises(BadInput, match=r"v.mp4: has 10 frames per second.*begins at 5 Hz"):
        list(magnify(np.zeros((3, 32, 32, 3), np.uint8), 3, 10.0, BAND._replace(low=5.0), "v.mp4"))
    with pytest.raises(ValueError, match="fewer than 4"):
        list(magnify(np.zeros((3, 32, 32, 3), np.uint8), 4, FPS, BAND, "v"))
    wrong = {"magnification": {"factor": 2, "low": 8, "high": 3}}
    with pytest.raises(BadInput, match="low is 8 and high is 3 Hz"):
        asked_magnification(wrong)
    assert asked_magnification({"magnification": {"factor": 0, "low": 8, "high": 3}}) is None
    assert asked_magnification({"size": 96}) is None
    right = {"magnification": {"factor": 2, "low": 3, "high": 8}}
    assert asked_magnification(right) == Magnification(2.0, 3.0, 8.0)
