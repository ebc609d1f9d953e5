"""What a bundle predicts is what its run has predicted, bit for bit, wherever it lies."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from microgesture.bundles.archive import pack
from microgesture.bundles.reading import read_bundle
from microgesture.bundles.voting import bundle_vote, vote_probabilities
from microgesture.ensembles.logits import read_logits
from microgesture.ensembles.vote import read_vote
from microgesture.pose.checkpoints import read_checkpoint
from microgesture.pose.layouts import get_layout
from microgesture.provenance.errors import BadInput
from microgesture.weights.checkpoints import load_network, read_metadata, read_network_weights
from microgesture.weights.networks import build_network
from scripts.fit_temperatures import fit
from scripts.predict_modality import predict
from tests.bundles.made_run import (
    PREDICTION,
    call_layout,
    configuration,
    copied_bundle,
    make_run,
    shared_run,
    write_layout,
)
from tests.datasets.synthetic import write_stores


def assert_same_logits(bundle, run, stores, folder):
    for name, member in bundle.members.items():
        path = folder / f"{name}.parquet"
        predict(stores, *map(str, member), str(path), PREDICTION, 1, False)
        pd.testing.assert_frame_equal(
            pd.read_parquet(path), pd.read_parquet(run.logits[name]), check_exact=True
        )


def test_members_and_vote_are_those_of_the_run(tmp_path):
    run, folder = shared_run(), copied_bundle(tmp_path)
    pack(folder, tmp_path / "mine.zip")
    stored = pd.read_parquet(run.probabilities)
    assert len(stored) == 21
    for path in (folder, tmp_path / "mine.zip"):
        bundle = read_bundle(path, cache=tmp_path / "cache")
        assert_same_logits(bundle, run, run.stores, tmp_path)
        tables = {name: read_logits(tmp_path / f"{name}.parquet") for name in bundle.members}
        assert tables["joint"].clips.tolist() == stored["clip"].tolist()
        found = vote_probabilities(bundle, {name: one.values for name, one in tables.items()})
        assert np.array_equal(found, stored.filter(like="probability_").to_numpy())


def test_the_network_of_a_member_has_the_runs_weights(tmp_path):
    run, bundle = shared_run(), read_bundle(copied_bundle(tmp_path))
    facts = read_metadata(bundle.members["bone"].metadata)
    assert facts == read_metadata(run.members["bone"][1])
    network = build_network(
        facts["model"],
        facts["stream"],
        facts["num_classes"],
        get_layout(bundle.settings["layout"]),
        dims=facts["coordinates"],
        options=facts["options"],
    )
    load_network(network, bundle.members["bone"].checkpoint)
    before = read_network_weights(run.members["bone"][0])
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_the_pose_models_weights_are_the_same_without_a_pickle(tmp_path):
    bundle = read_bundle(copied_bundle(tmp_path))
    path = bundle.settings["extract_keypoints"]["checkpoint"]
    assert path.endswith("mine/pose/demo_wholebody.safetensors")
    found = read_checkpoint(path)["state_dict"]
    made = read_checkpoint(configuration()["extract_keypoints"]["checkpoint"])["state_dict"]
    assert set(found) == set(made) and len(found) > 50
    for name, value in found.items():
        assert value.dtype == made[name].dtype and torch.equal(value, made[name])


def test_a_layout_file_travels_along(tmp_path):
    """Elsewhere the original file is not there, and the bundle's has another path."""
    (tmp_path / "there").mkdir()
    run = make_run(tmp_path / "there", write_layout(tmp_path / "there" / "mine.yaml"))
    run.bundle(tmp_path / "here" / "mine")
    (tmp_path / "there" / "mine.yaml").unlink()
    bundle = read_bundle(tmp_path / "here" / "mine")
    layout = configuration(bundle.settings["layout"])["layout"]
    assert layout.startswith(f"{tmp_path}/here/mine/layout.yaml#")
    stores = write_stores(tmp_path / "stores")
    call_layout(stores, layout)
    assert_same_logits(bundle, run, stores, tmp_path)


def test_the_vote_of_some_members(tmp_path):
    run, folder = shared_run(), copied_bundle(tmp_path)
    whole = bundle_vote(read_bundle(folder))
    some = bundle_vote(read_bundle(folder, ["bone"]))
    assert whole.members == ["joint", "bone"] and some.members == ["bone"]
    assert some.temperatures.tolist() == whole.temperatures[1:].tolist()
    assert np.isclose(some.weights.sum(), whole.weights.sum()) and len(some.weights) == 1
    values = read_logits(run.logits["bone"]).values
    found = vote_probabilities(read_bundle(folder, ["bone"]), {"bone": values})
    # By hand: softmax of the logits over everything that divides them, less half the log prior.
    scaled = values / whole.temperatures[1]
    scaled -= np.log(np.exp(scaled).sum(axis=1, keepdims=True))
    scaled = scaled * whole.weights.sum() - 0.5 * np.log(np.array([9, 6, 6]) / 21)
    expected = np.exp(scaled / whole.temperature)
    expected /= expected.sum(axis=1, keepdims=True)
    assert np.allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("weights", ["cross_fitted", "stacking"])
def test_the_vote_over_people_travels_along(tmp_path, weights):
    """A bundle of the same networks with another vote says what that vote said in the run."""
    run = shared_run()
    clips, table = str(tmp_path / "clips.parquet"), str(tmp_path / "t.tsv")
    index = pd.read_parquet(run.clips)
    number = index["clip"].str.rpartition("_")[2].astype(int)
    # the one validation person's clips are shared out to three
    index["subject"] = index["subject"].where(index["split"] != "val", "d" + (number % 3).map(str))
    index.to_parquet(clips)
    tables = list(run.logits.values())
    fit(tables, [clips], table, list(run.members), {"weights": weights}, 0.5)
    voted = read_vote(table, list(run.members))
    folder = replace(run, temperatures=table).bundle(tmp_path / "mine")
    bundle = read_bundle(folder)
    values = {name: read_logits(path).values for name, path in run.logits.items()}
    found = vote_probabilities(bundle, values)
    counts = np.array([9, 6, 6])
    assert np.array_equal(found, voted.probabilities(list(values.values()), counts))
    assert (voted.kind == "stacking") == (weights == "stacking")
    # fewer members than all vote too
    some = read_bundle(folder, ["bone"])
    alone = vote_probabilities(some, {"bone": values["bone"]})
    assert alone.shape == found.shape and np.allclose(alone.sum(axis=1), 1)
    assert bundle_vote(some).stack is None


def test_a_stack_of_other_classes_is_refused(tmp_path):
    run = shared_run()
    table = pd.read_csv(run.temperatures, sep="\t")
    table["vote"], table["coefficients"] = "stacking", ["1 0 0 1", "1 0 0 1", "0 0"]
    table.to_csv(tmp_path / "t.tsv", sep="\t", index=False)
    folder = replace(run, temperatures=str(tmp_path / "t.tsv")).bundle(tmp_path / "mine")
    with pytest.raises(BadInput, match=r"vote\.tsv: stacks 2 classes, labels\.tsv has 3"):
        read_bundle(folder)
