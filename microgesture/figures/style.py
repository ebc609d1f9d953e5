"""The house style of every figure: fonts, colours, deterministic files.

Colours are the colour-blind-safe set of Okabe and Ito (2008, "Color Universal Design"). Files are
the same bytes for the same data: no date in them, element ids from a fixed salt.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

from microgesture.provenance.files import written_whole

INK = "#22262b"
MUTED = "#6b7480"
GRID = "#e3e6ea"
BLUE = "#0072b2"
SKY = "#56b4e9"
GREEN = "#009e73"
ORANGE = "#e69f00"
VERMILION = "#d55e00"
PINK = "#cc79a7"
YELLOW = "#f0e442"
SERIES = (BLUE, VERMILION, GREEN, ORANGE, PINK, SKY, MUTED)
HEAT = "Blues"  # one hue, light to dark: reads in grey too

_SETTINGS = {
    "axes.axisbelow": True,
    "axes.edgecolor": MUTED,
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.labelsize": 10,
    "axes.linewidth": 0.8,
    "axes.prop_cycle": matplotlib.cycler(color=SERIES),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlepad": 9,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "figure.dpi": 100,
    "figure.facecolor": "white",
    "figure.titlesize": 12,
    "figure.titleweight": "bold",
    "font.family": "DejaVu Sans",  # ships with matplotlib: the same letters everywhere
    "font.size": 10,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "legend.fontsize": 9,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "savefig.dpi": 150,
    "svg.fonttype": "path",
    "svg.hashsalt": "microgesture",
    "text.color": INK,
    "xtick.color": MUTED,
    "xtick.labelcolor": INK,
    "xtick.labelsize": 9,
    "ytick.color": MUTED,
    "ytick.labelcolor": INK,
    "ytick.labelsize": 9,
}


@contextmanager
def house_style() -> Iterator[None]:
    """Make and save figures inside this context; matplotlib's settings are as before after it."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        yield


def new_figure(width: float, height: float, **options) -> Figure:
    """An empty figure of the given size in inches, without pyplot's global state or a display."""
    return Figure(figsize=(width, height), **({"layout": "constrained"} | options))


def save_figure(figure: Figure, path: str | Path) -> None:
    """Write a figure whole, as svg, pdf or png by the suffix, with bytes that depend on it alone.

    Call it inside `house_style`.
    """
    path = Path(path)
    dateless = {
        ".svg": {"Date": None, "Creator": None},
        ".pdf": {"CreationDate": None, "ModDate": None, "Creator": None, "Producer": None},
        ".png": {"Software": None},
    }
    with written_whole(path) as temporary:
        figure.savefig(temporary, metadata=dateless.get(path.suffix.lower()))


def group_spans(groups: Sequence[str]) -> list[tuple[str, int, int]]:
    """(group, first, last) for every run of equal neighbours in `groups`."""
    spans: list[tuple[str, int, int]] = []
    for place, group in enumerate(groups):
        if spans and spans[-1][0] == group:
            spans[-1] = (group, spans[-1][1], place)
        else:
            spans.append((group, place, place))
    return spans


def group_colours(groups: Sequence[str]) -> dict[str, str]:
    """Group -> colour, in the order in which they appear; colours come again after seven."""
    names = list(dict.fromkeys(groups))
    return {name: SERIES[place % len(SERIES)] for place, name in enumerate(names)}


def shortened(text: str, length: int) -> str:
    """The text, cut at a word with an ellipsis when it is longer than `length` characters."""
    if len(text) <= length:
        return text
    cut = text[: length - 1]
    at_word = cut.rsplit(" ", 1)[0]
    return (at_word if len(at_word) >= length * 0.6 else cut).rstrip(" ,;/(") + "…"
