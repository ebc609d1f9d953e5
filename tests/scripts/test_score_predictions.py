import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import balanced_accuracy_score, f1_score

from microgesture.ensembles.temperature import softmax
from microgesture.provenance.errors import BadInput
from microgesture.pseudo.protocol import scored_clips
from scripts.score_predictions import score

NAMES = ["nod", "wave", "rub", "fold"]
LABELS = [["nod", "head"], ["wave", "hands"], ["rub", "hands"], ["fold", "body"]]
SYSTEMS = ["joint/0", "joint/1", "rgb/0", "rgb/1", "fusion/final"]
OUTPUTS = ("scores", "per_class", "quality", "overview", "confusion", "reliability", "timeline")


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
    pd.DataFrame(
        {"member": ["joint", "rgb", "fusion"], "temperature": 2.0, "weight": 1 / 3}
    ).to_csv(tmp_path / "temperatures.tsv", sep="\t", index=False)
    for modality, wrong in (("joint", 0), ("rgb", 5)):
        chosen = truth.iloc[:20][["clip", "label"]].reset_index(drop=True)
        chosen.loc[: wrong - 1, "label"] = 3
        path = tmp_path / "pseudo_labels" / modality / "1.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        chosen.to_parquet(path)
    return tmp_path


def run(folder, mode="transductive"):
    outputs = {
        name: str(folder / f"{name}.{'tsv' if name in OUTPUTS[:3] else 'svg'}") for name in OUTPUTS
    }
    score(
        [str(folder / "logits" / f"{system}.parquet") for system in SYSTEMS],
        str(folder / "temperatures.tsv"),
        str(folder / "probabilities.parquet"),
        [str(folder / "truth_1.parquet"), str(folder / "truth_2.parquet")],
        [str(folder / "clips.parquet")],
        [str(folder / "pseudo_labels" / name / "1.parquet") for name in ("joint", "rgb")],
        outputs,
        SYSTEMS,
        LABELS,
        mode,
    )
    return {name: pd.read_csv(outputs[name], sep="\t") for name in OUTPUTS[:3]}


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
        f1_score(truth["label"], guesses, average="macro"), abs=1e-4
    )
    recall = balanced_accuracy_score(truth["label"], guesses)
    assert row["mean_class_accuracy"] == pytest.approx(recall, abs=1e-4)
    assert row["top1_low"] <= row["top1"] <= row["top1_high"]
    assert (scores["clips"] == 90).all()
    assert (scores["groups"] == 5).all()
    assert scores["round"].tolist() == ["0", "1", "0", "1", "final", "final"]
    # The mean of three independent networks is better than each of them.
    assert scores["top1"].idxmax() == "ensemble"
    assert scores.loc["ensemble", "top1_difference"] == 0
    assert scores.loc["joint, round 0", "top1_difference"] > 0


def test_per_class_and_figures(folder):
    tables = run(folder)
    per_class = tables["per_class"]
    assert per_class["name"].tolist() == NAMES
    assert per_class["support"].sum() == 90
    assert per_class["support"][3] == 0
    assert np.isnan(per_class["recall"][3])
    for name in OUTPUTS[3:]:
        assert (folder / f"{name}.svg").read_text().startswith("<?xml")


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
    first = {name: path.read_bytes() for name in OUTPUTS for path in folder.glob(f"{name}.*sv*")}
    run(folder)
    for name, content in first.items():
        assert next(folder.glob(f"{name}.*sv*")).read_bytes() == content, name


def test_a_test_clip_without_prediction_is_named(folder):
    path = folder / "probabilities.parquet"
    pd.read_parquet(path).iloc[:-1].to_parquet(path)
    with pytest.raises(BadInput, match=r"no prediction for 1 test clip.*'c149'"):
        run(folder)


def test_nothing_to_score(folder):
    path = folder / "truth_1.parquet"
    pd.read_parquet(path).iloc[:0].to_parquet(path)
    with pytest.raises(BadInput, match="no test clip with a label"):
        run(folder)
