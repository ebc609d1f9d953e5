"""The text beside an annotated clip: prediction, confidence bars, where it comes from.

Text is set with Pillow in the font that ships with matplotlib, so it looks the same everywhere.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

BACKGROUND = "#14181d"
FOREGROUND = "#eef1f4"
FAINT = "#8b96a3"
TRACK = "#2a313a"
FIRST = "#3ddbb0"
REST = "#5f7487"
CROP = "#f0e442"


@dataclass(frozen=True)
class ClipText:
    """What is said about one clip.

    guesses: (class name, calibrated confidence in [0, 1]), the best first; may be empty. facts:
    (word, value) lines such as ("video", "test_03"). truth: the true class name, "" = not told.
    """

    guesses: list[tuple[str, float]] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)
    truth: str = ""


@lru_cache
def font(size: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    """DejaVu Sans in the given pixel size."""
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts/ttf" / name), size)


def wrapped(text: str, width: float, letters: ImageFont.FreeTypeFont, lines: int = 2) -> list[str]:
    """The text broken at spaces into at most `lines` lines of `width` pixels; the rest is cut."""
    words, out = text.split(), [""]
    while words:
        joined = f"{out[-1]} {words[0]}".strip()
        if letters.getlength(joined) <= width:
            out[-1] = joined
            words.pop(0)
        elif len(out) < lines and out[-1]:
            out.append("")
        else:
            rest = f"{out[-1]} {' '.join(words)}".strip()
            while rest and letters.getlength(rest + "…") > width:
                rest = rest[:-1]
            out[-1] = rest.rstrip() + "…"
            break
    return out


def draw_panel(text: ClipText, width: int, height: int) -> tuple[np.ndarray, int]:
    """(uint8 (height, width, 3) RGB, y of the first free row below the text)."""
    image = Image.new("RGB", (width, height), BACKGROUND)
    pen = ImageDraw.Draw(image)
    unit = max(9, min(round(width / 22), round(height / 26)))  # body text size
    margin = unit
    inner = width - 2 * margin
    y = margin
    if text.guesses:
        pen.text((margin, y), "PREDICTED", font=font(round(0.8 * unit), True), fill=FAINT)
        y += round(1.3 * unit)
        heading = font(round(1.35 * unit), True)
        for line in wrapped(text.guesses[0][0], inner, heading):
            pen.text((margin, y), line, font=heading, fill=FOREGROUND)
            y += round(1.75 * unit)
        y += round(0.4 * unit)
        for place, (name, confidence) in enumerate(text.guesses):
            letters = font(unit)
            share = f"{100 * confidence:.0f} %"
            room = inner - letters.getlength("100 %") - unit
            colour = FOREGROUND if place == 0 else FAINT
            pen.text((margin, y), wrapped(name, room, letters, 1)[0], font=letters, fill=colour)
            at = width - margin - letters.getlength(share)
            pen.text((at, y), share, font=letters, fill=colour)
            y += round(1.4 * unit)
            thick = max(4, round(0.5 * unit))
            bar = [margin, y, width - margin, y + thick]
            pen.rounded_rectangle(bar, radius=thick / 2, fill=TRACK)
            filled = margin + max(thick, inner * min(max(confidence, 0.0), 1.0))
            pen.rounded_rectangle(
                [margin, y, filled, y + thick],
                radius=thick / 2,
                fill=FIRST if place == 0 else REST,
            )
            y += thick + round(0.75 * unit)
        y += round(0.3 * unit)
    small = font(round(0.9 * unit))
    facts = ([("true", text.truth)] if text.truth else []) + text.facts
    indent = max((small.getlength(word) for word, _ in facts), default=0) + unit
    for word, value in facts:
        pen.text((margin, y), word, font=small, fill=FAINT)
        line = wrapped(value, inner - indent, small, 1)[0]
        pen.text((margin + indent, y), line, font=small, fill=FOREGROUND)
        y += round(1.4 * unit)
    return np.asarray(image), min(height, y + round(0.4 * unit))


def draw_caption(picture: np.ndarray, text: str, x: int, y: int, size: int) -> np.ndarray:
    """A copy of the picture with one faint line of text, top left corner at (x, y)."""
    image = Image.fromarray(picture)
    ImageDraw.Draw(image).text((x, y), text, font=font(size), fill=FAINT)
    return np.asarray(image)
