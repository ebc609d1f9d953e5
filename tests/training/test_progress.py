"""A training that nobody watches still tells that it goes on."""

import logging

import pandas as pd
import pytest

from microgesture.training.progress import Progress, describe

ROWS = [
    {"epoch": 1, "stage": "all", "learning_rate": 0.1, "loss": 2.0, "accuracy": 0.25},
    {
        "epoch": 2,
        "stage": "all",
        "learning_rate": 0.05,
        "loss": 1.23456,
        "accuracy": 0.5,
        "validation_nll": 1.5,
        "validation_accuracy": 0.5,
        "validation_mean_class_accuracy": 0.375,
    },
]


def test_a_line_an_epoch():
    assert describe(ROWS[0], 30) == "epoch 1/30, loss 2.000, accuracy 0.250"
    assert describe(ROWS[1], 30) == (
        "epoch 2/30, loss 1.235, accuracy 0.500, validation loss 1.500, mean-class accuracy 0.375"
    )


def test_lines_and_a_growing_table_without_a_terminal(tmp_path, capsys, caplog):
    with caplog.at_level(logging.INFO, "microgesture.training.progress"):
        progress = Progress("joint, round 0", 30, 0, tmp_path / "state")
        for number in (1, 2):
            progress.epoch(ROWS[:number])
            table = pd.read_csv(tmp_path / "state" / "curves.tsv", sep="\t")
            assert table["epoch"].tolist() == [1, 2][:number]
        progress.close()
    assert table["validation_mean_class_accuracy"].tolist()[1] == 0.375
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "joint, round 0: epoch 1/30, loss 2.000, accuracy 0.250"
    assert lines[1].startswith("joint, round 0: epoch 2/30, loss 1.235")
    assert len(lines) == 2
    told = [record.getMessage() for record in caplog.records]
    assert str(tmp_path / "state" / "curves.tsv") in told[0] and told[1:] == lines


def test_a_bar_on_a_terminal(monkeypatch, capsys):
    import sys

    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    progress = Progress("joint", 2, 0, None)
    progress.epoch(ROWS[:1])
    progress.epoch(ROWS)
    progress.close()
    shown = capsys.readouterr().err
    assert "2/2" in shown and "validation=0.375" in shown and "joint: epoch" not in shown


@pytest.mark.parametrize("folder", [True, False])
def test_other_processes_are_silent(tmp_path, capsys, caplog, folder):
    with caplog.at_level(logging.INFO, "microgesture.training.progress"):
        progress = Progress("joint", 30, 0, tmp_path / "state" if folder else None, silent=True)
        progress.epoch(ROWS)
        progress.close()
    assert not capsys.readouterr().err and not caplog.records
    assert not (tmp_path / "state").exists()
