import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.metrics import balanced_accuracy_score, f1_score

from microgesture.ensembles.temperature import softmax
from microgesture.provenance.errors import BadInput
from microgesture.pseudo.protocol import scored_clips
from scripts.score_predictions import score

NAMES = ["nod", "wave", "rub", "fold"]
LABELS = [["nod", "head"], ["wave", "hands"], ["rub", "hands"], ["fold", "body"]]
SYSTEMS = ["joint/0", "joint/1", "rgb/0", "rgb/1", "fusion/final"]
TABLES = ("scores", "per_class", "quality", "quarantine")
FILES = {name: f"{name}.tsv" for name in TABLES} | {
    "facts": "facts.yaml",
    "told": "facts.tsv",
    "clips": "scored_clips.parquet",
}


@pytest.fixture
def folder(tmp_path):
    """60 validation and 90 test clips, five systems, an ensemble, pseudo-labels of two rounds."""
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 3, 150)  # class 3 never occurs
    splits = np.array(["val"] * 60 + ["test"] * 90)
    names = [f"c{n:03d}" for n in range(150)]
    subjects = [f"p{n % 3}" if n < 60 else f"q{n % 5}" for n in range(150)]
    index = pd.DataFrame(
        {
            "clip": names,
            "video": [f"v_{subject}" for subject in subjects],
            "subject": subjects,
            "start": np.arange(150) * 20,
            "end": np.arange(150) * 20 + 12,
            "split": splits,
            "label": np.where(splits == "val", labels, -1),
        }
    )
    index.to_parquet(tmp_path / "clips.parquet")
    index.iloc[:0][["clip", "video", "subject", "split"]].assign(problem="").to_csv(
        tmp_path / "lost.tsv", sep="\t", index=False
    )
    truth = index.loc[splits == "test", ["clip", "video", "subject"]].assign(label=labels[60:])
    # Two batches, one of them empty.
    truth.to_parquet(tmp_path / "truth_1.parquet")
    truth.iloc[:0].to_parquet(tmp_path / "truth_2.parquet")
    columns = [f"logit_{k}" for k in range(4)]
    last = []
    for system in SYSTEMS:
        values = 2 * (generator.normal(size=(150, 4)) + 1.5 * np.eye(4)[labels])
        table = pd.DataFrame({"clip": names, "split": splits})
        table[columns] = values
        path = tmp_path / "logits" / f"{system}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        table.to_parquet(path)
        if not system.endswith("/0"):
            last.append(softmax(values, 2.0))
    mixed = pd.DataFrame({"clip": names, "split": splits})
    mixed[[f"probability_{k}" for k in range(4)]] = np.mean(last, axis=0)
    mixed.to_parquet(tmp_path / "probabilities.parquet")
    vote = {"member": ["joint", "rgb", "fusion", "(vote)"], "temperature": [2.0] * 3 + [1.0]}
    pd.DataFrame({**vote, "weight": 1 / 3, "prior_correction": 0.0, "vote": "soft"}).to_csv(
        tmp_path / "temperatures.tsv", sep="\t", index=False
    )
    for modality, wrong in (("joint", 0), ("rgb", 5)):
        chosen = truth.iloc[:20][["clip", "label"]].reset_index(drop=True)
        chosen.loc[: wrong - 1, "label"] = 3
        path = tmp_path / "pseudo_labels" / modality / "1.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        chosen.to_parquet(path)
    return tmp_path


def run(folder, mode="transductive", rounds=1, seed=7):
    outputs = {name: str(folder / file) for name, file in FILES.items()}
    taught = [str(folder / "pseudo_labels" / name / "1.parquet") for name in ("joint", "rgb")]
    score(
        [str(folder / "logits" / f"{system}.parquet") for system in SYSTEMS],
        str(folder / "temperatures.tsv"),
        str(folder / "probabilities.parquet"),
        [str(folder / "truth_1.parquet"), str(folder / "truth_2.parquet")],
        [str(folder / "clips.parquet")],
        [str(folder / "lost.tsv")],
        taught if rounds else [],
        outputs,
        SYSTEMS,
        LABELS,
        mode,
        seed,
    )
    return {name: pd.read_csv(outputs[name], sep="\t") for name in TABLES}


