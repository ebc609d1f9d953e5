"""Which jobs the curves over the number of labels ask for, and which of them are shared."""

import pandas as pd
import pytest
import yaml

from tests.workflow import drill
from tests.workflow.conftest import ROOT, Workspace
from tests.workflow.drill import make_project, make_recordings

FEWER = "results/label_efficiency"
EQUAL = {"fit_temperatures": {"weights": "equal"}}
SOFT = {"fit_temperatures": {"vote": "soft"}}
CONFIG = {
    "rounds": 0,
    "modalities": {"heatmap": None, "rgb": None},
    "train_fusion": {"enabled": False},
    "label_efficiency": {"shares": [10, 100], "seeds": [0], "against": {"soft": SOFT}},
}


def test_every_shared_job_is_done_once(workspace):
    path = workspace.folder / "mine.yaml"
    path.write_text(yaml.safe_dump(CONFIG), encoding="utf-8")
    shipped = str(ROOT / "config.yaml")
    jobs = workspace.planned("--configfile", shipped, str(path), "--", "label_efficiency")
    # One network with 10 % of the labels and the main run's with all; two votes on each.
    assert jobs["train_modality"] == jobs["predict_modality"] == 2
    assert jobs["fit_temperatures"] == jobs["combine_scores"] == 4
    assert jobs["index_labels"] == 2 and jobs["index_truth"] == 1
    assert jobs["extract_keypoints"] == 4 and jobs["locate_saliency"] == 4  # a batch each
    assert jobs["label_efficiency"] == 1 and "score_predictions" not in jobs


@pytest.mark.slow
def test_the_curve_and_the_members_of_a_small_run(tmp_path):
    """Everything for real, on the drill's recordings and tiny networks."""
    make_recordings(tmp_path / "videos")
    space = Workspace(make_project(tmp_path / "project", tmp_path / "videos"))
    path = space.folder / "demo" / "clips.tsv"
    clips = pd.read_csv(path, sep="\t", keep_default_na=False)
    people = sorted(clips["video"].unique())
    splits = dict(zip(people, ["train", "train", "val", "val", "test", "test"]))
    clips = clips[clips["video"].isin(splits)]
    clips = clips.assign(
        split=clips["video"].map(splits), label=clips.groupby("video").cumcount() % 2
    )
    clips.to_csv(path, sep="\t", index=False)
    joint = drill.CONFIG["modalities"]["joint"]
    config = yaml.safe_load((space.folder / "config.yaml").read_text())
    config |= {
        "rounds": 0,
        "batches": 1,
        "modalities": {"joint": joint, "bone": {**joint, "stream": "bone"}},
        "fit_temperatures": {"weights": "cross_fitted"},
        "label_efficiency": {"shares": [50, 100], "seeds": [0], "against": {"equal": EQUAL}},
    }
    (space.folder / "config.yaml").write_text(yaml.safe_dump(config))
    space.snakemake("--", "label_efficiency", "results/ensemble/members.tsv")
    table = pd.read_csv(space.folder / FEWER / "label_efficiency.tsv", sep="\t")
    assert len(table) == 2 * 2 * 3 and (table["clips"] == 6).all()
    # Two people of three clips, two of class 0 and one of class 1 each: 2 and 1 of 4 and 2.
    assert table.groupby("share")["labelled_clips"].unique().map(list).to_dict() == {
        50: [3],
        100: [6],
    }
    half = pd.read_parquet(space.folder / FEWER / "50/0/index/clips.parquet")
    assert (half["split"] == "train").sum() == 6
    assert (space.folder / FEWER / "full/50/0/checkpoints/joint/0/model.json").exists()
    assert not (space.folder / FEWER / "equal/50/0/checkpoints").exists()  # shared with full
    assert not (space.folder / FEWER / "full/100").exists()  # the main run's
    members = pd.read_csv(space.folder / "results" / "ensemble" / "members.tsv", sep="\t")
    assert sorted(members["member"]) == ["bone", "joint"] and (members["people"] == 2).all()
    assert "Nothing to be done" in space.snakemake("--dry-run", "--", "label_efficiency").stdout
