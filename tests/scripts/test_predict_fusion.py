import numpy as np
import pandas as pd
import torch

from microgesture.losses.classification import log_mean_probability
from scripts.predict_fusion import predict
from tests.scripts.test_train_fusion import run_fusion, trained

__all__ = ["trained"]  # the fixture


def test_prediction_is_repeatable_and_a_log_probability(trained, tmp_path):
    _, stores, _, _ = trained
    files = run_fusion(trained, {}, tmp_path)
    tables = []
    for name in ("a", "b"):
        path = tmp_path / f"{name}.parquet"
        predict(stores, files["checkpoint"], files["metadata"], str(path), {}, 1, False)
        tables.append(pd.read_parquet(path))
    pd.testing.assert_frame_equal(*tables)
    values = tables[0][["logit_0", "logit_1", "logit_2"]].to_numpy()
    np.testing.assert_allclose(np.exp(values).sum(axis=1), 1, rtol=1e-6)
    # A vote of one branch is that branch.
    one = torch.tensor(values)
    torch.testing.assert_close(log_mean_probability([one]), one)
