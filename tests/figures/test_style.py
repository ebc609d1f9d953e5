import matplotlib
import pytest

from microgesture.figures.style import (
    SERIES,
    group_colours,
    group_spans,
    house_style,
    new_figure,
    save_figure,
    shortened,
)


def draw(path):
    with house_style():
        figure = new_figure(3, 2)
        axis = figure.subplots()
        axis.plot([0, 1], [1, 0], label="line")
        axis.legend()
        save_figure(figure, path)
    return path.read_bytes()


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf"])
def test_the_same_data_give_the_same_bytes(tmp_path, suffix):
    assert draw(tmp_path / f"a.{suffix}") == draw(tmp_path / f"b.{suffix}")
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"a.{suffix}", f"b.{suffix}"]


def test_no_date_in_svg(tmp_path):
    text = draw(tmp_path / "a.svg").decode()
    assert "<dc:date>" not in text


def test_settings_are_left_as_they_were():
    before = dict(matplotlib.rcParams)
    with house_style():
        assert matplotlib.rcParams["svg.hashsalt"] == "microgesture"
    assert dict(matplotlib.rcParams) == before


def test_group_spans():
    assert group_spans(["a", "a", "b", "a"]) == [("a", 0, 1), ("b", 2, 2), ("a", 3, 3)]
    assert group_spans([]) == []


def test_shortened():
    assert shortened("nod", 10) == "nod"
    assert shortened("touching or scratching the neck", 24) == "touching or scratching…"
    assert shortened("abcdefghijkl", 6) == "abcde…"


def test_groups_have_colours_in_their_order():
    colours = group_colours(["hands", "head", "hands", *map(str, range(6))])
    assert colours["hands"] == SERIES[0]
    assert colours["head"] == SERIES[1]
    assert colours["5"] == SERIES[0]  # the eighth group begins again
    assert list(colours) == ["hands", "head", "0", "1", "2", "3", "4", "5"]
