import numpy as np
import pytest
import torch

from microgesture.configuration.settings import FUSION_SETTINGS, complete_settings
from microgesture.datasets.clips import load_clips
from microgesture.models import rgbpose_fusion
from microgesture.provenance.errors import BadInput
from microgesture.training.device import make_accelerator
from microgesture.training.loop import train
from microgesture.training.prediction import predict_logits
from microgesture.training.recogniser import Recogniser
from microgesture.training.stages import ClassifierOnly, plan_stages, restart_classifiers
from microgesture.weights.networks import build_network
from tests.datasets.synthetic import write_stores

OPTIONS = {"base_channels": 16, "num_stages": 2, "inflate_stages": [2], "down_stages": []}
GIVEN = {
    "model_options": OPTIONS,
    "epochs": 4,
    "batch_size": 6,
    "frames": 8,
    "dropout": 0.3,
    "learning_rate": 0.1,
    "class_weights": "sqrt",
    "logit_adjustment": 0.5,
    "semantic_loss": {"form": "softmax", "dimension": 8},
    "prototype_loss": {"weight": 0.2, "dimension": 8},
    "classifier_retraining": {"epochs": 3, "learning_rate": 0.4},
}
CLASSIFIER = ("network.classifier.weight", "network.classifier.bias")


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


def long_tail(clips):
    """Nine clips of class 0, three of class 1, one of class 2."""
    training = clips.where("train")
    return np.concatenate(
        [training[clips.labels[training] == label][:most] for label, most in enumerate((9, 3, 1))]
    )


def run(clips, given, state=None, stop=lambda epoch: False):
    settings = complete_settings(given)
    torch.manual_seed(0)
    network = build_network(
        "st_gcn_pp", "joint_motion", 3, clips.layout, dropout=0.3, options=OPTIONS
    )
    vectors = np.random.default_rng(0).normal(size=(3, 8))
    recogniser = Recogniser(network, 3, settings, vectors=vectors, skeleton=True)
    training = long_tail(clips)
    result = train(
        recogniser,
        clips,
        training,
        clips.where("val"),
        ("joint_motion",),
        settings,
        make_accelerator(False, "float32"),
        counts=clips.counts(training, 3),
        seed=0,
        state=state,
        fingerprint="this",
        stop=stop,
    )
    return recogniser, result


def test_features_stay_and_the_classifier_is_new(clips):
    _, before = run(clips, {**GIVEN, "classifier_retraining": {"epochs": 0}})
    _, after = run(clips, GIVEN)
    assert after.rows[:4] == before.rows  # the first stage does not know of the second
    assert set(after.weights) == set(before.weights)
    assert any("running_mean" in name for name in after.weights)
    for name, value in after.weights.items():
        assert torch.equal(value, before.weights[name]) == (name not in CLASSIFIER), name


def test_curves_go_on_and_the_rate_starts_anew(clips):
    rows = run(clips, GIVEN)[1].rows
    assert [row["epoch"] for row in rows] == [1, 2, 3, 4, 5, 6, 7]
    assert [row["stage"] for row in rows] == ["network"] * 4 + ["classifier"] * 3
    # 13 clips in batches of 6 are 3 steps an epoch; the cosine runs over 9 of them
    expected = [0.2 * (1 + np.cos(np.pi * step / 9)) for step in (2, 5, 8)]
    assert [row["learning_rate"] for row in rows[4:]] == pytest.approx(expected)
    assert all("validation_nll" in row for row in rows)


@pytest.fixture(scope="module", params=["last", "best"])
def whole(request, clips):
    """Settings, and the result of a training without interruption."""
    given = {**GIVEN, "checkpoint": request.param}
    return given, run(clips, given)[1]


@pytest.mark.parametrize("epoch", [2, 4, 5])  # in the first stage, between the two, in the second
def test_interrupted_is_as_uninterrupted(clips, whole, tmp_path, epoch):
    given, expected = whole
    _, part = run(clips, given, tmp_path, stop=lambda finished: finished == epoch)
    assert len(part.rows) == epoch
    _, resumed = run(clips, given, tmp_path)
    assert resumed.rows == expected.rows and resumed.epoch == expected.epoch
    for name, value in expected.weights.items():
        assert torch.equal(value, resumed.weights[name]), name


