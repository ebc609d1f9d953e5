import numpy as np
import pandas as pd
import pytest
from scipy.special import softmax

from microgesture.provenance.errors import BadInput
from scripts.combine_scores import combine

LABELS = [["nod", "head"], ["wave", "hand"], ["rub", "hand"]]


@pytest.fixture
def files(tmp_path):
    names = ["a", "b", "c"]
    splits = ["test", "val", "test"]
    pd.DataFrame(
        {
            "clip": names,
            "video": ["v", "v", "w"],
            "subject": ["p", "p", "q"],
            "start": [30, 0, 0],
            "end": [40, 10, 10],
            "split": splits,
            "label": [-1, 2, -1],
        }
    ).to_parquet(tmp_path / "clips.parquet")
    logits = {
        "joint": np.array([[2.0, 1, 0], [0, 1, 0], [0, 0, 3]]),
        "rgb": np.array([[0.0, 3, 0], [0, 0, 1], [0, 0, 1]]),
    }
    for name, values in logits.items():
        table = pd.DataFrame({"clip": names, "split": splits})
        table[["logit_0", "logit_1", "logit_2"]] = values
        table.to_parquet(tmp_path / f"{name}.parquet")
    fitted(tmp_path)
    return tmp_path, logits


def fitted(folder, kind="soft", prior_correction=0.0, temperature=1.0):
    pd.DataFrame(
        {
            "member": ["joint", "rgb", "(vote)"],
            "temperature": [2.0, 0.5, temperature],
            "weight": [0.25, 0.75, np.nan],
            "prior_correction": [np.nan, np.nan, prior_correction],
        }
    ).assign(vote=kind).to_csv(folder / "t.tsv", sep="\t", index=False)


def run(folder, members=("joint", "rgb"), labels=LABELS, submission="miga2025", **settings):
    combine(
        [str(folder / f"{name}.parquet") for name in members],
        str(folder / "t.tsv"),
        [str(folder / "clips.parquet")],
        [str(folder / "lost.tsv")] if (folder / "lost.tsv").exists() else [],
        folder / "probabilities.parquet",
        folder / "predictions.tsv",
        folder / "submission.csv",
        list(members),
        labels,
        {"submission": submission, **settings},
    )


def test_vote(files):
    folder, logits = files
    run(folder)
    expected = 0.25 * softmax(logits["joint"] / 2, 1) + 0.75 * softmax(logits["rgb"] / 0.5, 1)
    table = pd.read_parquet(folder / "probabilities.parquet")
    columns = ["probability_0", "probability_1", "probability_2"]
    np.testing.assert_allclose(table[columns], expected)
    assert table["split"].tolist() == ["test", "val", "test"]
    shown = pd.read_csv(folder / "predictions.tsv", sep="\t")
    assert shown["clip"].tolist() == ["b", "a", "c"]  # by video and time
    assert shown["name"].tolist() == ["rub", "wave", "rub"]
    assert shown["confidence"][1] == pytest.approx(expected[0, 1], abs=1e-6)
    # Test clips only.
    assert (folder / "submission.csv").read_text() == "Id,Target\na,1\nc,2\n"
    assert (folder / "prediction.zip").exists()


def test_the_order_of_members_does_not_matter(files):
    folder, _ = files
    run(folder)
    first = pd.read_parquet(folder / "probabilities.parquet")
    run(folder, members=("rgb", "joint"))
    pd.testing.assert_frame_equal(pd.read_parquet(folder / "probabilities.parquet"), first)


def test_no_archive_without_a_challenge(files):
    folder, _ = files
    run(folder, submission="none")
    assert not (folder / "prediction.zip").exists()


def test_stale_tables_are_refused(files):
    folder, _ = files
    with pytest.raises(BadInput, match="holds the members joint, rgb, the config names joint;"):
        run(folder, members=("joint",))
    with pytest.raises(BadInput, match="3 classes, the labels sheet has 2"):
        run(folder, labels=LABELS[:2])


def with_training(folder):
    """16, 4 and 1 training clips of the three classes."""
    index = pd.read_parquet(folder / "clips.parquet")
    learned = [0] * 16 + [1] * 4 + [2]
    train = pd.DataFrame({"clip": [f"t{n}" for n in range(21)], "label": learned})
    train = train.assign(video="x", subject="r", start=0, end=9, split="train")
    pd.concat([index, train]).to_parquet(folder / "clips.parquet")


def test_log_linear_vote_prior_and_temperature(files):
    folder, logits = files
    fitted(folder, "log_linear", 0.5, 0.8)
    with_training(folder)
    run(folder)
    # logits add up: joint / 2 x .25 + rgb / .5 x .75; then minus half the log of the counts, / .8
    pooled = 0.25 * logits["joint"] / 2 + 0.75 * logits["rgb"] / 0.5
    expected = softmax((pooled - 0.5 * np.log([16, 4, 1])) / 0.8, 1)
    table = pd.read_parquet(folder / "probabilities.parquet")
    columns = ["probability_0", "probability_1", "probability_2"]
    np.testing.assert_allclose(table[columns].to_numpy(), expected, atol=1e-9)
    # The decision is the most probable class, the confidence its probability.
    shown = pd.read_csv(folder / "predictions.tsv", sep="\t").set_index("clip")
    for clip, row in zip("abc", expected):
        assert shown.loc[clip, "label"] == row.argmax()
        assert shown.loc[clip, "confidence"] == pytest.approx(row.max(), abs=1e-6)


def test_a_lost_test_clip_is_in_the_submission_and_told(files, caplog):
    folder, _ = files
    with_training(folder)
    (folder / "lost.tsv").write_text(
        "clip\tvideo\tsubject\tsplit\tproblem\nlost\tbroken\t\ttest\tis empty\n"
    )
    run(folder)
    assert (folder / "submission.csv").read_text() == "Id,Target\na,1\nc,2\nlost,0\n"
    assert "1 test clip(s) have no prediction (first: lost)" in caplog.text
    shown = pd.read_csv(folder / "predictions.tsv", sep="\t").set_index("clip")
    assert shown.loc["lost", "name"] == "nod" and np.isnan(shown.loc["lost", "confidence"])
    assert "commonest training class" in shown.loc["lost", "remark"]
    assert "lost" not in set(pd.read_parquet(folder / "probabilities.parquet")["clip"])
