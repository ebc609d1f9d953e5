import os
import signal

import numpy as np
import pytest
import torch

from microgesture.configuration.settings import complete_settings
from microgesture.datasets.clips import load_clips
from microgesture.provenance.errors import BadInput
from microgesture.provenance.termination import (
    Interrupted,
    ending_at_safe_places,
    told_by_signal,
)
from microgesture.training.device import make_accelerator
from microgesture.training.loop import train
from microgesture.training.prediction import predict_logits, score_logits
from microgesture.training.recogniser import Objective, Recogniser
from microgesture.training.saving import Saver
from microgesture.training.state import load_state
from microgesture.weights.networks import build_network
from tests.datasets.synthetic import write_stores

OPTIONS = {"base_channels": 16, "num_stages": 2, "inflate_stages": [2], "down_stages": []}
GIVEN = {
    "model_options": OPTIONS,
    "epochs": 4,
    "batch_size": 7,
    "frames": 8,
    "dropout": 0.3,
    "semantic_loss": {"form": "softmax", "dimension": 8},
    "prototype_loss": {"weight": 0.2, "dimension": 8},
    "augmentation": {"noise": 0.01, "rotation": 0.1},
    "checkpoint": "best",
    "precision": "float32",
}


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    stores = write_stores(tmp_path_factory.mktemp("stores"))
    return load_clips(
        stores["clips"],
        stores["skeletons"],
        stores["saliency"],
        [],
        layout="coco17",
        splits=("train", "val"),
        use_skeletons=True,
        use_rgb=False,
    )


def run(clips, given, state=None, stop=lambda epoch: False, seed=0, stream="joint"):
    settings = complete_settings(given)
    accelerator = make_accelerator(False, settings["precision"])
    torch.manual_seed(seed)
    network = build_network(
        settings["model"],
        stream,
        3,
        clips.layout,
        dropout=settings["dropout"],
        options=settings["model_options"],
    )
    vectors = np.random.default_rng(0).normal(size=(3, 8))
    recogniser = Recogniser(network, 3, settings, vectors=vectors, skeleton=True)
    training = clips.where("train")
    result = train(
        recogniser,
        clips,
        training,
        clips.where("val"),
        (stream,),
        settings,
        accelerator,
        counts=clips.counts(training, 3),
        seed=seed,
        state=state,
        fingerprint="this",
        stop=stop,
    )
    return recogniser, accelerator, result


def test_interrupted_training_ends_with_the_same_bits(clips, tmp_path):
    _, _, whole = run(clips, GIVEN)
    _, _, part = run(clips, GIVEN, tmp_path, stop=lambda epoch: epoch == 2)
    assert len(part.rows) == 2
    _, _, resumed = run(clips, GIVEN, tmp_path)
    assert resumed.rows == whole.rows and resumed.epoch == whole.epoch
    assert set(resumed.weights) == set(whole.weights)
    for name, value in whole.weights.items():
        assert torch.equal(value, resumed.weights[name]), name
    assert any("prototypes" in name for name in whole.weights)
    _, _, other = run(clips, GIVEN, seed=1)
    assert other.rows != whole.rows


def test_snapshots_outlive_an_interruption(clips, tmp_path):
    given = {**GIVEN, "checkpoint": "last", "snapshots": {"count": 3, "cyclic": True}}
    _, _, whole = run(clips, given)
    run(clips, given, tmp_path, stop=lambda epoch: epoch == 2)
    _, _, resumed = run(clips, given, tmp_path)
    assert len(whole.snapshots) == len(resumed.snapshots) == 2
    for one, other in zip(whole.snapshots, resumed.snapshots):
        assert all(torch.equal(value, other[name]) for name, value in one.items())


def test_told_to_end_within_an_epoch_it_goes_on_at_that_step(clips, tmp_path, monkeypatch):
    given = {**GIVEN, "classifier_retraining": {"epochs": 2}}
    _, _, whole = run(clips, given)
    steps = []
    step = Saver.step

    def counted(self, so_far):
        steps.append(so_far.step)
        if len(steps) in (3, 9):  # in the second epoch, and in the retrained classifier's first
            os.kill(os.getpid(), signal.SIGTERM)
        step(self, so_far)

    monkeypatch.setattr(Saver, "step", counted)
    places = []
    for _ in range(2):
        with pytest.raises(Interrupted), told_by_signal(), ending_at_safe_places():
            run(clips, given, tmp_path)
        saved = load_state(tmp_path, "this")
        places.append((saved["epoch"], saved["so_far"]["step"]))
    assert places == [(1, 1), (4, 1)]
    _, _, resumed = run(clips, given, tmp_path)
    assert len(steps) == 2 * 6  # no step was done twice; the last of every epoch asks nothing
    assert resumed.rows == whole.rows and resumed.epoch == whole.epoch
    for name, value in whole.weights.items():
        assert torch.equal(value, resumed.weights[name]), name