def test_the_tail_gains(clips):
    """Weak features leave the classifier with the classes' frequencies: 1 in 13 for the rarest, and
    1 in 3 once classes are drawn equally often (a third of the validation clips are of it)."""
    shares = []
    for epochs in (0, 6):
        given = {**GIVEN, "class_weights": "none", "logit_adjustment": 0.0}
        given |= {"classifier_retraining": {"epochs": epochs, "learning_rate": 0.1}}
        recogniser, result = run(clips, given)
        recogniser.load_state_dict(result.weights)
        logits = predict_logits(
            recogniser,
            clips,
            clips.where("val"),
            ("joint_motion",),
            complete_settings(given),
            make_accelerator(False, "float32"),
        )
        shares.append(torch.from_numpy(logits).softmax(dim=1)[:, 2].mean().item())
    print(shares)
    assert shares[0] < 0.2 < 0.25 < shares[1]


def test_balanced_drawing_replaces_every_other_weighting():
    network, classifier = plan_stages(complete_settings(GIVEN))
    assert (network.first, network.end, classifier.first, classifier.end) == (0, 4, 4, 7)
    assert network.settings["class_weights"] == "sqrt"
    assert classifier.settings["class_weights"] == "none"
    assert classifier.settings["balanced_sampling"] and not classifier.settings["logit_adjustment"]
    own = {"epochs": 2, "balanced": False}
    _, plain = plan_stages(complete_settings({**GIVEN, "classifier_retraining": own}))
    assert plain.settings["class_weights"] == "sqrt"
    assert not plain.settings["balanced_sampling"]
    assert plain.settings["learning_rate"] == 0.1  # that of the training
    (alone,) = plan_stages(complete_settings({}))
    assert alone.end == complete_settings({})["epochs"]


@pytest.mark.parametrize(
    ("model", "stream", "shape", "options", "names"),
    [
        ("st_gcn_pp", "joint", (3, 8, 17, 1), OPTIONS, ["classifier"]),
        ("tsm", "rgb", (3, 2, 32, 32), {"depth": 18, "base_channels": 8}, ["fc"]),
        ("r2plus1d", "rgb", (3, 4, 16, 16), {"base_channels": 8}, ["fc"]),
        (
            "video_swin",
            "rgb",
            (3, 4, 16, 16),
            {"embed_channels": 8, "stage_blocks": [1, 1], "stage_heads": [1, 2]},
            ["classifier"],
        ),
        (
            "video_mae",
            "rgb",
            (3, 4, 16, 16),
            {"width": 16, "num_blocks": 1, "num_heads": 2, "tubelet": [2, 8, 8]},
            ["classifier"],
        ),
    ],
)
def test_only_the_classifier_of_a_network_learns(clips, model, stream, shape, options, names):
    torch.manual_seed(0)
    network = build_network(model, stream, 3, clips.layout, dropout=0.5, options=options)
    recogniser = Recogniser(network, 3, complete_settings({}), skeleton=stream != "rgb")
    for parameter in recogniser.parameters():  # as the first stage leaves it
        parameter.grad = torch.ones_like(parameter)
    old = {name: value.clone() for name, value in recogniser.state_dict().items()}
    restart_classifiers(recogniser)
    learner = ClassifierOnly(recogniser).train()
    outputs = learner(torch.rand(2, *shape))
    assert not any(module.training for module in learner.modules())
    outputs[0]["logits"].square().sum().backward()
    learnt = {name for name, p in recogniser.named_parameters() if p.grad is not None}
    assert learnt == {f"network.{name}.{part}" for name in names for part in ("weight", "bias")}
    for name, value in recogniser.state_dict().items():
        assert torch.equal(value, old[name]) or name in learnt, name
    for name in names:
        assert not torch.equal(network.get_submodule(name).weight, old[f"network.{name}.weight"])


def test_both_branches_of_the_fusion_network_learn_their_classifier():
    torch.manual_seed(0)
    network = rgbpose_fusion.build(
        5,
        in_channels=6,
        rgb_options={"stage_blocks": (1, 1, 1, 1), "base_channels": 8},
        pose_options={"stage_blocks": (1, 1, 1), "base_channels": 4},
        attention_heads=4,
    )
    recogniser = Recogniser(network, 5, complete_settings({}, FUSION_SETTINGS))
    outputs = ClassifierOnly(recogniser)(torch.rand(2, 3, 2, 32, 32), torch.rand(2, 6, 8, 8, 8))
    sum(output["logits"].square().sum() for output in outputs).backward()
    learnt = {name for name, p in network.named_parameters() if p.grad is not None}
    branches = ("rgb_classifier", "pose_classifier")
    assert learnt == {f"{branch}.{part}" for branch in branches for part in ("weight", "bias")}


def test_settings_are_checked():
    with pytest.raises(BadInput, match=r"classifier_retraining\.epochs is -1"):
        complete_settings({"classifier_retraining": {"epochs": -1}})
