import numpy as np
import pandas as pd
import pytest

from microgesture.provenance.errors import BadInput
from scripts.label_efficiency import compare

STRENGTHS = {5: 0.6, 25: 1.2, 100: 2.5}


@pytest.fixture
def files(tmp_path):
    """Two seeds, three shares, one network and its vote, with and without a better start."""
    generator = np.random.default_rng(0)
    labels = np.tile([0, 1, 2], 40)
    clips = [f"c{number:03d}" for number in range(120)]
    people = np.repeat([f"p{number}" for number in range(6)], 20)
    about = {"clip": clips, "video": people, "subject": people}
    pd.DataFrame({**about, "label": labels}).to_parquet(tmp_path / "truth.parquet")
    index = pd.DataFrame({**about, "batch": "b0", "start": 0, "end": 9, "split": "test"})
    index.assign(label=-1).to_parquet(tmp_path / "clips.parquet")
    lost = pd.DataFrame(columns=["clip", "video", "subject", "split", "problem"])
    lost.to_csv(tmp_path / "lost.tsv", sep="\t", index=False)
    scored, labelled = [], {}
    for seed in (0, 1):
        for share, strength in STRENGTHS.items():
            for variant, more in (("full", 0.0), ("better", 0.8)):
                seen = generator.normal(size=(120, 3)) + (strength + more) * np.eye(3)[labels]
                about = {"variant": variant, "share": share, "seed": seed}
                about |= {"mode": "transductive", "rounds": 0}
                for system, kind in (("ensemble", "probability"), ("joint", "logit")):
                    values = seen
                    if kind == "probability":
                        values = np.exp(seen) / np.exp(seen).sum(axis=1, keepdims=True)
                    table = pd.DataFrame({"clip": clips, "split": "test"})
                    table[[f"{kind}_{k}" for k in range(3)]] = values
                    path = tmp_path / f"{variant}{share}{seed}{system}.parquet"
                    table.to_parquet(path)
                    scored.append({**about, "system": system, "file": str(path)})
            train = pd.DataFrame({"split": "train", "label": [0] * share + [-1] * (100 - share)})
            labelled[share, seed] = str(tmp_path / f"index{share}{seed}.parquet")
            train.to_parquet(labelled[share, seed])
    return tmp_path, scored, labelled


def run(files):
    folder, scored, labelled = files
    one = [[str(folder / name)] for name in ("truth.parquet", "clips.parquet", "lost.tsv")]
    compare(scored, labelled, *one, str(folder / "t.tsv"), str(folder / "t.svg"))
    return pd.read_csv(folder / "t.tsv", sep="\t")


def test_curves(files):
    table = run(files)
    assert table["system"].tolist() == ["ensemble"] * 6 + ["joint"] * 6
    own = table[(table["variant"] == "full") & (table["system"] == "ensemble")]
    assert own["labelled_clips"].tolist() == [5, 25, 100]
    assert own["top1"].is_monotonic_increasing and own["top1_difference"].isna().all()
    better = table[(table["variant"] == "better") & (table["system"] == "joint")]
    assert (better["top1_difference"] > 0.02).all() and better["top1_p"].iloc[0] < 0.05
    joint = table[table["system"] == "joint"].reset_index(drop=True)
    same = table[table["system"] == "ensemble"].reset_index(drop=True)
    assert joint["top1"].tolist() == same["top1"].tolist()  # softmax changes no decision
    assert table["mode"].nunique() == 1
    text = (files[0] / "t.svg").read_text()
    assert "<svg" in text


def test_nothing_to_score(files):
    truth = pd.read_parquet(files[0] / "truth.parquet").assign(label=-1)
    truth.to_parquet(files[0] / "truth.parquet")
    with pytest.raises(BadInput, match="no test clip with a label has a prediction in every run"):
        run(files)
