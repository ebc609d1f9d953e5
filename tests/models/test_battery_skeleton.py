"""What every skeleton recogniser must do, for several layouts, persons and coordinates."""

import importlib

import pytest
import torch
import torch.nn.functional as F

from microgesture.datasets.streams import SKELETON_STREAMS
from microgesture.pose.layouts import get_layout
from microgesture.provenance.errors import BadInput

MODELS = (
    "st_gcn",
    "st_gcn_pp",
    "aagcn",
    "ctr_gcn",
    "dg_stgcn",
    "hypergraph_transformer",
    "decoupled_st_cnn",
    "skeleton_transformer",
    "random_convolutions",
)
CASES = (("coco17", 1, 3), ("coco17", 2, 12), ("h68", 1, 3), ("ntu25", 2, 4), ("imigue22", 2, 3))
CLASSES = 5
SIZES = {"random_convolutions": {"num_filters": 60}}  # has no width and depth, as all others do
# documented: only trained through auxiliary_logits
AUXILIARY = ("auxiliary_classifier.weight", "auxiliary_classifier.bias")

pytestmark = pytest.mark.parametrize("model", MODELS)


def make(model, layout="coco17", persons=1, channels=3, **options):
    torch.manual_seed(1)
    module = importlib.import_module(f"microgesture.models.{model}")
    size = {"base_channels": 16, "num_stages": 6} | options
    if model in SIZES:
        size = SIZES[model] | {name: options[name] for name in options if name == "dropout"}
    return module.build(
        CLASSES, in_channels=channels, layout=get_layout(layout), num_persons=persons, **size
    )


def make_clips(layout="coco17", persons=1, channels=3, clips=2, frames=12):
    generator = torch.Generator().manual_seed(2)
    joints = get_layout(layout).num_joints
    return torch.randn(clips, channels, frames, joints, persons, generator=generator)


@pytest.mark.parametrize(("layout", "persons", "channels"), CASES)
def test_shapes(model, layout, persons, channels):
    network = make(model, layout, persons, channels).eval()
    clips = make_clips(layout, persons, channels)
    with torch.no_grad():
        features = network.forward_features(clips)
        pooled = network.pool(features)
        logits = network(clips)
    assert features.shape[:3] == (2, persons, network.num_features)
    assert pooled.shape == (2, network.num_features)
    assert logits.shape == (2, CLASSES)
    torch.testing.assert_close(network.head(pooled), logits)
    torch.testing.assert_close(pooled, features.mean((1, 3, 4)), rtol=1e-4, atol=1e-5)


def test_streams_are_skeleton_streams(model):
    module = importlib.import_module(f"microgesture.models.{model}")
    assert module.STREAMS == SKELETON_STREAMS


def test_missing_joints_and_padded_frames_stay_finite(model):
    network = make(model, persons=2)
    clips = make_clips(persons=2)
    clips[:, :, :, 3:9] = 0  # joints never seen
    clips[0, :, 5:] = 0  # padding
    clips[1, ..., 1] = 0  # no second person
    clips[1, :, :, :, 0] = 0  # nobody at all
    loss = F.cross_entropy(network(clips), torch.tensor([0, 1]))
    loss.backward()
    assert loss.isfinite()
    assert all(
        weight.grad is None or weight.grad.isfinite().all() for weight in network.parameters()
    )
    network.eval()
    assert network(torch.zeros_like(clips)).isfinite().all()


def test_one_frame_is_enough(model):
    assert make(model).eval()(make_clips(frames=1)).isfinite().all()


def test_every_parameter_gets_a_gradient(model):
    network = make(model, num_stages=8)
    clips = make_clips(clips=6)
    # gates that start at zero open in the first step, and let gradients through in the second
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05)
    for _ in range(3):
        optimizer.zero_grad()
        loss = F.cross_entropy(network(clips), torch.arange(6) % CLASSES)
        if hasattr(network, "auxiliary_logits"):
            features = network.forward_features(clips)
            loss = loss + F.cross_entropy(
                network.auxiliary_logits(features), torch.arange(6) % CLASSES
            )
        loss.backward()
        optimizer.step()
    for name, weight in network.named_parameters():
        assert weight.grad is not None, name
        # a bias just before batch normalisation has no influence; all else has
        if weight.ndim > 1:
            assert weight.grad.abs().max() > 0, name


def test_auxiliary_weights_are_the_only_ones_that_forward_leaves_out(model):
    network = make(model)
    network(make_clips()).sum().backward()
    unused = [name for name, weight in network.named_parameters() if weight.grad is None]
    assert unused == (list(AUXILIARY) if model == "hypergraph_transformer" else [])


def test_saved_and_loaded_network_is_the_same(model, tmp_path):
    network = make(model)
    clips = make_clips()
    network(clips)  # moves the running statistics
    torch.save(network.state_dict(), tmp_path / "weights.pt")
    torch.manual_seed(9)
    other = make(model, num_stages=6)
    with torch.no_grad():
        for weight in other.parameters():
            weight.add_(1.0)
    other.load_state_dict(torch.load(tmp_path / "weights.pt", weights_only=True))
    with torch.no_grad():
        assert torch.equal(network.eval()(clips), other.eval()(clips))


def test_overfits_four_clips(model):
    network = make(model, dropout=0.0)
    clips = make_clips(clips=4, frames=8)
    labels = torch.arange(4)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    for _ in range(40):
        optimizer.zero_grad()
        loss = F.cross_entropy(network(clips), labels)
        if loss.item() < 0.05:
            break
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.05


def test_a_wrong_shape_is_named(model):
    network = make(model)
    with pytest.raises(ValueError, match="V=17"):
        network(make_clips("imigue22"))


def test_without_a_layout_the_message_says_so(model):
    module = importlib.import_module(f"microgesture.models.{model}")
    with pytest.raises(BadInput, match="layout"):
        module.build(CLASSES, in_channels=3)


def test_mixed_precision_runs(model):
    network = make(model, "h68")
    clips = make_clips("h68")
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = F.cross_entropy(network(clips), torch.tensor([0, 1]))
    loss.backward()
    assert loss.isfinite()


def test_parameter_count_of_the_full_size(model):
    millions = {
        "st_gcn": 3.1,
        "st_gcn_pp": 1.39,
        "aagcn": 3.76,
        "ctr_gcn": 1.44,
        "dg_stgcn": 1.67,
        "hypergraph_transformer": 2.6,
        "decoupled_st_cnn": 2.06,
        "skeleton_transformer": 6.34,
        "random_convolutions": 0.48,
    }[model]
    module = importlib.import_module(f"microgesture.models.{model}")
    network = module.build(60, in_channels=3, layout=get_layout("coco17"))
    count = sum(weight.numel() for weight in network.parameters())
    assert count == pytest.approx(millions * 1e6, rel=0.03)
