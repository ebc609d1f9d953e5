"""Frames that carry their own number, so that a reader's shift by one frame is seen.

Twelve bits, ten of the number as a Gray code (neighbours differ in one bar) and two of a checksum,
each as a bar of the middle square and once more inverted below: a bar is the sign of a difference,
which survives lossy codecs, and a picture that is no clean frame reads as UNREADABLE.
"""

import numpy as np

WIDTH, HEIGHT = 176, 144
UNREADABLE = -1
_BITS, _BAR, _LEFT = 12, 12, (WIDTH - HEIGHT) // 2
_UPPER, _LOWER, _TALL = 16, 64, 40
_CONTRAST = 40


def _code(number: int) -> np.ndarray:
    gray = number ^ (number >> 1)
    bits = [gray >> place & 1 for place in range(_BITS - 2)]
    return np.array([*bits, sum(bits) % 2, (number // 3) % 2], dtype=bool)


def draw(number: int) -> np.ndarray:
    """Frame `number` (below 1024), uint8 (144, 176, 3) RGB: the bars above a wandering square."""
    image = np.full((HEIGHT, WIDTH, 3), 110, dtype=np.uint8)
    image[:, :, 0] = np.linspace(60, 160, WIDTH)
    for place, bit in enumerate(_code(number)):
        columns = slice(_LEFT + place * _BAR, _LEFT + (place + 1) * _BAR)
        image[_UPPER : _UPPER + _TALL, columns] = 230 if bit else 20
        image[_LOWER : _LOWER + _TALL, columns] = 20 if bit else 230
    left = 5 * number % (WIDTH - 24)
    image[112:136, left : left + 24] = (210, 60, 60)
    return image


def read(image: np.ndarray) -> int:
    """The number of a frame (144, 176[, 3]) or of its middle square (144, 144[, 3])."""
    luminance = image[..., 1] if image.ndim == 3 else image
    left = (luminance.shape[1] - HEIGHT) // 2
    inside = 3
    bars = [slice(left + p * _BAR + inside, left + (p + 1) * _BAR - inside) for p in range(_BITS)]
    upper = [luminance[_UPPER + 6 : _UPPER + _TALL - 6, bar].mean() for bar in bars]
    lower = [luminance[_LOWER + 6 : _LOWER + _TALL - 6, bar].mean() for bar in bars]
    difference = np.array(upper) - lower
    if np.abs(difference).min() < _CONTRAST:
        return UNREADABLE
    bits = difference > 0
    gray = sum(int(bit) << place for place, bit in enumerate(bits[: _BITS - 2]))
    number = 0
    while gray:
        number ^= gray
        gray >>= 1
    return number if (_code(number) == bits).all() else UNREADABLE
