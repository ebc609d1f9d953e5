import numpy as np
import pandas as pd
import pytest
from scipy.special import log_softmax

from microgesture.provenance.errors import BadInput
from scripts.fit_temperatures import fit


@pytest.fixture
def files(tmp_path):
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 4, 80)
    splits = np.array(["val"] * 50 + ["test"] * 30)
    names = [f"c{n:02d}" for n in range(80)]
    pd.DataFrame(
        {"clip": names, "split": splits, "label": np.where(splits == "val", labels, -1)}
    ).to_parquet(tmp_path / "clips.parquet")
    paths = []
    for member, strength in (("joint", 1.0), ("rgb", 2.5)):
        logits = 3 * (generator.normal(size=(80, 4)) + strength * np.eye(4)[labels])
        table = pd.DataFrame({"clip": names, "split": splits})
        table[[f"logit_{k}" for k in range(4)]] = logits
        paths.append(str(tmp_path / f"{member}.parquet"))
        table.to_parquet(paths[-1])
    return tmp_path, paths, labels


def run(files, prior_correction=0.0, **settings):
    """The members' rows of the table; `whole` reads that of the vote, too."""
    folder, paths, _ = files
    clips = [str(folder / "clips.parquet")]
    fit(paths, clips, folder / "t.tsv", ["joint", "rgb"], settings, prior_correction)
    table = whole(files)
    assert table["member"].tolist()[-1] == "(vote)"
    return table.iloc[:-1]


def whole(files):
    return pd.read_csv(files[0] / "t.tsv", sep="\t")


def test_table(files):
    table = run(files, weights="equal")
    assert table["member"].tolist() == ["joint", "rgb"]
    assert table["weight"].tolist() == [0.5, 0.5]
    assert (table["nll_after"] < table["nll_before"]).all()
    assert table["validation_clips"].tolist() == [50, 50]
    # The loss before, from its definition; test clips have no say.
    logits = pd.read_parquet(files[1][0])[[f"logit_{k}" for k in range(4)]].to_numpy()[:50]
    expected = -log_softmax(logits, axis=1)[np.arange(50), files[2][:50]].mean()
    assert table["nll_before"][0] == pytest.approx(expected, rel=1e-6)


def test_searched_weights_prefer_the_better_member(files):
    table = run(files, weights="search")
    assert table["weight"].sum() == pytest.approx(1)
    assert table["weight"][1] > 0.6
    bold = run(files, weights="search", prior=0)
    assert bold["weight"][1] > table["weight"][1]


def test_given_weights(files):
    assert run(files, weights={"joint": 1, "rgb": 3})["weight"].tolist() == [0.25, 0.75]


def test_unknown_weights(files):
    with pytest.raises(BadInput, match="'best' is unknown; write equal, search"):
        run(files, weights="best")


def test_test_clips_have_no_say(files):
    before = run(files, weights="search")
    for path in files[1]:
        table = pd.read_parquet(path)
        table.loc[table["split"] == "test", "logit_0"] += 50
        table.to_parquet(path)
    pd.testing.assert_frame_equal(run(files, weights="search"), before)


def test_without_calibration_every_temperature_is_one(files):
    table = run(files, weights="search", calibrate=False)
    assert table["temperature"].tolist() == [1.0, 1.0]
    assert table["nll_after"].tolist() == table["nll_before"].tolist()
    assert table["weight"][1] > 0.6  # weights are searched on the raw probabilities
    assert whole(files)["temperature"].tolist() == [1.0] * 3


def test_weights_of_the_log_linear_vote_need_not_add_up_to_one(files):
    table = run(files, vote="log_linear", weights="search", prior=0)
    assert table["vote"].tolist() == ["log_linear"] * 2
    assert table["weight"][1] > table["weight"][0] > 0
    assert table["weight"].sum() != pytest.approx(1, abs=1e-3)
    assert run(files, vote="log_linear", weights="equal")["weight"].tolist() == [0.5, 0.5]


def test_without_validation_clips_only_what_needs_none(files):
    index = pd.read_parquet(files[0] / "clips.parquet")
    index.assign(label=-1, split="test").to_parquet(files[0] / "clips.parquet")
    with pytest.raises(BadInput, match="calibrate: false, weights: equal"):
        run(files, weights="equal")
    with pytest.raises(BadInput, match="no labelled validation clip"):
        run(files, weights="search", calibrate=False)
    table = run(files, weights="equal", calibrate=False)
    assert table["temperature"].tolist() == [1.0, 1.0]
    assert table["nll_before"].isna().all() and (table["validation_clips"] == 0).all()


def test_the_vote_stands_behind_its_correction(files):
    index = pd.read_parquet(files[0] / "clips.parquet")
    learned = pd.DataFrame({"clip": [f"t{n}" for n in range(21)], "split": "train"})
    learned["label"] = [0] * 16 + [1] * 3 + [2, 3]
    pd.concat([index, learned]).to_parquet(files[0] / "clips.parquet")
    run(files, prior_correction=0.5)
    own = whole(files).iloc[-1]
    assert own["prior_correction"] == 0.5 and np.isnan(own["weight"])
    assert own["nll_after"] <= own["nll_before"]
    # By its definition: the mean of the calibrated members, divided by sqrt(counts), then T.
    heats = whole(files)["temperature"].to_numpy()
    columns = [f"logit_{k}" for k in range(4)]
    values = [pd.read_parquet(path)[columns].to_numpy()[:50] for path in files[1]]
    mixed = np.mean([np.exp(log_softmax(z / t, axis=1)) for z, t in zip(values, heats)], axis=0)
    scores = np.log(mixed) - 0.5 * np.log([16, 3, 1, 1])
    labels = files[2][:50]

    def loss(heat):
        return -log_softmax(scores / heat, axis=1)[np.arange(50), labels].mean()

    assert own["nll_before"] == pytest.approx(loss(1.0), rel=1e-6)
    assert own["nll_after"] == pytest.approx(loss(heats[-1]), rel=1e-6)
    run(files, prior_correction=0.5, vote_temperature=False)
    assert whole(files)["temperature"].iloc[-1] == 1
    assert (whole(files)["temperature"].to_numpy()[:2] == heats[:2]).all()
