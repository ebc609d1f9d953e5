"""A run as it is planned: its configuration and the sheets, with what the checks ask of both."""

from dataclasses import dataclass
from pathlib import Path

from microgesture.configuration.runs import laid_over
from microgesture.configuration.settings import FUSION_SETTINGS, SETTINGS, complete_settings
from microgesture.tables.problems import CONFIG, Problem
from microgesture.tables.sheets import Sheets

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Plan:
    """config: complete, as `checked_configuration` gives it. processes: GPUs that one training job
    is given, which share a batch."""

    config: dict
    sheets: Sheets
    processes: int = 1

    @property
    def learns(self) -> bool:
        """Whether anything is trained: without a training clip the clips are only processed."""
        return self.has("train")

    @property
    def imported(self) -> bool:
        """Whether keypoints are brought along and none are estimated."""
        return bool((self.sheets.videos["keypoints"] != "").any())

    @property
    def fuses(self) -> bool:
        """Whether the two-branch network is trained."""
        return self.learns and self.config["train_fusion"]["enabled"]

    @property
    def members(self) -> list[str]:
        """Names of the ensemble's members."""
        return [*self.config["modalities"], *(["fusion"] if self.fuses else [])]

    def has(self, *splits: str) -> bool:
        """Whether a clip has one of these splits."""
        return bool(self.sheets.clips["split"].isin(splits).any())

    def networks(self) -> dict[str, dict]:
        """Modality -> its complete settings; none where nothing is trained."""
        if not self.learns:
            return {}
        shared = self.config["train_modality"]
        return {
            name: _complete(laid_over(shared, own), SETTINGS)
            for name, own in self.config["modalities"].items()
        }

    @property
    def fusion(self) -> dict | None:
        """The complete settings of the two-branch network; None where it is not trained."""
        return _complete(self.config["train_fusion"], FUSION_SETTINGS) if self.fuses else None

    def trained(self) -> dict[str, dict]:
        """Place in the configuration -> complete settings, of every network that is trained."""
        places = {f"modalities: {name}": settings for name, settings in self.networks().items()}
        return places | ({"train_fusion": self.fusion} if self.fuses else {})


def _complete(given: dict, settings: dict) -> dict:
    return complete_settings(
        {key: value for key, value in given.items() if key in settings}, settings
    )


def problem(place: str, value: object, wrong: str, remedy: str) -> Problem:
    """A problem of the configuration. place: keys from the outside in, joined by ": "."""
    return Problem(CONFIG, None, place, value, wrong, remedy)


def find_file(path: str) -> Path | None:
    """A file as seen from the run's folder or, for those that ship, from the project's."""
    for candidate in (Path(path), ROOT / path):
        if candidate.is_file():
            return candidate
    return None
