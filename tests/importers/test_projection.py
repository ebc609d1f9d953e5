import numpy as np
import pytest

from microgesture.importers.projection import project_to_front
from microgesture.provenance.errors import BadInput
from microgesture.stores.sequences import Sequence


def sequence(points):
    return Sequence(np.asarray(points, np.float32), np.ones(2, bool), "msr20", 0, 0, 15.0)


def test_a_point_to_the_right_and_above():
    # Two joints in two frames: the mean of the three that are seen is (1, 2); z plays no part.
    points = np.zeros((1, 2, 2, 4))
    points[0, 0, 0] = (0.5, 1.0, 3.0, 1.0)
    points[0, 0, 1] = (1.0, 2.0, 9.0, 0.4)
    points[0, 1, 0] = (1.5, 3.0, 2.0, 1.0)
    flat = project_to_front(sequence(points))
    # Half a metre is 50 pixels about (160, 120); up is less.
    assert flat.points[0, 0, 0].tolist() == [110.0, 220.0, 1.0]
    assert flat.points[0, 0, 1] == pytest.approx([160.0, 120.0, 0.4])
    assert flat.points[0, 1, 0].tolist() == [210.0, 20.0, 1.0]
    assert flat.points[0, 1, 1].tolist() == [0.0, 0.0, 0.0]  # missing stays missing
    assert (flat.width, flat.height, flat.layout, flat.fps) == (0, 0, "msr20", 15.0)


def test_an_empty_sequence_stays_empty():
    assert not project_to_front(sequence(np.zeros((1, 2, 3, 4)))).points.any()


def test_pixels_are_refused():
    with pytest.raises(BadInput, match="in pixels already"):
        project_to_front(sequence(np.ones((1, 2, 3, 3))))
