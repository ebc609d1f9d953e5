import logging

import numpy as np
import pandas as pd
import pytest

from microgesture.provenance.errors import BadInput
from scripts.compare_members import compare
from scripts.fit_temperatures import fit

MEMBERS = ["joint", "rgb", "limb"]


@pytest.fixture
def files(tmp_path):
    """Six validation people and four test people; the third member sees what the first does."""
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 4, 200)
    people = np.repeat([f"p{number}" for number in range(10)], 20)
    splits = np.where(people < "p6", "val", "test")
    names = [f"c{n:03d}" for n in range(200)]
    index = {"clip": names, "video": [f"v{name}" for name in people], "subject": people}
    shown = np.where(splits == "val", labels, -1)
    pd.DataFrame({**index, "split": splits, "label": shown}).to_parquet(tmp_path / "clips.parquet")
    noise, paths = generator.normal(size=(2, 200, 4)), []
    for member, own in zip(MEMBERS, (noise[0], noise[1], noise[0])):
        table = pd.DataFrame({"clip": names, "split": splits})
        table[[f"logit_{k}" for k in range(4)]] = own + 1.4 * np.eye(4)[labels]
        paths.append(str(tmp_path / f"{member}.parquet"))
        table.to_parquet(paths[-1])
    return tmp_path, paths


def run(files, weights="equal", **settings):
    folder, paths = files
    outputs = {name: str(folder / f"{name}.tsv") for name in ("members", "disagreement", "votes")}
    outputs["figure"] = str(folder / "members.svg")
    given = {"weights": ["equal", "search"], **settings}
    clips = str(folder / "clips.parquet")
    compare(paths, clips, outputs, MEMBERS, {"weights": weights}, given, 0.0)
    tables = [pd.read_csv(path, sep="\t") for path in list(outputs.values())[:3]]
    return *tables, (folder / "members.svg").read_text()


def test_tables_and_figure(files):
    members, pairs, votes, figure = run(files)
    assert members["member"].tolist() == MEMBERS and (members["people"] == 6).all()
    assert (members["clips"] == 120).all()
    row = pairs.set_index(["member", "other"])["disagree"]
    assert row["joint", "limb"] == 0 < row["joint", "rgb"]
    added = members.set_index("member")["adds_nll"]
    assert added["rgb"] > 0.03 > added["limb"]
    assert votes["weights"].tolist() == ["equal", "search"]
    assert "<svg" in figure
    assert logging.getLogger("microgesture.ensembles").level != logging.ERROR


def test_test_clips_have_no_say(files):
    before = run(files)
    for path in files[1]:
        table = pd.read_parquet(path)
        table.loc[table["split"] == "test", "logit_0"] += 50
        table.to_parquet(path)
    for one, other in zip(run(files)[:3], before):
        pd.testing.assert_frame_equal(one, other)


def test_the_weights_over_people_are_fitted_by_the_rule_of_the_vote(files):
    folder, paths = files
    for weights in ("cross_fitted", "stacking"):
        run(files, weights=weights)
        clips = [str(folder / "clips.parquet")]
        fit(paths, clips, folder / "t.tsv", MEMBERS, {"weights": weights}, 0.5)
        table = pd.read_csv(folder / "t.tsv", sep="\t")
        assert table["weight"].sum() == pytest.approx(1)
        assert ("coefficients" in table) == (weights == "stacking")


def test_one_person_is_too_few(files):
    folder, paths = files
    index = pd.read_parquet(folder / "clips.parquet")
    index["subject"] = "p0"
    index.to_parquet(folder / "clips.parquet")
    with pytest.raises(BadInput, match="are of 1 person"):
        fit(paths, [str(folder / "clips.parquet")], folder / "t.tsv", MEMBERS,
            {"weights": "stacking"})  # fmt: skip
