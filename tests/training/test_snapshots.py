import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load_file, save_file

from microgesture.configuration.settings import complete_settings
from microgesture.ensembles.logits import read_logits
from microgesture.provenance.errors import BadInput
from microgesture.training.schedule import learning_rate_at
from microgesture.training.snapshots import snapshot_epochs
from microgesture.weights.checkpoints import read_network_weights, read_snapshots
from scripts.predict_modality import predict
from tests.datasets.synthetic import write_stores
from tests.scripts.test_train_modality import run


def test_which_epochs_are_kept():
    def epochs(**given):
        return snapshot_epochs(complete_settings(given))

    assert epochs(epochs=9) == []
    assert epochs(epochs=9, snapshots={"count": 3}) == [7, 8]  # beside the ninth
    assert epochs(epochs=9, snapshots={"count": 3, "cyclic": True}) == [3, 6]
    assert epochs(epochs=10, snapshots={"count": 3, "cyclic": True}) == [3, 6]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"epochs": 2}, "count is 3 and epochs is 2"),
        ({"checkpoint": "best"}, "write checkpoint: last"),
        ({"classifier_retraining": {"epochs": 1}}, "not trained again"),
        ({"schedule": "step", "cyclic": True}, "write schedule: cosine"),
    ],
)
def test_what_they_do_not_go_with(given, message):
    group = {"count": 3, "cyclic": given.pop("cyclic", False)}
    with pytest.raises(BadInput, match=message):
        snapshot_epochs(complete_settings({"epochs": 9, "snapshots": group, **given}))


def test_the_cosine_begins_anew_in_every_cycle():
    given = {"epochs": 10, "warmup_epochs": 1, "snapshots": {"count": 3, "cyclic": True}}
    settings, alone = complete_settings(given), complete_settings({"epochs": 3, "warmup_epochs": 1})
    rates = [learning_rate_at(step, 4, settings, 0.5) for step in range(40)]
    # Cycles end after epochs 3, 6 and 10: the first is a training of three epochs, the last one of
    # four without a warm-up.
    first = [learning_rate_at(step, 4, alone, 0.5) for step in range(12)]
    assert rates[:12] == first
    last = complete_settings({"epochs": 4})
    assert rates[24:] == [learning_rate_at(step, 4, last, 0.5) for step in range(16)]
    assert rates[12] == rates[24] == 0.5 and rates[11] < 0.06


def test_snapshots_are_kept_and_predict_together(tmp_path):
    stores = write_stores(tmp_path / "stores")
    settings = {"epochs": 4, "learning_rate": 0.05, "precision": "float32"}
    plain = run(tmp_path / "plain", stores, settings=settings)
    several = run(tmp_path / "several", stores, settings={**settings, "snapshots": {"count": 3}})
    own, weights = read_network_weights(several["checkpoint"]), load_file(plain["checkpoint"])
    # The kept weights are those of a training without snapshots, bit for bit.
    assert set(own) == {name for name in weights if not name.startswith("losses.")}
    assert all(torch.equal(value, weights[name]) for name, value in own.items())
    assert read_snapshots(plain["checkpoint"]) == []
    earlier = read_snapshots(several["checkpoint"])
    assert len(earlier) == 2 and all(one.keys() == own.keys() for one in earlier)

    def logits(name, files):
        path = tmp_path / f"{name}.parquet"
        predict(stores, files["checkpoint"], files["metadata"], str(path), {}, 1, False)
        return read_logits(path).values

    # Logits of each by itself: trainings of the same schedule that were left there.
    alone = [logits("plain", plain)]
    for number, snapshot in enumerate(earlier):
        files = dict(plain, checkpoint=str(tmp_path / f"{number}.safetensors"))
        save_file(snapshot, files["checkpoint"])
        alone.append(logits(f"alone{number}", files))
    assert not np.allclose(alone[0], alone[1])
    np.testing.assert_allclose(logits("several", several), np.mean(alone, axis=0), atol=1e-5)
    curves = pd.read_csv(several["curves"], sep="\t")
    assert curves["epoch"].tolist() == [1, 2, 3, 4]
