"""Masked tubes for networks that cannot leave tubelets out."""

import pytest
import torch

from microgesture.configuration.settings import complete_settings
from microgesture.pose.layouts import get_layout
from microgesture.pretraining.masked_pictures import MapDecoder, MaskedPictures
from microgesture.pretraining.pretrainers import make_pretrainer
from microgesture.provenance.errors import BadInput
from microgesture.weights.networks import build_network
from tests.pretraining.test_tube_targets import joints_at

COCO17 = get_layout("coco17")
NARROW = {"base_channels": 4, "stage_blocks": [1, 1, 1, 1]}


def make(model="resnet3d", frames=4, size=64, points=3, options=None, **group):
    torch.manual_seed(0)
    given = {"method": "masked_tubes", "keypoint_weight": 1.0, "mask_ratio": 0.5, **group}
    settings = complete_settings(
        {
            "stream": "rgb",
            "model": model,
            "rgb_frames": frames,
            "rgb_size": size,
            "pretrain": given,
        }
    )
    options = NARROW if options is None else options
    network = build_network(model, "rgb", 1, get_layout("coco17"), options=options)
    return make_pretrainer(network, settings, dims=2, channels=3, layout=COCO17, points=points)


def clips(count=2, frames=4, size=64):
    return torch.randn(count, 3, frames, size, size, generator=torch.Generator().manual_seed(1))


def joints(count=2, frames=4, points=3):
    places = torch.rand(count, frames, points, 2, generator=torch.Generator().manual_seed(2))
    return torch.cat([joints_at(*each.tolist()) for each in places])


@pytest.mark.parametrize(
    ("model", "frames", "size", "grid"),
    [
        ("resnet3d", 4, 64, (4, 8, 8)),
        ("resnet3d", 2, 224, (2, 14, 14)),  # places of 16 pixels
        ("r2plus1d", 16, 64, (2, 8, 8)),  # one step of its map is eight frames
        ("tsm", 8, 64, (8, 8, 8)),
    ],
)
def test_every_learned_part_gets_a_gradient(model, frames, size, grid):
    learner = make(model, frames, size, options=NARROW if model == "resnet3d" else {})
    assert isinstance(learner, MaskedPictures)
    x = clips(2, frames, size)
    assert learner.grid(x) == grid
    optimizer = torch.optim.SGD(learner.parameters(), lr=0.05)
    for _ in range(2):  # gates that start at zero open in the first step
        optimizer.zero_grad()
        [found] = learner(x, joints(2, frames))
        assert set(found) == {"loss", "pixels", "places", "motion"}
        found["loss"].backward()
        optimizer.step()
    given = {n for n, p in learner.named_parameters() if p.grad is not None and p.grad.any()}
    fixed = {n for n, p in learner.named_parameters() if not p.requires_grad}
    assert fixed == {n for n, _ in learner.named_parameters() if "classifier" in n or ".fc." in n}
    assert given == {n for n, _ in learner.named_parameters()} - fixed


def test_what_is_hidden_does_not_reach_the_network():
    learner = make()  # norms of the batch: those of running means say nothing yet
    x = clips(1)
    hidden = torch.ones(1, 4, 8, 8, dtype=torch.bool)
    hidden[:, :, 1, 2] = False
    hidden = hidden.flatten(1)
    changed = torch.randn_like(x)
    changed[..., 8:16, 16:24] = x[..., 8:16, 16:24]
    said = [learner.decoded(pictures, hidden, (4, 8, 8)) for pictures in (x, changed)]
    torch.testing.assert_close(said[0], said[1])
    changed[..., 8:16, 16:24] += 1
    assert not torch.allclose(said[0], learner.decoded(changed, hidden, (4, 8, 8)))


def test_joints_in_shown_pixels_count_as_well():
    learner = make(pixel_weight=0.0, points=2).eval()
    points = joints_at(*[[[0.1, 0.1], [0.9, 0.9]]] * 4)
    hidden = torch.zeros(1, 4 * 64, dtype=torch.bool)
    [both] = learner(clips(1), points, hidden)
    points[:, 2, :, 1] = 0  # not seen
    [one] = learner(clips(1), points, hidden)
    assert both["places"] > 0 and abs(both["places"] - one["places"]) > 1e-4


@pytest.mark.parametrize(
    ("rows", "places", "layers"), [(2, 8, 2), (7, 14, 1), (3, 8, 2), (14, 8, 0)]
)
def test_the_map_is_widened_to_the_places(rows, places, layers):
    decoder = MapDecoder(6, rows, places, 5, num_pixels=0, num_joints=2)
    assert len(decoder.wider) == layers and decoder.pixels is None
    assert decoder.joints.out_features == 6
    assert decoder(torch.randn(2, 6, 3, rows, rows)).shape == (2, 3 * places * places, 5)


def test_where_joints_are_is_learned():
    """A square moves to the right; its place and its motion are found."""
    learner = make(pixel_weight=0.0, mask_ratio=0.1, points=1)
    optimiser = torch.optim.AdamW([p for p in learner.parameters() if p.requires_grad], lr=5e-3)
    generator = torch.Generator().manual_seed(3)

    def batch(count):
        x, frames = torch.zeros(count, 3, 4, 64, 64), []
        for clip in range(count):
            row, column = torch.randint(4, 40, (2,), generator=generator).tolist()
            for step in range(4):
                x[clip, :, step, row : row + 8, column + 4 * step : column + 4 * step + 8] = 2
            frames.append([[[(column + 4 * s + 4) / 64, (row + 4) / 64]] for s in range(4)])
        return x, torch.cat([joints_at(*each) for each in frames])

    for _ in range(60):
        optimiser.zero_grad()
        [losses] = learner(*batch(16))
        losses["loss"].backward()
        optimiser.step()
    [losses] = learner(*batch(32))
    # by chance the logarithm of 64, 4.16; shared out to four places it cannot reach 0
    assert losses["places"] < 2.6 and losses["motion"] < 0.6


def test_messages():
    with pytest.raises(
        BadInput, match=r"which leaves a rest; write rgb_size: 64 and rgb_frames: 4"
    ):
        make(size=70)
    with pytest.raises(BadInput, match="both 0"):
        make(pixel_weight=0.0, keypoint_weight=0.0)
