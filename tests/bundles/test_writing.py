import json
import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from microgesture.bundles import writing
from microgesture.bundles.manifest import digest_of, files_below, sha256_of
from microgesture.bundles.reading import read_bundle
from microgesture.bundles.writing import write_bundle
from microgesture.provenance.errors import BadInput
from tests.bundles.made_run import ROWS, shared_run, write_segmenter

FILES = [
    "README.md",
    "bundle.json",
    "labels.tsv",
    "members/bone/model.json",
    "members/bone/model.safetensors",
    "members/joint/model.json",
    "members/joint/model.safetensors",
    "pose/demo_wholebody.py",
    "pose/demo_wholebody.safetensors",
    "priors.tsv",
    "settings.yaml",
    "vote.tsv",
]
TRAINED = {
    "mode": "",
    "counts": [9, 6, 6],
    "training": {"clips": 21, "people": "3 subjects"},
    "validation": {"clips": 7, "people": "1 subject"},
    "fps": [],
    "sizes": [],
}


def write(folder, **changes):
    run = shared_run()
    given = {
        "name": "Three limbs",
        "labels": pd.DataFrame(ROWS, columns=["label", "name", "description", "group"]),
        "settings": run.config,
        "members": run.members,
        "vote": run.temperatures,
        "counts": np.array([9, 6, 6]),
        "trained": TRAINED,
    }
    write_bundle(folder, **{**given, **changes})
    return folder


def test_the_files_and_their_digests(tmp_path):
    folder = write(tmp_path / "mine", created="2026-01-02")
    assert sorted(files_below(folder)) == FILES
    manifest = json.loads((folder / "bundle.json").read_text())
    assert manifest["format"] == "microgesture bundle" and manifest["version"] == 1
    assert manifest["created"] == "2026-01-02" and manifest["packages"]["torch"]
    assert sorted(manifest["files"]) == [name for name in FILES if name != "bundle.json"]
    for name, entry in manifest["files"].items():
        assert entry == {
            "sha256": sha256_of(folder / name),
            "bytes": os.path.getsize(folder / name),
        }
    assert (folder / "priors.tsv").read_text() == "label\ttraining_clips\n0\t9\n1\t6\n2\t6\n"
    assert (folder / "vote.tsv").read_bytes() == Path(shared_run().temperatures).read_bytes()
    assert os.stat(folder / "pose" / "demo_wholebody.safetensors").st_mode & 0o044 == 0o044


def test_the_date_alone_differs(tmp_path):
    one, other = write(tmp_path / "a", created="2026-01-02"), write(tmp_path / "b", created="2027")
    changed = [name for name in FILES if (one / name).read_bytes() != (other / name).read_bytes()]
    assert changed == ["bundle.json"]
    assert digest_of(read_bundle(one).manifest) == digest_of(read_bundle(other).manifest)
    segmenter = write_segmenter(tmp_path)
    third = write(tmp_path / "c", created="2026-01-02", segmenter=segmenter)
    assert read_bundle(third).digest != read_bundle(one).digest


def test_settings_are_whole_and_name_no_place_outside(tmp_path):
    folder = write(tmp_path / "mine")
    settings = yaml.safe_load((folder / "settings.yaml").read_text())
    assert settings["extract_keypoints"]["config"] == "pose/demo_wholebody.py"
    assert settings["extract_keypoints"]["checkpoint"] == "pose/demo_wholebody.safetensors"
    assert settings["modalities"]["joint"]["learning_rate"] == 0.05  # of train_modality
    assert settings["train_fusion"] == {"enabled": False}
    assert "videos" not in settings and "ablation" not in settings and "seed" not in settings
    for name in ("settings.yaml", "README.md", "bundle.json", "labels.tsv"):
        assert str(Path.cwd()) not in (folder / name).read_text()


def test_a_bundle_takes_the_place_of_a_bundle_and_of_nothing_else(tmp_path):
    folder = write(tmp_path / "mine", name="First")
    write(folder, name="Second")
    assert read_bundle(folder).manifest["name"] == "Second"
    assert sorted(os.listdir(tmp_path)) == ["mine"]
    (tmp_path / "empty").mkdir()
    write(tmp_path / "empty")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("mine")
    with pytest.raises(BadInput, match="other: holds other files than a bundle"):
        write(tmp_path / "other")
    with pytest.raises(BadInput, match=r"thesis.txt: is a file"):
        write(tmp_path / "other" / "thesis.txt")
    assert os.listdir(tmp_path / "other") == ["thesis.txt"]


