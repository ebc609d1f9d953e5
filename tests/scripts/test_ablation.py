import numpy as np
import pandas as pd
import pytest

from microgesture.provenance.errors import BadInput
from microgesture.pseudo.protocol import scored_clips
from scripts.ablation import compare

VARIANTS = ["full", "part", "inductive"]


@pytest.fixture
def folder(tmp_path):
    """40 test clips of four people; three variants, two seeds."""
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 3, 40)
    index = pd.DataFrame(
        {
            "clip": [f"c{n:02d}" for n in range(40)],
            "video": [f"v{n % 4}" for n in range(40)],
            "subject": [f"p{n % 4}" for n in range(40)],
            "start": 0,
            "end": 9,
            "split": "test",
        }
    )
    index.assign(label=-1).to_parquet(tmp_path / "clips.parquet")
    index.assign(label=labels).to_parquet(tmp_path / "truth.parquet")
    for seed in (0, 1):
        for variant, strength in zip(VARIANTS, (3.0, 0.5, 3.0)):
            values = np.exp(generator.normal(size=(40, 3)) + strength * np.eye(3)[labels])
            table = index[["clip", "split"]].copy()
            table[[f"probability_{k}" for k in range(3)]] = values / values.sum(1, keepdims=True)
            table.iloc[::-1].to_parquet(tmp_path / f"{variant}_{seed}.parquet")
            logits = index[["clip", "split"]].copy()
            logits[[f"logit_{k}" for k in range(3)]] = np.log(values)[:, [1, 2, 0]]
            logits.to_parquet(tmp_path / f"logits_{variant}_{seed}.parquet")
        metrics = ("top1", "top5", "macro_f1", "mean_class_accuracy", "ece", "nll")
        rows = {"system": ["joint, round 1"], "modality": ["joint"], "round": ["1"]}
        scores = pd.DataFrame(rows | {name: [0.4 + 0.2 * seed] for name in metrics})
        scores.to_csv(tmp_path / f"scores_{seed}.tsv", sep="\t", index=False)
        quality = pd.DataFrame(
            {"modality": ["joint"], "round": ["1"], "selected": [10 + seed], "precision": [0.5]}
        )
        quality.to_csv(tmp_path / f"quality_{seed}.tsv", sep="\t", index=False)
    # Ten pseudo-labels, of which the first six are right.
    taught = index[["clip"]].assign(label=labels)[:10]
    taught.loc[6:, "label"] = (taught.loc[6:, "label"] + 1) % 3
    taught.to_parquet(tmp_path / "taught.parquet")
    return tmp_path


def run(folder, seeds=(0, 1), changed=("part", "inductive")):
    outputs = {name: folder / name for name in ("table", "systems", "networks")}
    networks = [
        {
            "variant": variant,
            "against": "full",
            "modality": "joint",
            "own": [str(folder / f"logits_{variant}_{seed}.parquet") for seed in (0, 1)],
            "other": [str(folder / f"logits_full_{seed}.parquet") for seed in (0, 1)],
            "round": "1" if variant == "part" else "0",
            "pseudo_labels": [str(folder / "taught.parquet")] * 2 if variant == "part" else [],
        }
        for variant in changed
    ]
    compare(
        [str(folder / f"{variant}_{seed}.parquet") for seed in seeds for variant in VARIANTS],
        [str(folder / f"scores_{seed}.tsv") for seed in (0, 1)],
        [str(folder / f"quality_{seed}.tsv") for seed in (0, 1)],
        [str(folder / "truth.parquet")],
        [str(folder / "clips.parquet")],
        [],
        {**outputs, "figure": folder / "figure.svg"},
        variants=VARIANTS,
        pairs=[*((name, "full") for name in VARIANTS), ("inductive", "part")],
        modes=["transductive", "transductive", "inductive"],
        rounds=[1, 1, 1],
        seeds=[0, 1],
        networks=networks,
    )
    return pd.read_csv(folder / "table", sep="\t"), pd.read_csv(folder / "systems", sep="\t")


