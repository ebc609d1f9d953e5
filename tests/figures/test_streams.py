import matplotlib.image
import numpy as np

from microgesture.figures.panel import BACKGROUND
from microgesture.figures.skeletons import rgb_of
from microgesture.figures.streams import coloured_heatmap, draw_streams, in_box
from microgesture.pose.layouts import get_layout


def test_points_in_the_crop():
    points = np.array([[30.0, 40.0, 0.9], [0.0, 0.0, 0.0]])
    # Box of side 40 from (20, 20): (10, 20) / 40 * 56 = (14, 28); a missing joint stays at 0.
    np.testing.assert_allclose(in_box(points, (20, 20, 60, 60), 56), [[14, 28, 0.9], [0, 0, 0]])


def test_a_pixel_has_the_colour_of_its_strongest_channel():
    colours = np.array([[255, 0, 0], [0, 255, 0]], dtype=np.uint8)
    volume = np.zeros((2, 1, 3))
    volume[:, 0, 0] = [1.0, 0.2]
    volume[:, 0, 1] = [0.1, 0.25]
    shown = coloured_heatmap(volume, colours)
    ground = np.array(rgb_of(BACKGROUND))
    np.testing.assert_array_equal(shown[0, 0], [255, 0, 0])
    np.testing.assert_allclose(shown[0, 1], (ground + [0, 255, 0]) / 2, atol=1)  # sqrt(.25) = .5
    np.testing.assert_array_equal(shown[0, 2], ground)


def test_the_picture_is_the_same_every_time(tmp_path):
    layout = get_layout("h68")
    generator = np.random.default_rng(0)
    points = generator.uniform(20, 100, (1, 9, layout.num_joints, 3)).astype(np.float32)
    points[..., 2] = 0.9
    frames = {n: generator.integers(0, 255, (120, 160, 3), dtype=np.uint8) for n in (0, 4, 8)}
    for name in ("a.png", "b.png"):
        draw_streams(frames, points, layout, (10, 10, 110, 110), np.ones(9), tmp_path / name, 25)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    height, width = matplotlib.image.imread(tmp_path / "a.png").shape[:2]
    assert width > 700
    assert height > 900
