"""Whole-body and body models of mmpose's own index, and RTMDet of mmdet's, by name: config and
address of the weights.

The indexes ship inside the packages (.mim/model-index.yml and the files that it lists), so a name
is looked up without a network and without loading either.
"""

import difflib
import importlib.util
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from microgesture.provenance.errors import BadInput

FOLDER = "resources/weights/pose"  # where weights are kept, seen from the folder of the run
KINDS = ("wholebody_2d_keypoint", "body_2d_keypoint")
# Families of the index that are no top-down models: they find all people by themselves.
_OTHERS = ("associative_embedding", "cid", "dekr", "edpose", "yoloxpose", "rtmo")
_DETECTORS = re.compile(r"rtmdet_(tiny|s|m|l|x)_8x")  # boxes alone, of the usual backbone
# name-<digits>_<date>.pth of mmpose, name_<date>_<time>-<digits>.pth of mmdet
_DIGITS = re.compile(r"(?:[-_]([0-9a-f]{8})[-_]\d{8}|_\d{8}_\d{6}-([0-9a-f]{8}))\.pth$")


@dataclass(frozen=True)
class IndexedModel:
    """A model of the index.

    name: as mmpose writes it. config: for `read_config` ('mmpose::...'). url: of the weights.
    digits: the first eight of their SHA-256, which most of OpenMMLab's file names carry; else ''.
    """

    name: str
    config: str
    url: str
    digits: str

    @property
    def checkpoint(self) -> str:
        """Where the weights are kept."""
        return f"{FOLDER}/{self.url.rsplit('/', 1)[-1]}"


def index_folder(package: str) -> Path | None:
    """Where a package keeps its index and its configs; None where it is not installed."""
    found = importlib.util.find_spec(package)
    return Path(found.origin).parent / ".mim" if found and found.origin else None


def _entries(package: str, folder: Path | None, setting: str) -> Iterator[IndexedModel]:
    """Every entry with a config and weights."""
    folder = folder or index_folder(package)
    if folder is None or not (folder / "model-index.yml").is_file():
        raise BadInput(
            f"extract_keypoints: {setting}: {package}, whose index names the models, is not "
            "installed; run make setup"
        )
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    listed = yaml.load((folder / "model-index.yml").read_text(encoding="utf-8"), loader)["Import"]
    for file in listed:
        if not _wanted(package, file):
            continue
        content = yaml.load((folder / file).read_text(encoding="utf-8"), loader)
        for entry in content.get("Models", ()):
            url, config = entry.get("Weights"), entry.get("Config", "")
            # A few entries name configs that were renamed since, or no weights.
            if not url or not (folder / config).is_file():
                continue
            digits = _DIGITS.search(url)
            yield IndexedModel(
                name=entry["Name"],
                config=f"{package}::" + config.removeprefix("configs/"),
                url=url,
                digits=(digits[1] or digits[2]) if digits else "",
            )


def _wanted(package: str, file: str) -> bool:
    parts = Path(file).parts
    if package == "mmdet":
        return "rtmdet" in parts
    return parts[1] in KINDS and parts[2] not in _OTHERS


@cache
def read_index(folder: Path | None = None) -> dict[str, IndexedModel]:
    """Every top-down body and whole-body model of the index by its name.

    folder: mmpose's `.mim`, None = of the installed package. Raises BadInput where mmpose or its
    index is missing.
    """
    models: dict[str, IndexedModel] = {}
    for model in _entries("mmpose", folder, "model"):
        models.setdefault(model.name, model)
    return models


@cache
def read_detectors(folder: Path | None = None) -> dict[str, IndexedModel]:
    """Every RTMDet of mmdet's index by its name. Raises BadInput where mmdet is missing."""
    models = _entries("mmdet", folder, "detector")
    return {model.name: model for model in models if _DETECTORS.match(model.name)}


def find_model(name: str, folder: Path | None = None) -> IndexedModel:
    """The model called `name`, or the only one whose name begins so ('rtmw-m').

    Raises BadInput, with the names that are near, for any other.
    """
    return _found(name, read_index(folder), "model", "body or whole-body model of mmpose")


def find_detector(name: str, folder: Path | None = None) -> IndexedModel:
    """The same for detectors ('rtmdet_tiny')."""
    return _found(name, read_detectors(folder), "detector", "RTMDet of mmdet")


def _found(name: str, models: dict[str, IndexedModel], setting: str, kind: str) -> IndexedModel:
    if name in models:
        return models[name]
    beginning = sorted(known for known in models if known.startswith(name))
    if len(beginning) == 1:
        return models[beginning[0]]
    near = beginning or difflib.get_close_matches(name, models, n=3, cutoff=0)
    what = "fits several models" if beginning else f"is no {kind}"
    raise BadInput(
        f"extract_keypoints: {setting} {name!r} {what}; write one of {', '.join(near[:6])}. All "
        "names: python -m microgesture.configuration.pose_models"
    )


def main() -> None:
    """Print the names, whole-body models first, detectors last."""
    models = read_index().values()
    for model in sorted(models, key=lambda model: ("wholebody" not in model.config, model.name)):
        print(model.name)
    print(*sorted(read_detectors()), sep="\n")


if __name__ == "__main__":
    main()