def test_tables_against_the_clips(folder):
    table, systems = run(folder)
    assert table["variant"].tolist() == [*VARIANTS, "inductive"]
    assert table["against"].tolist() == ["full", "full", "full", "part"]
    table = table[table["against"] == "full"]
    truth = pd.read_parquet(folder / "truth.parquet").set_index("clip")["label"]

    def accuracy(variant, seed, clips):
        own = pd.read_parquet(folder / f"{variant}_{seed}.parquet").set_index("clip")
        values = own.loc[clips].drop(columns="split").to_numpy()
        return (values.argmax(axis=1) == truth.loc[clips]).mean()

    clips = sorted(truth.index)
    gaps = [accuracy("part", seed, clips) - accuracy("full", seed, clips) for seed in (0, 1)]
    row = table.set_index("variant").loc["part"]
    assert row["top1_difference"] == pytest.approx(np.mean(gaps), abs=1e-4)
    assert row["top1_difference_high"] < 0
    assert systems["top1"].tolist() == pytest.approx([0.5])
    assert systems["selected"].tolist() == pytest.approx([10.5])
    assert (folder / "figure.svg").stat().st_size > 1000


def test_an_inductive_variant_is_compared_on_the_held_half(folder):
    table, _ = run(folder)
    held = scored_clips(pd.read_parquet(folder / "clips.parquet"), "inductive")
    rows = table.set_index("variant").loc["inductive"]
    assert rows["clips"].tolist() == [len(held)] * 2
    assert rows["groups"].tolist() == [2, 2]


def test_a_variant_against_another_variant(folder):
    table, _ = run(folder)
    truth = pd.read_parquet(folder / "truth.parquet").set_index("clip")["label"]
    held = scored_clips(pd.read_parquet(folder / "clips.parquet"), "inductive")
    clips = [clip for clip in truth.index if clip in held]

    def accuracy(variant, seed):
        own = pd.read_parquet(folder / f"{variant}_{seed}.parquet").set_index("clip")
        return (own.loc[clips].drop(columns="split").to_numpy().argmax(1) == truth[clips]).mean()

    gaps = [accuracy("inductive", seed) - accuracy("part", seed) for seed in (0, 1)]
    assert table.iloc[-1]["top1_difference"] == pytest.approx(np.mean(gaps), abs=1e-4)
    assert np.mean(gaps) > 0.1


def test_a_missing_ensemble_is_noticed(folder):
    with pytest.raises(BadInput, match="3 ensembles for 3 variants and 2 seeds"):
        run(folder, seeds=(0,))


def test_networks_are_compared_alone(folder):
    run(folder)
    table = pd.read_csv(folder / "networks", sep="\t").set_index("variant")
    assert table["modality"].tolist() == ["joint", "joint"]
    assert table.loc["part", ["round", "selected", "precision"]].tolist() == [1, 10, 0.6]
    assert np.isnan(table.loc["inductive", "selected"])
    assert table["clips"].tolist()[0] == 40 and table["clips"].tolist()[1] < 40
    truth = pd.read_parquet(folder / "truth.parquet").set_index("clip")["label"]

    def accuracy(variant, seed):
        logits = pd.read_parquet(folder / f"logits_{variant}_{seed}.parquet").set_index("clip")
        return (logits.drop(columns="split").to_numpy().argmax(1) == truth.loc[logits.index]).mean()

    means = [np.mean([accuracy(name, seed) for seed in (0, 1)]) for name in ("part", "full")]
    assert table.loc["part", "top1"] == pytest.approx(means[0], abs=1e-4)
    assert table.loc["part", "top1_difference"] == pytest.approx(means[0] - means[1], abs=1e-4)


def test_variants_of_the_vote_alone_change_no_network(folder):
    run(folder, changed=())
    assert pd.read_csv(folder / "networks", sep="\t").empty


def test_what_the_numbers_stand_on(folder):
    table, _ = run(folder)
    assert table["mode"].tolist() == [
        "transductive",
        "transductive",
        "inductive against transductive",
        "inductive against transductive",
    ]
    assert table["missing"].tolist() == [0] * 4
    assert table["group_kind"].tolist() == ["subject"] * 4
    assert table["top1_p"].isna().tolist() == [True, False, False, False]


def test_lost_clips_are_counted(folder):
    for path in folder.glob("*_[01].parquet"):
        table = pd.read_parquet(path)
        table[table["clip"] != "c07"].to_parquet(path)
    table, _ = run(folder)
    assert (table["clips"] + table["missing"]).tolist()[:2] == [40, 40]
    assert table["missing"].tolist()[:2] == [1, 1]
    networks = pd.read_csv(folder / "networks", sep="\t")
    assert networks["missing"][0] == 1
