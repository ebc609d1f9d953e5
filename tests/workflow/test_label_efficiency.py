"""Which jobs the curves over the number of labels ask for, and which of them are shared."""

import yaml

from tests.workflow.conftest import ROOT

SOFT = {"fit_temperatures": {"vote": "soft"}}
CONFIG = {
    "rounds": 0,
    "modalities": {"heatmap": None, "rgb": None},
    "train_fusion": {"enabled": False},
    "label_efficiency": {"shares": [10, 100], "seeds": [0], "against": {"soft": SOFT}},
}


def test_every_shared_job_is_done_once(workspace):
    path = workspace.folder / "mine.yaml"
    path.write_text(yaml.safe_dump(CONFIG), encoding="utf-8")
    shipped = str(ROOT / "config.yaml")
    jobs = workspace.planned("--configfile", shipped, str(path), "--", "label_efficiency")
    # One network with 10 % of the labels and the main run's with all; two votes on each.
    assert jobs["train_modality"] == jobs["predict_modality"] == 2
    assert jobs["fit_temperatures"] == jobs["combine_scores"] == 4
    assert jobs["index_labels"] == 2 and jobs["index_truth"] == 1
    assert jobs["extract_keypoints"] == 4 and jobs["locate_saliency"] == 4  # a batch each
    assert jobs["label_efficiency"] == 1 and "score_predictions" not in jobs