@pytest.mark.parametrize(
    ("every", "saved"), [({"seconds": 0, "steps": 2}, [2]), ({"seconds": 1e-9}, [1, 2]), ({}, [])]
)
def test_how_often_the_state_is_saved(clips, tmp_path, monkeypatch, every, saved):
    kept = []
    monkeypatch.setattr(
        "microgesture.training.loop.save_state", lambda folder, state: kept.append(state["so_far"])
    )
    run(clips, {**GIVEN, "epochs": 1, "state_every": every}, tmp_path)
    assert [so_far["step"] for so_far in kept[:-1]] == saved and kept[-1] is None


def test_it_learns_and_keeps_the_best(clips):
    given = {**GIVEN, "epochs": 30, "learning_rate": 0.05, "dropout": 0.0}
    recogniser, accelerator, result = run(clips, given, stream="joint_motion")
    print(
        [round(r["loss"], 2) for r in result.rows], [round(r["accuracy"], 2) for r in result.rows]
    )
    assert result.rows[-1]["loss"] < 0.8 * result.rows[0]["loss"]
    assert result.rows[-1]["accuracy"] > 0.6
    best = max(row["validation_mean_class_accuracy"] for row in result.rows)
    assert result.scores["mean_class_accuracy"] == best
    assert result.rows[result.epoch - 1]["validation_mean_class_accuracy"] == best
    # The kept weights give the kept scores again.
    recogniser.load_state_dict(result.weights)
    chosen = clips.where("val")
    settings = complete_settings(given)
    streams = ("joint_motion",)
    logits = predict_logits(recogniser, clips, chosen, streams, settings, accelerator)
    assert score_logits(logits, clips.labels[chosen]) == pytest.approx(result.scores)


def test_views_and_mirror_images_are_averaged(clips):
    settings = complete_settings(GIVEN)
    recogniser, accelerator, _ = run(clips, {**GIVEN, "epochs": 1})
    recogniser.eval()
    chosen = clips.where("val")[::-1]

    def predict(**options):
        arguments = (recogniser, clips, chosen, ("joint",), settings, accelerator)
        return predict_logits(*arguments, **options)

    one, both = predict(), predict(views=2, flip=True)
    assert one.shape == (7, 3) and not np.allclose(one, both)
    seen = []
    original = recogniser.network.head
    recogniser.network.head = lambda x: seen.append(original(x)) or seen[-1]
    predict(views=2, flip=True)
    np.testing.assert_allclose(both, torch.stack(seen).mean(dim=0).numpy(), atol=1e-5)
    # The order of the rows is that of `chosen`.
    np.testing.assert_allclose(one[0], one_of(recogniser, clips, chosen[0], settings), atol=1e-5)


def one_of(recogniser, clips, number, settings):
    accelerator = make_accelerator(False, "float32")
    return predict_logits(recogniser, clips, np.array([number]), ("joint",), settings, accelerator)[
        0
    ]


def test_scores_by_hand():
    logits = np.log([[0.5, 0.5], [0.9, 0.1], [0.2, 0.8]])
    scores = score_logits(logits, np.array([0, 1, 1]))
    assert scores["nll"] == pytest.approx(-np.log([0.5, 0.1, 0.8]).mean())
    assert scores["accuracy"] == pytest.approx(2 / 3)
    assert scores["mean_class_accuracy"] == pytest.approx((1 + 0.5) / 2)


def test_loss_that_is_not_finite_names_epoch_and_batch(clips):
    with pytest.raises(BadInput, match=r"loss is (nan|inf) in epoch \d, batch \d.*learning_rate"):
        run(clips, {**GIVEN, "learning_rate": 1000, "gradient_clip": 0, "epochs": 8})


def test_a_gpu_that_is_not_there():
    if not torch.cuda.is_available():
        with pytest.raises(BadInput, match="--resources gpu=0"):
            make_accelerator(True)


def test_learning_rate_scaled_by_the_batch_is_logged(clips, caplog):
    caplog.set_level("INFO")
    run(clips, {**GIVEN, "epochs": 1, "learning_rate": 0.4, "base_batch": 28})
    assert "learning rate 0.1 (learning_rate 0.4 x batch_size 7 / base_batch 28)" in caplog.text


def test_memory_is_looked_at_before_the_first_step(clips, monkeypatch):
    monkeypatch.setattr("microgesture.training.memory.free_memory", lambda device: 2**18)
    with pytest.raises(BadInput, match=r"0\.2 MiB .*free \(main memory\).*batch_size \(now 7\)"):
        run(clips, GIVEN)


HYPERGRAPH = {
    **GIVEN,
    "model": "hypergraph_transformer",
    "model_options": {"base_channels": 16, "num_stages": 2, "down_stages": []},
    "epochs": 1,
}


