"""The picture of a layout: every joint has a place of its own, left is drawn to the right."""

import numpy as np
import pytest

from microgesture.figures.layouts import main, places_of
from microgesture.pose.layouts import LAYOUT_NAMES, get_layout


@pytest.mark.parametrize("name", LAYOUT_NAMES)
def test_places(name):
    layout = get_layout(name)
    places = places_of(layout)
    away = np.linalg.norm(places[:, None] - places[None], axis=-1)
    assert (away + np.eye(len(places))).min() > 0.01
    assert not places[layout.center].any()
    children = [pair for pair in layout.flip_pairs if layout.parents[pair[0]] == layout.center]
    assert all(places[left, 0] > places[right, 0] for left, right in children)


def test_the_command_draws_a_file(tmp_path, capsys):
    path = tmp_path / "mine.yaml"
    path.write_text("joints: [a, b, c]\nedges: [[a, b], [b, c]]\n")
    main([str(path), "--out", str(tmp_path / "mine.svg")])
    first = (tmp_path / "mine.svg").read_bytes()
    assert first.startswith(b"<?xml") and "3 joints, 2 bones, 0 pairs" in capsys.readouterr().out
    main([str(path), "--out", str(tmp_path / "mine.svg")])
    assert (tmp_path / "mine.svg").read_bytes() == first
    path.write_text("joints: [a, b, c]\nedges: [[a, b]]\n")
    with pytest.raises(SystemExit):
        main([str(path), "--out", str(tmp_path / "other.svg")])
    assert "'c' hangs on nothing" in capsys.readouterr().err