@pytest.mark.parametrize("breaks", ["model_card", "make_manifest"])
def test_an_interruption_leaves_the_bundle_that_was_there(tmp_path, monkeypatch, breaks):
    folder = write(tmp_path / "mine", name="First")

    def full_disk(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing, breaks, full_disk)
    with pytest.raises(OSError, match="No space"):
        write(folder, name="Second")
    with pytest.raises(OSError, match="No space"):
        write(tmp_path / "new")
    assert os.listdir(tmp_path) == ["mine"]
    assert read_bundle(folder).manifest["name"] == "First"


def test_a_rename_that_fails_brings_the_old_bundle_back(tmp_path, monkeypatch):
    folder = write(tmp_path / "mine", name="First")
    rename = os.replace

    def refuses(source, target):
        if str(source).endswith(".part") and Path(target) == folder:
            raise PermissionError(13, "Permission denied")
        rename(source, target)

    monkeypatch.setattr(os, "replace", refuses)
    with pytest.raises(PermissionError):
        write(folder, name="Second")
    assert os.listdir(tmp_path) == ["mine"]
    assert read_bundle(folder).manifest["name"] == "First"


def test_parts_that_do_not_belong_together(tmp_path):
    run = shared_run()
    labels = pd.DataFrame(ROWS, columns=["label", "name", "description", "group"])
    with pytest.raises(
        BadInput, match="holds the members joint, bone, the bundle shall have joint;"
    ):
        write(tmp_path / "a", members={"joint": run.members["joint"]})
    with pytest.raises(BadInput, match="at least one trained member"):
        write(tmp_path / "a", members={})
    with pytest.raises(BadInput, match=r"model.json: was trained on other labels"):
        write(tmp_path / "a", labels=labels.assign(name=["x", "y", "z"]))
    with pytest.raises(BadInput, match="was trained on the layout coco17, the run has h68"):
        write(tmp_path / "a", settings={**run.config, "layout": "h68"})
    with pytest.raises(BadInput, match=r"gone.safetensors: is missing"):
        files = {
            **run.members,
            "bone": (str(tmp_path / "gone.safetensors"), run.members["bone"][1]),
        }
        write(tmp_path / "a", members=files)
    with pytest.raises(BadInput, match="2 counts of training clips for 3 classes"):
        write(tmp_path / "a", counts=np.array([9, 6]))
    (tmp_path / "heads.pkl").write_bytes(b"x")
    with pytest.raises(BadInput, match=r"heads.pkl: is no file that a segmenter has"):
        write(tmp_path / "a", segmenter=[str(tmp_path / "heads.pkl")])
    assert sorted(os.listdir(tmp_path)) == ["heads.pkl"]


def pose(**section):
    config = shared_run().config
    return {**config, "extract_keypoints": {**config["extract_keypoints"], **section}}


def test_pose_models(tmp_path):
    own = shared_run().config["extract_keypoints"]["config"]
    folder = write(tmp_path / "a", settings=pose(estimator="mediapipe", trust_config=True))
    settings = read_bundle(folder).settings["extract_keypoints"]
    assert settings["estimator"] == "mediapipe" and not (folder / "pose").exists()
    assert not {"config", "checkpoint", "trust_config"} & set(settings)
    assert "Keypoints: MediaPipe;" in (folder / "README.md").read_text()

    with pytest.raises(BadInput, match=r"checkpoint: gone.pth is no file, and a bundle takes it"):
        write(tmp_path / "b", settings=pose(checkpoint="gone.pth"))
    code = tmp_path / "code.py"
    code.write_text("import os\n" + Path(own).read_text())
    with pytest.raises(
        BadInput, match=r"only where it is whole and holds plain assignments \(.*import"
    ):
        write(tmp_path / "b", settings=pose(config=str(code), trust_config=True))
    shutil.copy(own, tmp_path / "base.py")
    code.write_text('_base_ = ["base.py"]\n')
    with pytest.raises(BadInput, match="based on other files"):
        write(tmp_path / "b", settings=pose(config=str(code)))
    assert not (tmp_path / "b").exists()
