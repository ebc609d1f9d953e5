import pandas as pd
import pytest
import yaml

from bench.recipes import main, sheets_of_training_people
from bench.results import read_config
from microgesture.configuration.checked import checked_configuration
from microgesture.configuration.runs import Runs
from microgesture.provenance.errors import BadInput
from tests.workflow.conftest import ROOT

PEOPLE = {"01": "train", "03": "train", "05": "train", "09": "val", "02": "test"}
VIDEOS = pd.DataFrame(
    {"video": [f"v{p}" for p in PEOPLE], "path": "", "subject": list(PEOPLE), "keypoints": "k.h5"}
)
CLIPS = pd.DataFrame(
    [(f"c{p}{n}", f"v{p}", "0", "9", str(n), split) for p, split in PEOPLE.items() for n in (0, 1)],
    columns=["clip", "video", "start", "end", "label", "split"],
)


def test_test_people_are_gone_and_others_stand_in_for_them():
    videos, clips = sheets_of_training_people(VIDEOS, CLIPS, ["01", "09"])
    assert videos["video"].tolist() == ["v01", "v03", "v05", "v09"]
    assert clips.groupby("video")["split"].first().to_dict() == {
        "v01": "test", "v03": "train", "v05": "train", "v09": "test",
    }  # fmt: skip
    assert len(clips) == 8 and CLIPS["split"].tolist()[0] == "train"  # the given table is as it was


def test_who_does_not_train_cannot_be_held_out(tmp_path, capsys):
    with pytest.raises(BadInput, match=r"'02' is nobody of training .* known: 01, 03, 05, 09"):
        sheets_of_training_people(VIDEOS, CLIPS, ["02"])
    with pytest.raises(BadInput, match="nobody is left"):
        sheets_of_training_people(VIDEOS, CLIPS, ["01", "03", "05", "09"])
    labels = pd.DataFrame({"label": ["0", "1"], "name": ["a", "b"]})
    for name, table in (("videos", VIDEOS), ("clips", CLIPS), ("labels", labels)):
        table.to_csv(tmp_path / f"{name}.tsv", sep="\t", index=False)
    out = tmp_path / "out"
    assert main([str(tmp_path), "02", "--out", str(out)]) == 1 and not out.exists()
    assert "nobody of training" in capsys.readouterr().err
    assert main([str(tmp_path), "03", "--out", str(out)]) == 0
    assert "6 clips teach, 2 are held out" in capsys.readouterr().out
    written = pd.read_csv(out / "videos.tsv", sep="\t", dtype=str, keep_default_na=False)
    assert written["subject"].tolist() == ["01", "03", "05", "09"]  # no number was made of a name


def test_every_recipe_is_a_configuration():
    names = ("config.yaml", "datasets/msr_action3d.yaml", "bench/recipes.yaml")
    config = read_config([ROOT / name for name in names])
    own = yaml.safe_load((ROOT / "bench" / "recipes.yaml").read_text(encoding="utf-8"))
    runs = Runs(config, checked_configuration)
    assert list(runs.variants) == ["full", *own["ablation"]["variants"]]
    skeletons = {"joint", "bone", "joint_motion", "joint_bone_motion"}
    assert set(runs.modalities("")) == {*skeletons, "joint_heatmap", "random"}
    settings = {}
    for variant in runs.variants:
        name = runs.name(variant, 0)
        settings[variant] = {m: runs.modality_settings(name, m) for m in runs.modalities(name)}
        assert variant == "full" or settings[variant] != settings["full"]
    joint = settings["weaker"]["joint"]
    assert joint["weight_averaging"] == 0.99 and joint["augmentation"]["rotation"] == 0.3
    # What the recipe has beside it is still there.
    assert joint["augmentation"]["bone_lengths"] == 0.2
    # The recipe's own networks: each is one of the variants.
    recipe = Runs(read_config([ROOT / name for name in names[:2]]), checked_configuration)
    for modality in skeletons:
        variant = "mixed" if modality == "joint_bone_motion" else "twice_and_pretrained"
        assert settings[variant][modality] == recipe.modality_settings("", modality)
