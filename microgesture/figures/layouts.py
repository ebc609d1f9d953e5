"""Draw a keypoint layout as a tree, to see whether a layout file says what was meant.

    python -m microgesture.figures.layouts layouts/mine.yaml --out layouts/mine.svg

The root stands in the middle, every bone leads one ring further out. The person's left joints are
drawn to the right, as one sees somebody who faces the viewer. Dotted lines join left and right.
"""

import argparse
from pathlib import Path

import numpy as np

from microgesture.figures.skeletons import OTHER, PART_COLOURS, part_of_joint
from microgesture.figures.style import INK, MUTED, house_style, new_figure, save_figure
from microgesture.pose.layouts import Layout, get_layout
from microgesture.provenance.errors import BadInput


def places_of(layout: Layout) -> np.ndarray:
    """float64 (J, 2): where each joint is drawn; the root at (0, 0), y upwards.

    Every joint has a share of the circle in proportion to the ends of its branch; left joints are
    laid out on the right half, right ones on the left half.
    """
    children: dict[int, list[int]] = {joint: [] for joint in range(layout.num_joints)}
    for child, parent in layout.edges:
        children[parent].append(child)
    side = dict.fromkeys(range(layout.num_joints), 0)
    for left, right in layout.flip_pairs:
        side[left], side[right] = -1, 1
    places = np.zeros((layout.num_joints, 2))

    def ends(joint: int) -> int:
        return sum(ends(child) for child in children[joint]) or 1

    def lay(joint: int, depth: int, start: float, width: float) -> None:
        angle = np.pi / 2 - (start + width / 2)  # from the top, clockwise
        places[joint] = depth * np.array([np.cos(angle), np.sin(angle)])
        whole, begin = ends(joint), start
        for child in sorted(children[joint], key=lambda child: (side[child], child)):
            share = width * ends(child) / whole
            lay(child, depth + 1, begin, share)
            begin += share

    lay(layout.center, 0, 0.0, 2 * np.pi)
    places[layout.center] = 0
    return places


def draw_layout(layout: Layout, path: str | Path) -> None:
    """Write the picture of a layout (svg, png or pdf by the ending)."""
    places, parts = places_of(layout), part_of_joint(layout)
    side = 6 + 0.05 * layout.num_joints
    with house_style():
        figure = new_figure(side, side)
        axis = figure.subplots()
        axis.set_axis_off()
        axis.set_aspect("equal")
        for left, right in layout.flip_pairs:
            ends = places[[left, right]]
            axis.plot(*ends.T, color=MUTED, linewidth=0.6, linestyle=":", zorder=1)
        for child, parent in layout.edges:
            colour = PART_COLOURS.get(parts[child], OTHER)
            axis.plot(*places[[child, parent]].T, color=colour, linewidth=2.2, zorder=2)
        size = 8 if layout.num_joints <= 40 else 5
        for joint, (x, y) in enumerate(places):
            axis.scatter(x, y, s=14, color=PART_COLOURS.get(parts[joint], OTHER), zorder=3)
            words = f"{joint} {layout.joints[joint]}"
            axis.annotate(
                words, (x, y), xytext=(3, 3), textcoords="offset points", fontsize=size, color=INK
            )
        axis.set_title(f"{layout.name}: {layout.num_joints} joints, {len(layout.edges)} bones")
        axis.margins(0.12)
        save_figure(figure, path)


def main(arguments: list[str] | None = None) -> None:
    """The command line; see the module's docstring."""
    words = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=words)
    parser.add_argument("layout", help="a layout file, or the name of a layout")
    parser.add_argument("--out", required=True, help="picture to write: .svg, .png or .pdf")
    given = parser.parse_args(arguments)
    try:
        layout = get_layout(given.layout)
    except BadInput as error:
        parser.exit(1, f"error: {error}\n")
    draw_layout(layout, given.out)
    print(f"{layout.num_joints} joints, {len(layout.edges)} bones, {len(layout.flip_pairs)} pairs")


if __name__ == "__main__":
    main()
