"""The real workflow on a small part of the demo: five people, one epoch, every rule.

Slow (minutes). The full demo is `make demo`; this keeps all its rules honest in the tests.
"""

import json

import pandas as pd
import pytest
import yaml

from tests.workflow.conftest import ROOT, copy_project

PEOPLE = {"train": 3, "val": 1, "test": 1}
CLIPS_PER_VIDEO = 12

pytestmark = pytest.mark.slow


def small_sheets(folder):
    """A part of the demo's sheets: few people, few clips, the classes that the training ones have."""
    videos, clips, labels = (
        pd.read_csv(ROOT / "demo" / f"{name}.tsv", sep="\t", dtype=str, keep_default_na=False)
        for name in ("videos", "clips", "labels")
    )
    kept = []
    for split, count in PEOPLE.items():
        of_split = clips[clips["split"] == split]
        for video in of_split["video"].unique()[:count]:
            kept.append(of_split[of_split["video"] == video].head(CLIPS_PER_VIDEO))
    clips = pd.concat(kept)
    trained = sorted(clips.loc[clips["split"] == "train", "label"].unique(), key=int)
    number = {label: str(new) for new, label in enumerate(trained)}
    clips = clips[clips["label"].isin(trained)]
    clips = clips.assign(label=clips["label"].map(number))
    labels = labels[labels["label"].isin(trained)]
    labels = labels.assign(label=labels["label"].map(number))
    videos = videos[videos["video"].isin(clips["video"])]
    for name, table in (("videos", videos), ("clips", clips), ("labels", labels)):
        table.to_csv(folder / "demo" / f"{name}.tsv", sep="\t", index=False)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A finished small run."""
    space = copy_project(tmp_path_factory.mktemp("run"))
    small_sheets(space.folder)
    config = yaml.safe_load((space.folder / "config.yaml").read_text(encoding="utf-8"))
    for modality in config["modalities"].values():
        modality["epochs"] = 1
    config["train_fusion"]["epochs"] = 1
    config["batches"] = 2
    # after one epoch nothing is sure: a low threshold gives the round some pseudo-labels
    config["select_pseudo_labels"]["threshold"] = 0.05
    (space.folder / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    space.snakemake()
    return space


def results(run, name):
    return run.folder / "results" / name


def test_every_system_is_scored(run):
    scores = pd.read_csv(results(run, "scores/scores.tsv"), sep="\t")
    assert len(scores) == 3 * 2 + 1 + 1  # three modalities in two rounds, fusion, ensemble
    truth = pd.concat(pd.read_parquet(path) for path in results(run, "truth").glob("*.parquet"))
    assert set(scores["clips"]) == {len(truth)}
    assert scores[["top1", "mean_class_accuracy", "ece"]].stack().between(0, 1).all()


def test_probabilities_cover_all_clips_that_were_not_trained_on(run):
    table = pd.read_parquet(results(run, "ensemble/probabilities.parquet"))
    clips = pd.read_csv(run.folder / "demo/clips.tsv", sep="\t")
    assert set(table["clip"]) == set(clips.loc[clips["split"] != "train", "clip"])
    sums = table.filter(like="probability_").sum(axis=1)
    assert (sums - 1).abs().max() < 1e-6


def test_pseudo_labels_come_from_the_other_modalities(run):
    table = pd.read_parquet(results(run, "pseudo_labels/joint/1.parquet"))
    clips = pd.read_csv(run.folder / "demo/clips.tsv", sep="\t").set_index("clip")
    assert set(clips.loc[table["clip"], "split"]) <= {"test", "unlabelled"}
    assert not table["teachers"].str.contains("joint").any()


def test_fusion_records_its_parents(run):
    record = json.loads(results(run, "checkpoints/fusion/final/model.json").read_text())
    assert "rgb" in json.dumps(record["parents"]) and "heatmap" in json.dumps(record["parents"])


def test_keypoints_are_scored_on_the_test_person(run):
    table = pd.read_csv(results(run, "scores/keypoints.tsv"), sep="\t")
    body = table[(table["video"] == "all") & (table["part"] == "body")]
    assert body["pck"].item() > 0.9


def test_overlays_are_videos(run):
    clips = sorted(results(run, "overlays").glob("*.mp4"))
    assert clips and results(run, "overlays/streams.png").stat().st_size > 10_000
    from microgesture.videos.probing import probe

    assert probe(str(clips[0])).frames > 5


def test_nothing_is_left_to_do(run):
    assert run.planned() == {}


def test_same_seed_same_figures_to_the_last_digit(run):
    path = results(run, "ensemble/probabilities.parquet")
    before = pd.read_parquet(path)
    temperatures = results(run, "ensemble/temperatures.tsv").read_text()
    run.snakemake("--forcerun", "train_modality", "--until", "combine_scores")
    pd.testing.assert_frame_equal(pd.read_parquet(path), before, check_exact=True)
    assert results(run, "ensemble/temperatures.tsv").read_text() == temperatures


def test_report_is_written(run):
    run.snakemake("--report", "results/report.html")
    text = results(run, "report.html").read_text(encoding="utf-8")
    assert "scores.tsv" in text and "confusion.svg" in text
    assert "transductive: pseudo-labels were chosen on the scored clips" in text
    assert "No subject stands in both training and test." in text
