import numpy as np
import pandas as pd
import pytest

from microgesture.provenance.errors import BadInput
from microgesture.stores.windows import list_windows, read_windows
from scripts.predict_windows import predict_windows
from tests.bundles.small_bundle import write_member
from tests.datasets.synthetic import write_stores
from tests.segments.test_window_prediction import SALIENCY

SETTINGS = {"seconds": [0.4, 0.8], "stride": 0.5, "test_flip": False, "batch_size": 16}
SETTINGS |= {"members": None, "threads": 1, "loader_workers": 0, "test_clips": 1}


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("inputs")
    stores = write_stores(folder)
    rows = [("a", 25.0, "ok"), ("c", 25.0, "ok"), ("e", 25.0, "ok"), ("x", 0.0, "quarantined")]
    facts = pd.DataFrame(rows, columns=["video", "fps", "status"])
    facts.to_parquet(folder / "facts.parquet")
    return folder, stores["skeletons"][0], write_member(folder, "joint")


def run(inputs, path, videos=("a", "c", "x"), rates=None, **settings):
    folder, skeletons, files = inputs
    arguments = [str(folder / "facts.parquet"), skeletons, [], [], *files, str(path)]
    given = {**SETTINGS, **settings}
    predict_windows(*arguments, list(videos), rates or {}, given, SALIENCY, 16)
    return {video: read_windows(path, video) for video in list_windows(path)}


def test_the_videos_that_are_asked_for_and_can_be_read(inputs, tmp_path):
    found = run(inputs, tmp_path / "w.h5")
    assert list(found) == ["a", "c"]
    for one in found.values():
        assert set(one.windows["length"]) == {400, 800}
        assert one.logits.shape == (len(one.windows), 3) and one.fps == 25.0
        assert np.isfinite(one.logits).all() and one.present.all()
    run(inputs, tmp_path / "again.h5")
    assert (tmp_path / "w.h5").read_bytes() == (tmp_path / "again.h5").read_bytes()


def test_a_rate_of_the_sheet_counts(inputs, tmp_path):
    own = run(inputs, tmp_path / "a.h5", ["a"])["a"]
    told = run(inputs, tmp_path / "b.h5", ["a"], {"a": 50.0})["a"]
    assert told.fps == 50.0
    lengths = [(one.windows["end"] - one.windows["start"] + 1).unique() for one in (own, told)]
    assert lengths[0].tolist() == [10, 20] and lengths[1].tolist() == [20, 40]


def test_a_batch_that_cannot_be_read_is_an_empty_store(inputs, tmp_path):
    assert run(inputs, tmp_path / "w.h5", ["x"]) == {}


def test_problems_are_named(inputs, tmp_path):
    folder, skeletons, (_, metadata) = inputs
    with pytest.raises(BadInput, match="epoch is no known setting"):
        run(inputs, tmp_path / "w.h5", epoch=3)
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(b"no weights")
    with pytest.raises(BadInput, match=r"cut.safetensors: is no readable checkpoint"):
        run((folder, skeletons, (str(cut), metadata)), tmp_path / "w.h5")
    assert not (tmp_path / "w.h5").exists()
