"""One clip as the networks see it: crop, skeleton, joint and limb heatmaps, motion energy."""

from pathlib import Path

import matplotlib
import numpy as np

from microgesture.figures.panel import BACKGROUND
from microgesture.figures.skeletons import draw_skeleton, joint_colours, rgb_of
from microgesture.figures.style import BLUE, MUTED, house_style, new_figure, save_figure
from microgesture.heatmaps.gaussian import render_joints
from microgesture.heatmaps.limb import render_limbs
from microgesture.pose.layouts import Layout
from microgesture.saliency.boxes import crop_units
from microgesture.videos.cropping import crop_square

_PIXELS = 320  # side of one picture


def in_box(points: np.ndarray, box: tuple[float, ...], size: float) -> np.ndarray:
    """Points (..., 3) in frame pixels -> pixels of the crop enlarged to `size`; scores are kept."""
    moved = crop_units(points, box)
    moved[..., :2] *= size
    return moved


def coloured_heatmap(volume: np.ndarray, colours: np.ndarray) -> np.ndarray:
    """Channels (C, H, W) in [0, 1] -> uint8 (H, W, 3): each pixel takes its strongest channel.

    colours: (C, 3) uint8, one per channel; the value is mixed from the dark background.
    """
    strongest, values = volume.argmax(axis=0), np.clip(volume.max(axis=0), 0, 1)[..., None]
    # A square root lifts the faint rims of the blobs, which is what a print shows worst.
    share = np.sqrt(values)
    ground = np.array(rgb_of(BACKGROUND), dtype=np.float64)
    return np.round(ground + share * (colours[strongest] - ground)).astype(np.uint8)


def draw_streams(
    frames: dict[int, np.ndarray],
    points: np.ndarray,
    layout: Layout,
    box: tuple[float, float, float, float],
    motion: np.ndarray,
    path: str | Path,
    fps: float = 0.0,
    title: str = "",
    heatmap_size: int = 56,
    sigma: float = 0.6,
    with_rgb: bool = True,
) -> None:
    """Write the picture: one column per given frame, one row per stream.

    frames: frame number within the clip -> uint8 (H, W, 3) RGB, in order; points: (M, T, J, 3) of
    the whole clip in pixels of those frames; box: the clip's crop; motion: (T,) energy per frame.
    Without `with_rgb` the first row, which needs a video, is left out.
    """
    numbers = list(frames)
    size = (heatmap_size, heatmap_size)
    small = in_box(points[:, numbers], box, heatmap_size)
    joints = render_joints(small, size, sigma)
    limbs = render_limbs(small, layout.edges, size, sigma)
    colours = joint_colours(layout)
    limb_colours = colours[[child for child, _ in layout.edges]]
    dark = np.empty((_PIXELS, _PIXELS, 3), dtype=np.uint8)
    dark[:] = rgb_of(BACKGROUND)
    grown = in_box(points, box, _PIXELS)
    rows = {
        "RGB crop": [crop_square(frames[number], box, _PIXELS) for number in numbers],
        "skeleton": [
            draw_skeleton(dark, grown[:, number], layout, thickness=3.0) for number in numbers
        ],
        "joint heatmaps": [
            coloured_heatmap(joints[:, column], colours) for column in range(len(numbers))
        ],
        "limb heatmaps": [
            coloured_heatmap(limbs[:, column], limb_colours) for column in range(len(numbers))
        ],
    }
    if not with_rgb:
        del rows["RGB crop"]
    rate = fps if fps > 0 else 1.0
    with house_style():
        matplotlib.rcParams["axes.grid"] = False
        cell, left, below = 1.5, 1.25, 1.25
        width = left + cell * len(numbers) + 0.15
        height = cell * len(rows) + below + (0.4 if title else 0.1)
        figure = new_figure(width, height, layout="none")
        gap = 0.03
        for row, (name, pictures) in enumerate(rows.items()):
            for column, picture in enumerate(pictures):
                axis = figure.add_axes(
                    (
                        (left + cell * column + gap) / width,
                        (below + cell * (len(rows) - 1 - row) + gap) / height,
                        (cell - 2 * gap) / width,
                        (cell - 2 * gap) / height,
                    )
                )
                # Heatmaps keep their own pixels: that is what the network gets.
                axis.imshow(
                    picture, interpolation="nearest" if "heatmaps" in name else "antialiased"
                )
                axis.set_axis_off()
            figure.text(
                (left - 0.12) / width,
                (below + cell * (len(rows) - 0.5 - row)) / height,
                name.replace(" ", "\n"),
                ha="right",
                va="center",
                fontsize=10,
            )
        curve = figure.add_axes(
            ((left + gap) / width, 0.5 / height, (width - left - 0.15 - gap) / width, 0.62 / height)
        )
        seconds = np.arange(len(motion)) / rate
        curve.fill_between(seconds, motion, color=BLUE, alpha=0.18, linewidth=0)
        curve.plot(seconds, motion, color=BLUE)
        for number in numbers:
            curve.axvline(number / rate, color=MUTED, linewidth=0.9, linestyle=(0, (2, 2)))
        curve.set_xlim(0, max(seconds[-1], 1e-3))
        curve.set_ylim(0, max(float(np.max(motion)) * 1.15, 1e-6))
        curve.set_yticks([])
        curve.spines["left"].set_visible(False)
        curve.set_xlabel("seconds" if fps > 0 else "frames")
        figure.text((left - 0.12) / width, 0.81 / height, "motion\nenergy", ha="right", va="center")
        if title:
            figure.text(
                (left + gap) / width, 1 - 0.1 / height, title, va="top", weight="bold", fontsize=11
            )
        save_figure(figure, path)
