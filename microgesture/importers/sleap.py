"""Import SLEAP's analysis files (HDF5): tracks of points with names of the user's own.

    python -m microgesture.importers.sleap FOLDER --layout layouts/mine.yaml --out data/mine

A file is a recording, called as the file without ".analysis". Without --layout the names of the
nodes must be those of a body; where they are not, and --layout names a file that is not there yet,
one is written from the file's own skeleton to be completed.
"""

import json
import logging
import re
from pathlib import Path

import numpy as np
import yaml

from microgesture.importers.hdf5_of_others import array, member, opened_foreign, texts
from microgesture.importers.point_names import arranged, choose_layout
from microgesture.importers.recordings import FPS, Options, Picture, files_of, run
from microgesture.pose.layouts import is_layout_file
from microgesture.pose.persons import choose_persons
from microgesture.provenance.errors import BadInput
from microgesture.provenance.files import written_whole
from microgesture.stores.sequences import Sequence

LOGGER = logging.getLogger(__name__)

_AXES = ("track", "frame", "node", "xy")


def find_recordings(paths: list[str]) -> dict[str, Path]:
    """Recording -> file. Raises BadInput."""
    found: dict[str, Path] = {}
    for file in files_of(paths, (".h5", ".hdf5"), "SLEAP analysis file"):
        name = re.sub(r"\.analysis$", "", file.stem)
        if name in found:
            raise BadInput(f"{file}: {found[name]} is called {name!r} too; rename one of them")
        found[name] = file
    return found


def read_recording(file: Path, picture: Picture, options: Options) -> Sequence:
    """The tracks of a file, each in a row; of more than --persons those seen most. Raises
    BadInput."""
    points, nodes, edges = read_analysis(file)
    if options.layout and is_layout_file(options.layout) and not Path(options.layout).exists():
        write_layout(options.layout, nodes, edges)
        raise BadInput(
            f"{options.layout}: was not there and is written now from the skeleton in {file}; add "
            "the left and right `pairs`, and run again"
        )
    layout = choose_layout(nodes, options.layout, str(file))
    points, left = arranged(points, nodes, layout)
    if left:
        LOGGER.warning(
            "%s: %d nodes are no joints of %s and are left out: %s",
            *(file, len(left), layout.name, ", ".join(left)),
        )
    if len(points) > options.persons:
        LOGGER.warning(
            "%s: %d of %d tracks that are seen least are left out (--persons)",
            *(file, len(points) - options.persons, len(points)),
        )
        points = points[choose_persons(points, None, options.persons)]
    present = (points[..., -1] > 0).any((0, 2))
    fps = picture.fps or FPS
    return Sequence(points, present, layout.name, picture.width, picture.height, fps)


def read_analysis(file: Path) -> tuple[np.ndarray, list[str], list[tuple[str, str]]]:
    """(points float32 (tracks, T, nodes, 3), names of the nodes, edges). A point that is NaN has
    score 0; without `point_scores` the others have 1. Raises BadInput."""
    with opened_foreign(file, "a SLEAP analysis file (Export Analysis HDF5)") as opened:
        tracks, names = array(opened, "tracks"), array(opened, "node_names")
        if tracks is None or names is None:
            held = ", ".join(opened) or "nothing"
            hint = ""
            if "instances" in opened or "pred_points" in opened:
                hint = "; this is a project (.slp): export it as Analysis HDF5 in SLEAP"
            raise BadInput(
                f"{file}: has no datasets tracks and node_names ({held}); expected a SLEAP "
                f"analysis file{hint}"
            )
        nodes = texts(names)
        tracks = np.asarray(tracks, np.float64)
        order = _order(file, tracks.shape, len(nodes), member(opened, "tracks").attrs.get("dims"))
        places = np.transpose(tracks, [order[axis] for axis in _AXES])
        scores = array(opened, "point_scores")
        if scores is not None and scores.size:
            kept = sorted(_AXES[:3], key=lambda axis: order[axis])  # without xy, in the same order
            scores = np.transpose(scores, [kept.index(axis) for axis in _AXES[:3]])
        else:
            scores = np.ones(places.shape[:3])
        if scores.shape != places.shape[:3]:
            raise BadInput(f"{file}: point_scores {scores.shape} do not belong to the tracks")
        numbers = array(opened, "edge_inds")
        pairs = np.zeros((0, 2), int) if numbers is None else np.asarray(numbers, int)
        pairs = pairs.T if pairs.ndim == 2 and pairs.shape[0] == 2 != pairs.shape[1] else pairs
        edges = [(nodes[b], nodes[a]) for a, b in pairs.reshape(-1, 2)]
    known = np.isfinite(places).all(-1)
    scores = np.where(known, np.where(np.isfinite(scores), scores, 1), 0).clip(0, 1)
    known &= scores > 0
    points = np.concatenate([np.where(known[..., None], places, 0), scores[..., None]], -1)
    return points.astype(np.float32), nodes, edges


def _order(file: Path, shape: tuple[int, ...], nodes: int, dims) -> dict[str, int]:
    """axis -> its place in the dataset `tracks`."""
    if len(shape) != 4:
        raise BadInput(f"{file}: tracks has the shape {shape}; expected four axes")
    if dims is not None:
        text = dims.decode() if isinstance(dims, bytes) else str(dims)
        order = {axis: place for place, axis in enumerate(json.loads(text))}
    else:
        # SLEAP itself: (tracks, 2, nodes, frames), as MATLAB likes it.
        order = {"track": 0, "xy": 1, "node": 2, "frame": 3}
    if set(order) != set(_AXES) or shape[order["xy"]] != 2 or shape[order["node"]] != nodes:
        raise BadInput(
            f"{file}: tracks has the shape {shape}; expected (tracks, 2, {nodes} nodes, frames)"
        )
    return order


def write_layout(path: str, nodes: list[str], edges: list[tuple[str, str]]) -> None:
    """A layout file of the nodes and edges, without pairs."""
    content = {"joints": nodes, "edges": [list(edge) for edge in edges], "pairs": []}
    with written_whole(path) as temporary:
        temporary.write_text(yaml.safe_dump(content, sort_keys=False, default_flow_style=None))


def main(arguments: list[str] | None = None) -> None:
    """The command line; see the module's docstring."""
    run(__doc__, find_recordings, read_recording, arguments)


if __name__ == "__main__":
    main()
