import numpy as np
import pandas as pd
import torch

from microgesture.configuration.settings import complete_settings
from microgesture.pose.layouts import get_layout
from microgesture.segments.condensing import WIDTH
from microgesture.segments.members import predict_windows
from microgesture.segments.window_clips import windows_as_clips
from microgesture.segments.windows import make_windows
from microgesture.stores.sequences import Sequence
from microgesture.training.device import make_accelerator
from microgesture.training.prediction import predict_logits
from microgesture.training.recogniser import Recogniser
from microgesture.weights.networks import build_network


def test_logits_are_those_of_the_recogniser_and_features_explain_them():
    layout = get_layout("coco17")
    points = np.random.default_rng(0).uniform(0, 100, (1, 40, 17, 3)).astype(np.float32)
    points[..., 2] = 0.9
    sequences = {"v": Sequence(points, np.ones(40, bool), "coco17", 100, 100, 15.0)}
    table = make_windows({"v": 40}, [12, 20], 0.5)
    boxes = np.tile([0.0, 0, 100, 100], (len(table), 1))
    windows = windows_as_clips(table, sequences, layout, boxes=boxes)
    settings = complete_settings({"frames": 8, "test_clips": 2, "batch_size": 3})
    torch.manual_seed(0)
    options = {"base_channels": 8, "num_stages": 2, "inflate_stages": [2], "down_stages": []}
    network = build_network("st_gcn_pp", "joint", 4, layout, options=options)
    recogniser = Recogniser(network, 4, {**settings, "prototype_loss": {"weight": 0}})
    accelerator = make_accelerator(False, "float32")
    logits, features = predict_windows(recogniser, windows, ("joint",), settings, accelerator, 4)
    plain = predict_logits(
        recogniser, windows, np.arange(len(table)), ("joint",), settings, accelerator, views=2
    )
    np.testing.assert_allclose(logits, plain, rtol=1e-5, atol=1e-5)
    assert features.shape == (len(table), network.num_features)
    with torch.no_grad():  # the head is linear, so means over views go through it
        again = network.head(torch.tensor(features))
    np.testing.assert_allclose(again, logits, rtol=1e-3, atol=1e-4)
    some, _ = predict_windows(
        recogniser, windows, ("joint",), settings, accelerator, 4, chosen=np.array([3, 1])
    )
    np.testing.assert_allclose(some, logits[[3, 1]], rtol=1e-5, atol=1e-5)


def test_a_very_wide_network_gives_few_features():
    layout = get_layout("coco17")
    points = np.random.default_rng(0).uniform(0, 100, (1, 20, 17, 3)).astype(np.float32)
    sequences = {"v": Sequence(points, np.ones(20, bool), "coco17", 100, 100, 15.0)}
    table = make_windows({"v": 20}, [12], 0.5)
    boxes = np.tile([0.0, 0, 100, 100], (len(table), 1))
    windows = windows_as_clips(table, sequences, layout, boxes=boxes)
    settings = complete_settings({"frames": 8})
    network = build_network(
        "random_convolutions", "joint", 4, layout, options={"num_filters": 1500}
    )
    logits, features = predict_windows(
        *(Recogniser(network, 4, settings), windows, ("joint",), settings),
        *(make_accelerator(False, "float32"), 4),
    )
    assert network.num_features == 6000 and features.shape == (len(table), WIDTH)
    assert logits.shape == (len(table), 4) and np.isfinite(features).all()


def test_no_window():
    settings = complete_settings({"frames": 8})
    layout = get_layout("coco17")
    empty = pd.DataFrame({"video": [], "start": [], "end": []})
    windows = windows_as_clips(empty, {}, layout, boxes=np.zeros((0, 4)))
    network = build_network(
        "st_gcn_pp", "joint", 4, layout, options={"base_channels": 8, "num_stages": 1}
    )
    recogniser = Recogniser(network, 4, settings)
    logits, features = predict_windows(
        recogniser, windows, ("joint",), settings, make_accelerator(False), 4
    )
    assert logits.shape == (0, 4) and len(features) == 0