def lose(folder, person):
    """The videos of a test person cannot be read: no usable clip, no prediction."""
    index = pd.read_parquet(folder / "clips.parquet")
    gone = index["subject"] == person
    lost = set(index["clip"][gone])
    columns = ["clip", "video", "subject", "split"]
    problems = index.loc[gone, columns].assign(problem="moov atom not found")
    problems.to_csv(folder / "lost.tsv", sep="\t", index=False)
    index[~gone].to_parquet(folder / "clips.parquet")
    for path in [*folder.glob("logits/*/*.parquet"), folder / "probabilities.parquet"]:
        table = pd.read_parquet(path)
        table[~table["clip"].isin(lost)].to_parquet(path)
    return lost


def test_scores_equal_scikit_learn(folder):
    tables = run(folder)
    scores = tables["scores"].set_index("system")
    assert scores.index.tolist() == [
        "joint, round 0",
        "joint, round 1",
        "rgb, round 0",
        "rgb, round 1",
        "fusion",
        "ensemble",
    ]
    truth = pd.read_parquet(folder / "truth_1.parquet")
    logits = pd.read_parquet(folder / "logits/rgb/1.parquet").iloc[60:]
    guesses = logits[[f"logit_{k}" for k in range(4)]].to_numpy().argmax(axis=1)
    row = scores.loc["rgb, round 1"]
    assert row["top1"] == pytest.approx((guesses == truth["label"]).mean(), abs=1e-4)
    assert row["macro_f1"] == pytest.approx(
        f1_score(truth["label"], guesses, average="macro", labels=[0, 1, 2]), abs=1e-4
    )
    recall = balanced_accuracy_score(truth["label"], guesses)
    assert row["mean_class_accuracy"] == pytest.approx(recall, abs=1e-4)
    assert row["top1_low"] <= row["top1"] <= row["top1_high"]
    assert (scores["clips"] == 90).all()
    assert (scores["groups"] == 5).all() and (scores["group_kind"] == "subject").all()
    # a network of round 0 has learned from no pseudo-label
    assert scores["mode"].tolist() == [*["inductive", "transductive"] * 2, *["transductive"] * 2]
    assert (scores["seed"] == 7).all()
    assert (scores["missing"] == 0).all() and scores["remark"].isna().all()
    assert scores["top5"].isna().all()  # four classes
    assert scores["round"].tolist() == ["0", "1", "0", "1", "final", "final"]
    # The mean of three independent networks is better than each of them.
    assert scores["top1"].idxmax() == "ensemble"
    assert scores.loc["ensemble", "top1_difference"] == 0
    assert scores.loc["joint, round 0", "top1_difference"] > 0


def test_per_class(folder):
    per_class = run(folder)["per_class"]
    assert per_class["name"].tolist() == NAMES
    assert per_class["support"].sum() == 90
    assert per_class["support"][3] == 0
    assert np.isnan(per_class["recall"][3])


def test_lost_clips_are_counted_and_shown(folder):
    whole = run(folder)["scores"].set_index("system")
    lost = lose(folder, "q0")
    tables = run(folder)
    scores = tables["scores"].set_index("system")
    assert (scores["clips"] == 72).all() and (scores["missing"] == 18).all()
    assert (scores["groups"] == 4).all()
    assert (scores["remark"] == "18 clips without a prediction").all()
    for metric in ("top1", "macro_f1", "mean_class_accuracy"):
        assert (scores[f"{metric}_all"] < scores[metric]).all()
    right = scores["top1"] * 72
    assert (right / 90).tolist() == pytest.approx(scores["top1_all"].tolist(), abs=2e-4)
    assert (scores["top1_all"] <= whole["top1"]).all()
    row = tables["quarantine"].iloc[0]
    assert row.tolist() == ["v_q0", "moov atom not found", 0, 0, 18, 0]
    assert tables["per_class"]["missing"].sum() == 18
    clips = pd.read_parquet(folder / "scored_clips.parquet")
    assert set(clips["clip"][clips["probability_0"].isna()]) == lost
    facts = yaml.safe_load((folder / "facts.yaml").read_text())
    assert facts["Scored"] == "72 test clips of 4 subjects"
    assert facts["Lost"].startswith("18 scored clips, of 1 videos")


