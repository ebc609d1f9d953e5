import pandas as pd
import pytest

from microgesture.provenance.errors import BadInput
from scripts.predict_modality import predict
from tests.datasets.synthetic import write_stores
from tests.scripts.test_train_modality import run


def test_prediction_is_repeatable_and_checks_the_checkpoint(tmp_path):
    stores = write_stores(tmp_path)
    options = {"base_channels": 8, "stage_blocks": [1, 1], "stem_pool_stride": None}
    given = {"stream": "rgb", "model": "resnet3d", "model_options": options}
    given |= {"rgb_frames": 4, "rgb_size": 16}
    files = run(tmp_path, {**stores, "skeletons": []}, settings=given)
    tables = []
    for name, batch_size in (("a", 7), ("b", 7), ("c", 2)):
        path = tmp_path / f"{name}.parquet"
        settings = {"batch_size": batch_size, "precision": "float32"}
        predict(stores, files["checkpoint"], files["metadata"], str(path), settings, 1, False)
        tables.append(pd.read_parquet(path))
    pd.testing.assert_frame_equal(tables[0], tables[1])
    pd.testing.assert_frame_equal(tables[0], tables[2], rtol=1e-3, atol=1e-4)
    with open(files["checkpoint"], "r+b") as file:
        file.truncate(100)
    with pytest.raises(BadInput, match="no readable checkpoint"):
        predict(stores, files["checkpoint"], files["metadata"], str(path), {}, 1, False)
