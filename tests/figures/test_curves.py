from matplotlib.axes import Axes

from microgesture.figures.curves import draw_curves
from microgesture.training.curves import write_curves

ROWS = [
    {"epoch": 1, "learning_rate": 0.1, "loss": 2.0, "accuracy": 0.2},
    {
        "epoch": 2,
        "learning_rate": 0.05,
        "loss": 1.0,
        "accuracy": 0.5,
        "validation_nll": 1.25,
        "validation_accuracy": 0.4,
        "validation_mean_class_accuracy": 0.3,
    },
]


def curves(rows, folder):
    return write_curves(rows, folder / "curves.tsv")


def test_figure_is_the_same_bytes_and_says_what_it_shows(tmp_path):
    for name in ("a.svg", "b.svg"):
        draw_curves(curves(ROWS, tmp_path), tmp_path / name, "joint, round 0")
    one = (tmp_path / "a.svg").read_bytes()
    assert one == (tmp_path / "b.svg").read_bytes() and b"<dc:date>" not in one
    draw_curves(curves(ROWS[:1], tmp_path), tmp_path / "c.svg", "without validation")
    assert (tmp_path / "c.svg").read_bytes() != one


def test_a_line_stands_between_the_stages(tmp_path, monkeypatch):
    places = []
    monkeypatch.setattr(Axes, "axvline", lambda axes, place, **_: places.append(place))
    stages = ["network", "network", "classifier", "classifier"]
    rows = [{**ROWS[0], "epoch": n + 1, "stage": stage} for n, stage in enumerate(stages)]
    draw_curves(curves(rows, tmp_path), tmp_path / "a.svg", "two stages")
    assert places == [2.5, 2.5]  # in both panels
    draw_curves(curves(rows[:2], tmp_path), tmp_path / "b.svg", "one stage")
    assert len(places) == 2
    table = write_curves(rows, tmp_path / "curves.tsv")
    assert table["stage"].tolist() == stages
