"""A small run that is really trained, predicted, calibrated and voted, and its bundle."""

import shutil
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import yaml

from microgesture.configuration.checked import checked_configuration
from microgesture.configuration.plans import ROOT
from microgesture.pose.layout_files import identified
from microgesture.pose.layouts import get_layout
from scripts.bundle import bundle
from scripts.combine_scores import combine
from scripts.fit_temperatures import fit
from scripts.predict_modality import predict
from tests.datasets.synthetic import LABELS, write_stores
from tests.scripts.test_train_modality import SETTINGS, run

MEMBERS = ("joint", "bone")
ROWS = [
    [number, name, f"The {name} move.", "limbs" if name != "head" else "head"]
    for number, name in enumerate(LABELS)
]
PREDICTION = {"test_flip": True, "batch_size": 5}


@dataclass(frozen=True)
class Run:
    """Files of a finished run: what scripts/bundle.py takes, and what the bundle must give back."""

    folder: Path
    config: dict
    stores: dict[str, list[str]]
    members: dict[str, tuple[str, str]]
    logits: dict[str, str]
    temperatures: str
    clips: str
    probabilities: str

    def bundle(self, folder: Path, **changes) -> Path:
        """Write the run's bundle."""
        given = {"settings": self.config, "labels": ROWS, "title": "Three limbs", "commit": "abc"}
        arguments = [self.members, self.temperatures, self.clips, []]
        bundle(*arguments, str(folder), **{**given, **changes})
        return folder


def configuration(layout: str = "coco17") -> dict:
    own = {key: value for key, value in SETTINGS.items() if key != "threads"}
    pose = ROOT / "resources" / "pose"
    return checked_configuration(
        {
            "videos": "videos.tsv",
            "clips": "clips.tsv",
            "labels": "labels.tsv",
            "layout": layout,
            "extract_keypoints": {
                "config": str(pose / "demo_wholebody.py"),
                "checkpoint": str(pose / "demo_wholebody.pth"),
            },
            "modalities": {name: {**own, "stream": name} for name in MEMBERS},
            "train_fusion": {"enabled": False},
            "fit_temperatures": {"vote": "log_linear", "weights": "search", "prior": 1},
            "combine_scores": {"prior_correction": 0.5, "submission": "none"},
        }
    )


def make_run(folder: Path, layout: str = "coco17") -> Run:
    """Train two members on small stores, predict, calibrate and vote. layout: of the stores, by
    another name where they shall have one."""
    stores = write_stores(folder / "stores")
    if layout != "coco17":
        call_layout(stores, layout)
    members, logits = {}, {}
    for name in MEMBERS:
        settings = {"stream": name, "learning_rate": 0.02, "epochs": 3}
        files = run(folder, stores, modality=name, settings=settings, layout=layout)
        members[name] = (files["checkpoint"], files["metadata"])
        logits[name] = str(folder / f"{name}.parquet")
        predict(stores, *members[name], logits[name], PREDICTION, 1, False)
    clips = str(folder / "clips.parquet")
    pd.concat([pd.read_parquet(path) for path in stores["clips"]]).to_parquet(clips)
    config = configuration(layout)
    temperatures, probabilities = str(folder / "t.tsv"), str(folder / "p.parquet")
    tables = list(logits.values())
    fit(tables, [clips], temperatures, list(MEMBERS), config["fit_temperatures"], 0.5)
    others = [str(folder / "predictions.tsv"), str(folder / "submission.csv")]
    labels = [[name, group] for _, name, _, group in ROWS]
    arguments = [tables, temperatures, [clips], [], probabilities, *others, list(MEMBERS)]
    combine(*arguments, labels, config["combine_scores"])
    return Run(folder, config, stores, members, logits, temperatures, clips, probabilities)


def call_layout(stores: dict[str, list[str]], layout: str) -> None:
    """Give the layout of stored skeletons another name."""
    for path in stores["skeletons"]:
        with h5py.File(path, "a") as file:
            for group in file.values():
                group.attrs["layout"] = layout


def write_layout(path: Path) -> str:
    """coco17 as a layout file; its name with the hash."""
    known = get_layout("coco17")
    content = {
        "joints": list(known.joints),
        "edges": [[known.joints[child], known.joints[parent]] for child, parent in known.edges],
        "center": known.joints[known.center],
    }
    path.write_text(yaml.safe_dump(content))
    return identified(str(path))


def write_segmenter(folder: Path) -> list[str]:
    """Two files as a segmenter has them."""
    np.savez(folder / "heads.npz", weight=np.arange(6.0).reshape(2, 3))
    (folder / "segmenter.json").write_text('{"lengths": [16, 32]}')
    return [str(folder / "heads.npz"), str(folder / "segmenter.json")]


@cache
def shared_run() -> Run:
    """One run for all tests of a process: do not change its files."""
    return make_run(Path(tempfile.mkdtemp(prefix="microgesture_bundle_")))


@cache
def _shared_bundle() -> Path:
    one = shared_run()
    return one.bundle(one.folder / "bundle", segmenter=write_segmenter(one.folder))


def copied_bundle(folder: Path) -> Path:
    """A copy of the bundle of `shared_run`, to be damaged."""
    return Path(shutil.copytree(_shared_bundle(), folder / "mine"))