def test_auxiliary_classifier_learns_and_prediction_does_not_ask_it(clips):
    torch.manual_seed(0)
    first = build_network(
        "hypergraph_transformer",
        "joint",
        3,
        clips.layout,
        dropout=0.3,
        options=HYPERGRAPH["model_options"],
    ).auxiliary_classifier
    recogniser, accelerator, _ = run(clips, HYPERGRAPH)
    learnt = recogniser.network.auxiliary_classifier
    assert learnt.weight.grad.abs().sum() > 0 and learnt.bias.grad.abs().sum() > 0
    assert not torch.equal(learnt.weight, first.weight)

    settings, chosen = complete_settings(HYPERGRAPH), clips.where("val")
    arguments = (recogniser, clips, chosen, ("joint",), settings, accelerator)
    before = predict_logits(*arguments)
    torch.nn.init.constant_(learnt.weight, 9.0)
    np.testing.assert_array_equal(predict_logits(*arguments), before)

    recogniser, _, _ = run(clips, {**HYPERGRAPH, "auxiliary_weight": 0.0})
    off = recogniser.network.auxiliary_classifier
    assert off.weight.grad is None and torch.equal(off.weight, first.weight)


def test_without_training_clips(clips):
    empty = clips.where("nothing")
    with pytest.raises(BadInput, match="no labelled training clip"):
        train(None, clips, empty, empty, ("joint",), {}, None, counts=np.zeros(3), seed=0)


def test_objective_is_the_sum_of_its_parts(clips):
    settings = complete_settings({**GIVEN, "class_weights": "none"})
    torch.manual_seed(0)
    network = build_network("st_gcn_pp", "joint", 3, clips.layout, options=OPTIONS, dropout=0)
    vectors = np.eye(3, 8)
    recogniser = Recogniser(network, 3, settings, vectors=vectors, skeleton=True)
    outputs = recogniser(torch.randn(4, 3, 8, 17, 1))
    labels, weights = torch.tensor([0, 1, 2, 0]), torch.ones(4)
    device = torch.device("cpu")
    whole = Objective(settings, np.ones(3), device)(recogniser, outputs, labels, weights)
    plain = complete_settings({"class_weights": "none"})
    entropy = Objective(plain, np.ones(3), device)(
        recogniser, [{"logits": outputs[0]["logits"]}], labels, weights
    )
    semantic = [{key: outputs[0][key] for key in ("logits", "semantic")}]
    half = Objective(settings, np.ones(3), device)(recogniser, semantic, labels, weights)
    expected = torch.nn.functional.cross_entropy(outputs[0]["logits"], labels)
    torch.testing.assert_close(entropy, expected)
    cosines = torch.nn.functional.normalize(outputs[0]["semantic"], dim=1)[:, :3]
    added = 0.5 * torch.nn.functional.cross_entropy(cosines / 0.1, labels)
    torch.testing.assert_close(half, expected + added)
    assert whole >= half
    recogniser.eval()
    assert set(recogniser(torch.randn(1, 3, 8, 17, 1))[0]) == {"logits"}


def test_steps_instead_of_epochs(clips):
    given = {**GIVEN, "checkpoint": "last", "epochs": 2}
    # 21 clips in batches of 7: 3 steps an epoch; 10 steps are 4 epochs.
    _, _, result = run(clips, {**given, "steps": 10})
    assert len(result.rows) == 4
    _, _, plain = run(clips, {**given, "epochs": 4})
    assert all(torch.equal(value, plain.weights[name]) for name, value in result.weights.items())


STRONG = {
    "noise": 0.01,
    "rotation": 0.1,
    "turn": 0.4,
    "bone_lengths": 0.2,
    "time_stretch": 0.3,
    "joint_dropout": 0.1,
}


def test_a_strong_recipe_goes_on_with_the_same_bits(clips, tmp_path):
    given = {**GIVEN, "augmentation": STRONG, "short_clips": "interpolate", "frames": 16}
    _, _, whole = run(clips, given)
    run(clips, given, tmp_path, stop=lambda epoch: epoch == 2)
    _, _, resumed = run(clips, given, tmp_path)
    assert resumed.rows == whole.rows
    assert all(torch.equal(value, resumed.weights[name]) for name, value in whole.weights.items())
    _, _, other = run(clips, {**given, "short_clips": "loop"})
    assert other.rows != whole.rows


def test_mixed_heatmaps_are_learned_from(clips):
    options = {"base_channels": 4, "stage_blocks": [1, 1], "stem_stride": 2}
    options |= {"temporal_strides": [1, 1], "temporal_kernels": [3, 3]}
    given = {**GIVEN, "model": "poseconv3d", "model_options": options, "size": 16}
    given |= {"prototype_loss": {"weight": 0.0}, "checkpoint": "last", "epochs": 2}
    _, _, plain = run(clips, given, stream="joint_heatmap")
    mixes = {**GIVEN["augmentation"], "mixup": 0.4, "cutmix": 1.0}
    _, _, found = run(clips, {**given, "augmentation": mixes}, stream="joint_heatmap")
    assert np.isfinite(found.rows[-1]["loss"]) and found.rows[0] != plain.rows[0]
