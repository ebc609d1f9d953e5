import numpy as np
import pandas as pd

from microgesture.segments.readable import readable_segments, readable_stretches, times_of

LABELS = [["rub", "hands"], ["nod", "head"]]
COLUMNS = ["video", "start", "end", "label", "confidence", "second", "second_confidence", "margin"]


def table(*rows):
    return pd.DataFrame(rows, columns=[*COLUMNS, "uncertain"])


def test_names_seconds_and_persons_stand_beside_numbers():
    found = table(
        ("v", 4, 7, 1, 0.7, 2, 0.2, 0.5, "no"),
        ("a", 0, 1, 0, 0.5, 1, 0.4, 0.1, "yes"),
        ("v", 0, 2, 0, 0.6, 1, 0.3, 0.3, "no"),
    )
    # Of v every frame comes later than a mean rate would say; a has one of 10 a second.
    times = {"v": np.array([0, 0.1, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8]), "a": np.arange(5) / 10}
    shown = readable_segments(found, LABELS, {"v": "ann"}, times)
    assert shown.columns.tolist() == [
        "video", "subject", "start", "end", "start_seconds", "end_seconds", "label", "name",
        "group", "confidence", "second", "second_confidence", "margin", "uncertain",
    ]  # fmt: skip
    assert shown["video"].tolist() == ["a", "v", "v"] and shown["start"].tolist() == [0, 0, 4]
    assert shown["subject"].tolist() == ["", "ann", "ann"]
    assert shown["name"].tolist() == ["rub", "rub", "nod"]
    assert shown["group"].tolist() == ["hands", "hands", "head"]
    assert shown["second"].tolist() == ["nod", "nod", "background"]
    np.testing.assert_allclose(shown["start_seconds"], [0, 0, 0.5])
    # Until the next frame comes; the last one lasts as long as the median frame, 0.1 s.
    np.testing.assert_allclose(shown["end_seconds"], [0.2, 0.4, 0.9])
    assert found.columns.tolist() == [*COLUMNS, "uncertain"]  # what was given is left as it was


def test_no_segment_keeps_the_columns():
    shown = readable_segments(table(), LABELS, {}, {})
    assert len(shown) == 0 and {"name", "start_seconds", "second"} <= set(shown.columns)


def test_stretches_say_what_is_guessed():
    rows = [(1, "v", 0, 9, 1, 2, 0.8, 0.8), (2, "a", 10, 19, 0, 1, 0.7, 0.3)]
    columns = ["rank", "video", "start", "end", "label", "second", "uncertainty", "priority"]
    times = {"v": np.arange(30) / 10, "a": np.arange(30) / 5}
    shown = readable_stretches(pd.DataFrame(rows, columns=columns), LABELS, times)
    assert shown["video"].tolist() == ["v", "a"]  # in the order of the ranks
    assert shown["name"].tolist() == ["nod", "rub"]
    assert shown["second"].tolist() == ["background", "nod"]
    np.testing.assert_allclose(shown["start_seconds"], [0, 2])
    np.testing.assert_allclose(shown["end_seconds"], [1, 4])
    assert readable_stretches(pd.DataFrame(columns=columns), LABELS, {}).empty


def test_times_of_an_index_or_of_a_rate():
    given = np.array([0.0, 0.5])
    assert times_of(given, 2, 25.0) is given
    np.testing.assert_allclose(times_of(None, 3, 25.0), [0, 0.04, 0.08])
