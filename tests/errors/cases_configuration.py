"""Messages about the configuration alone."""

from collections.abc import Callable
from pathlib import Path

from microgesture.configuration.checked import checked_configuration
from microgesture.configuration.plans import ROOT
from microgesture.configuration.presets import read_yaml
from microgesture.configuration.runs import Runs, laid_over
from tests.errors.case import Case

CHAPTER = "Configuration"


def configuration(overlay: dict) -> Callable[[Path], None]:
    """Checks the shipped configuration with `overlay` on it."""

    def ask(folder: Path) -> None:
        runs = Runs(laid_over(read_yaml(ROOT / "config.yaml"), overlay), checked_configuration)
        for name in runs.names:
            runs.config(name)

    return ask


def variant(values: dict) -> Callable[[Path], None]:
    """The same for a variant of the ablation."""
    return configuration({"ablation": {"variants": {"mine": values}, "compare": ["mine"]}})


CASES = [
    Case("An unknown key", configuration({"train_modality": {"epoch": 3}})),
    Case("An unknown section", configuration({"train_modalities": {}})),
    Case("A value of another type", configuration({"rounds": "two"})),
    Case("A value out of range", configuration({"decode_rgb": {"size": 4}})),
    Case(
        "A band of motion magnification whose ends are swapped",
        configuration({"decode_rgb": {"magnification": {"factor": 5, "low": 8, "high": 2}}}),
    ),
    Case("An unknown choice", configuration({"fit_temperatures": {"vote": "hard"}})),
    Case("An unknown layout", configuration({"layout": "coco_17"})),
    Case("An unknown preset", configuration({"modalities": {"joint": {"preset": "ctrgcn"}}})),
    Case("A preset in the wrong place", configuration({"train_fusion": {"preset": "ctr_gcn"}})),
    Case("A variant that changes what all share", variant({"layout": "coco17"})),
    Case("A variant with a mistake of its own", variant({"train_modality": {"epoch": 3}})),
    Case("A variant that does not exist", configuration({"ablation": {"compare": ["no_fusion"]}})),
]