def test_a_lost_person_changes_no_half(folder):
    whole = run(folder, "inductive")["scores"]
    lose(folder, "q0")
    scores = run(folder, "inductive")["scores"]
    assert (scores["clips"] + scores["missing"] == whole["clips"]).all()


def test_a_clip_without_prediction_is_counted_too(folder):
    for path in [*folder.glob("logits/*/*.parquet"), folder / "probabilities.parquet"]:
        pd.read_parquet(path).iloc[:-1].to_parquet(path)
    tables = run(folder)
    assert (tables["scores"]["missing"] == 1).all()
    assert tables["quarantine"].iloc[0].tolist()[:2] == ["v_q4", "clips without a prediction"]


def test_facts_of_the_run(folder):
    run(folder)
    facts = yaml.safe_load((folder / "facts.yaml").read_text())
    assert facts["Protocol"].startswith("transductive: pseudo-labels were chosen on the scored")
    assert facts["Scored"] == "90 test clips of 5 subjects"
    assert facts["Lost"] == "none" and facts["Seed"] == 7
    told = pd.read_csv(folder / "facts.tsv", sep="\t", keep_default_na=False)
    assert dict(told.to_numpy().tolist()) == {name: str(value) for name, value in facts.items()}
    assert facts["Training and test"] == "No subject stands in both training and test."


def test_without_pseudo_labels_nothing_is_transductive(folder):
    tables = run(folder, rounds=0)
    assert (tables["scores"]["mode"] == "inductive").all()
    assert (tables["scores"]["clips"] == 90).all()


def test_unknown_subjects_stay_unknown(folder):
    for name in ("clips", "truth_1", "truth_2"):
        path = folder / f"{name}.parquet"
        pd.read_parquet(path).assign(subject="").to_parquet(path)
    scores = run(folder)["scores"]
    assert (scores["group_kind"] == "video").all() and (scores["groups"] == 5).all()
    facts = yaml.safe_load((folder / "facts.yaml").read_text())
    assert facts["Scored"] == "90 test clips of 5 videos (subjects unknown)"
    assert "whether a subject does is not known" in facts["Training and test"]


def test_one_test_person_is_told(folder, caplog):
    for name in ("clips", "truth_1"):
        path = folder / f"{name}.parquet"
        table = pd.read_parquet(path)
        here = table["subject"].str.startswith("q")
        table.assign(subject=table["subject"].where(~here, "q0")).to_parquet(path)
    scores = run(folder)["scores"]
    assert scores["top1_low"].isna().all()
    assert scores["remark"].str.startswith("1 test subject: no interval").all()
    assert "1 test subject: no interval" in caplog.text


def test_quality_of_pseudo_labels(folder):
    quality = run(folder)["quality"]
    assert quality["modality"].tolist() == ["joint", "rgb"]
    assert quality["precision"].tolist() == [1, 0.75]
    assert quality["coverage"].tolist() == pytest.approx([20 / 90] * 2, abs=1e-4)


def test_inductive_mode_scores_the_held_half(folder):
    scores = run(folder, "inductive")["scores"]
    held = scored_clips(pd.read_parquet(folder / "clips.parquet"), "inductive")
    assert set(scores["clips"]) == {len(held)} == {54}
    assert set(scores["groups"]) == {3}


def test_the_same_input_gives_the_same_bytes(folder):
    run(folder)
    first = {file: (folder / file).read_bytes() for file in FILES.values()}
    run(folder)
    for file, content in first.items():
        assert (folder / file).read_bytes() == content, file


def test_no_prediction_at_all_is_refused(folder):
    for path in [*folder.glob("logits/*/*.parquet"), folder / "probabilities.parquet"]:
        table = pd.read_parquet(path)
        table[table["split"] == "val"].to_parquet(path)
    with pytest.raises(BadInput, match="no prediction for any test clip"):
        run(folder)


def test_nothing_to_score(folder):
    path = folder / "truth_1.parquet"
    pd.read_parquet(path).iloc[:0].to_parquet(path)
    with pytest.raises(BadInput, match="no test clip with a label"):
        run(folder)
