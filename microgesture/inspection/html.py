"""Pieces of a page that is one file: text, tables, pictures in the page itself."""

import base64
from collections.abc import Iterable
from html import escape
from pathlib import Path

import cv2
import numpy as np

STYLE = """
:root { --ink: #22262b; --muted: #6b7480; --line: #e3e6ea; --serious: #b3261e; --warning: #b26a00;
  --note: #0072b2; }
* { box-sizing: border-box; }
body { margin: 0; font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif; color: var(--ink);
  background: #f6f7f9; }
main { max-width: 1120px; margin: 0 auto; padding: 28px 24px 60px; }
h1 { font-size: 26px; margin: 0 0 4px; }
h2 { font-size: 19px; margin: 40px 0 10px; }
p { margin: 6px 0 12px; max-width: 80ch; }
.muted { color: var(--muted); }
.tiles { display: flex; flex-wrap: wrap; gap: 10px; margin: 18px 0 6px; }
.tile { background: white; border: 1px solid var(--line); border-radius: 8px; padding: 8px 16px; }
.tile b { display: block; font-size: 21px; }
.tile span { color: var(--muted); font-size: 13px; }
.finding { background: white; border: 1px solid var(--line); border-left: 6px solid var(--note);
  border-radius: 6px; padding: 10px 16px; margin: 10px 0; }
.finding.serious { border-left-color: var(--serious); }
.finding.warning { border-left-color: var(--warning); }
.finding .badge { font-size: 12px; font-weight: 700; text-transform: uppercase;
  letter-spacing: .04em; color: var(--note); margin-right: 8px; }
.finding.serious .badge { color: var(--serious); }
.finding.warning .badge { color: var(--warning); }
.finding .what { font-weight: 600; }
.finding ul { margin: 6px 0; padding-left: 20px; }
.finding li b { font-weight: 600; }
.finding .remedy { color: var(--muted); }
.good { border-left-color: #009e73; }
details summary { cursor: pointer; color: var(--muted); }
.wide { overflow-x: auto; background: white; border: 1px solid var(--line); border-radius: 6px; }
table { border-collapse: collapse; width: 100%; font-size: 13px; }
th, td { padding: 4px 8px; text-align: left; border-bottom: 1px solid var(--line);
  white-space: nowrap; }
th { color: var(--muted); font-weight: 600; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
td.bad { background: #fde5dc; }
img.figure { max-width: 100%; background: white; border: 1px solid var(--line);
  border-radius: 6px; margin: 8px 0; }
.strip { display: grid; grid-template-columns: 190px 1fr; gap: 2px 12px; margin: 0 0 12px;
  background: white; border: 1px solid var(--line); border-radius: 6px; padding: 8px 12px; }
.strip .name { font-weight: 600; overflow-wrap: anywhere; line-height: 1.25; }
.strip .name span { display: block; font-weight: 400; font-size: 12px; color: var(--muted); }
.strip img { width: 100%; image-rendering: pixelated; display: block; }
.strip .time { grid-column: 2; display: flex; justify-content: space-between; font-size: 11px;
  color: var(--muted); line-height: 1.2; }
.key { max-width: none; }
.key i { display: inline-block; width: 13px; height: 13px; border-radius: 3px; margin: 0 4px -2px
  12px; }
.sheet { display: grid; grid-template-columns: repeat(auto-fill, minmax(250px, 1fr)); gap: 12px; }
.sheet figure { margin: 0; background: white; border: 1px solid var(--line); border-radius: 6px;
  overflow: hidden; }
.sheet img { width: 100%; display: block; }
.sheet figcaption { padding: 6px 10px; font-size: 13px; overflow-wrap: anywhere; }
@media print { body { background: white; } .finding, .strip, figure { break-inside: avoid; } }
"""


def page(title: str, parts: Iterable[str]) -> str:
    """A whole document that asks for nothing outside itself."""
    head = f'<meta charset="utf-8"><title>{escape(title)}</title>'
    head += '<meta name="viewport" content="width=device-width, initial-scale=1">'
    # no picture, script or font is taken from anywhere else, and a page that tried would be stopped
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    head += f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    body = "\n".join(parts)
    return (
        f'<!doctype html>\n<html lang="en"><head>{head}<style>{STYLE}</style></head>\n'
        f"<body><main>\n{body}\n</main></body></html>\n"
    )


def picture(image: np.ndarray, lossless: bool = False) -> str:
    """A data address of uint8 (H, W, 3) RGB: PNG where every pixel counts, else JPEG."""
    kind, suffix, options = ("png", ".png", [])
    if not lossless:
        kind, suffix, options = "jpeg", ".jpg", [cv2.IMWRITE_JPEG_QUALITY, 82]
    done, data = cv2.imencode(suffix, np.ascontiguousarray(image[..., ::-1]), options)
    if not done:
        raise ValueError(f"a picture of shape {image.shape} cannot be encoded as {kind}")
    return f"data:image/{kind};base64,{base64.b64encode(data.tobytes()).decode()}"


def drawing(path: str | Path) -> str:
    """A data address of an SVG file."""
    return "data:image/svg+xml;base64," + base64.b64encode(Path(path).read_bytes()).decode()


def figure(address: str, says: str) -> str:
    """A figure, and in words what it shows."""
    return f'<img class="figure" src="{address}" alt="{escape(says)}">'


def table(columns: list[str], rows: Iterable[list], bad: Iterable[tuple[int, int]] = ()) -> str:
    """Rows of texts and numbers; numbers stand right. bad: (row, column) of fields to look at."""
    rows, bad = [list(row) for row in rows], set(bad)
    numeric = [
        all(isinstance(row[place], (int, float)) or _is_number(row[place]) for row in rows)
        for place in range(len(columns))
    ]
    head = "".join(f"<th{_class(n, False)}>{escape(c)}</th>" for c, n in zip(columns, numeric))
    lines = []
    for number, row in enumerate(rows):
        cells = (
            f"<td{_class(numeric[place], (number, place) in bad)}>{escape(str(value))}</td>"
            for place, value in enumerate(row)
        )
        lines.append(f"<tr>{''.join(cells)}</tr>")
    body = "\n".join(lines)
    return f'<div class="wide"><table><tr>{head}</tr>\n{body}\n</table></div>'


def _is_number(value: object) -> bool:
    text = str(value).removesuffix(" %").removeprefix("under ").removeprefix("over ")
    return text in ("", "-") or text.replace(".", "", 1).isdigit()


def _class(numeric: bool, bad: bool) -> str:
    names = ["number"] * numeric + ["bad"] * bad
    return f' class="{" ".join(names)}"' if names else ""
