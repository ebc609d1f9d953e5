"""The figure of learning curves."""

from pathlib import Path

import pandas as pd

from microgesture.figures.style import BLUE, MUTED, VERMILION, house_style, new_figure, save_figure


def draw_curves(table: pd.DataFrame, path: str | Path, title: str) -> None:
    """Loss and accuracies over the epochs, as svg, pdf or png by the suffix.

    table: as `training.curves.write_curves` writes it, a line per epoch.

    A dotted line stands where another stage of the training begins.
    """
    with house_style():
        figure = new_figure(9, 3.4)
        figure.suptitle(title)
        judged = table["accuracy"].notna().any()  # pre-training knows no classes
        loss, accuracy = figure.subplots(1, 2) if judged else (figure.subplots(), None)
        measured = table.dropna(subset=["validation_nll"])
        marker = {"marker": "o", "markersize": 4} if len(table) == 1 else {}
        loss.plot(table["epoch"], table["loss"], color=BLUE, label="training", **marker)
        if judged:
            accuracy.plot(table["epoch"], table["accuracy"], color=BLUE, label="training", **marker)
        if len(measured):
            epochs = measured["epoch"]
            loss.plot(epochs, measured["validation_nll"], color=VERMILION, label="validation")
            accuracy.plot(
                epochs, measured["validation_accuracy"], color=VERMILION, label="validation"
            )
            accuracy.plot(
                epochs,
                measured["validation_mean_class_accuracy"],
                color=VERMILION,
                linestyle="--",
                label="validation, mean over classes",
            )
        loss.set(title="Loss", xlabel="epoch", ylim=(0, None))
        if judged:
            accuracy.set(title="Accuracy", xlabel="epoch", ylim=(0, 1))
        panels = (loss, accuracy) if judged else (loss,)
        stages = table["stage"].dropna()
        for place in stages.index[1:][stages.to_numpy()[1:] != stages.to_numpy()[:-1]]:
            for axes in panels:
                axes.axvline(table["epoch"][place] - 0.5, color=MUTED, linestyle=":")
        for axes in panels:
            axes.xaxis.get_major_locator().set_params(integer=True)
            axes.legend()
        save_figure(figure, path)
