"""How far the classes lie apart for a network: distances between its prototypes."""

from pathlib import Path

import numpy as np

from microgesture.figures.style import (
    GRID,
    HEAT,
    INK,
    house_style,
    new_figure,
    save_figure,
    shortened,
)


def cosine_distances(prototypes: np.ndarray, known: np.ndarray) -> np.ndarray:
    """1 - cosine between all prototypes, (K, K) float64 in [0, 2]; NaN where a class has none.

    prototypes: (K, D), of any length; known: bool (K,).
    """
    prototypes = np.asarray(prototypes, dtype=np.float64)
    lengths = np.linalg.norm(prototypes, axis=1, keepdims=True)
    unit = prototypes / np.maximum(lengths, 1e-12)
    distances = np.clip(1 - unit @ unit.T, 0, 2)
    lost = ~np.asarray(known, dtype=bool)
    distances[lost] = np.nan
    distances[:, lost] = np.nan
    return distances


def draw_prototypes(
    distances: dict[str, np.ndarray],
    names: list[str],
    path: str | Path,
    groups: list[str] | None = None,
    title: str = "",
) -> None:
    """A square per branch: dark where two classes lie close, light where they lie apart.

    distances: branch -> (K, K) as from `cosine_distances`; names: of the classes by label; with
    `groups` (body parts) the classes are ordered by the first appearance of their group. Classes
    without a prototype are grey.
    """
    groups = groups if groups and any(groups) else [""] * len(names)
    first = {group: place for place, group in reversed(list(enumerate(groups)))}
    order = sorted(range(len(names)), key=lambda label: (first[groups[label]], label))
    labels = [shortened(names[label], 30) for label in order]
    size = len(order)
    cell = 0.42 if size <= 16 else 0.3 if size <= 36 else 0.24
    digits = 7.5 if size <= 16 else 5.5 if size <= 36 else 0
    with house_style():
        figure = new_figure(
            3.2 + (cell * size + 0.6) * len(distances), 2.9 + cell * size, layout="compressed"
        )
        axes = np.atleast_1d(figure.subplots(1, len(distances), sharey=True))
        for axis, (branch, values) in zip(axes, distances.items()):
            ordered = values[np.ix_(order, order)]
            axis.set_facecolor(GRID)
            image = axis.imshow(1 - ordered / 2, cmap=HEAT, vmin=0, vmax=1)
            for row, column in np.argwhere(np.isfinite(ordered)) if digits else ():
                if row != column:
                    value = ordered[row, column]
                    colour = "white" if value < 0.9 else INK
                    text = f"{value:.1f}"
                    axis.text(
                        column, row, text, ha="center", va="center", fontsize=digits, color=colour
                    )
            axis.set_xticks(
                np.arange(size), labels, rotation=45, ha="right", rotation_mode="anchor"
            )
            axis.set_title(branch, fontsize=10, fontweight="normal")
            axis.grid(visible=False)
            axis.tick_params(length=0)
            axis.spines[:].set_visible(False)
        axes[0].set_yticks(np.arange(size), labels)
        bar = figure.colorbar(image, ax=list(axes), ticks=[0, 0.5, 1], shrink=0.8)
        bar.ax.set_yticklabels(["opposite: 2", "apart: 1", "alike: 0"])
        bar.set_label("cosine distance of prototypes")
        bar.outline.set_visible(False)
        figure.suptitle(title, x=0.008, ha="left")
        save_figure(figure, path)
