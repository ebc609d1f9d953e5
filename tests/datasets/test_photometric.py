"""The operations against torchvision's, which look at single pictures: clips of one frame."""

import pytest
import torch

import microgesture.models.torchvision_operators  # noqa: F401  (before torchvision)
from microgesture.datasets.photometric import OPERATIONS, rand_augmented

# isort: split
from torchvision.transforms.v2 import functional as reference

FACTOR = 1 + 0.9 * 9 / 30
REFERENCES = {
    "identity": lambda x, way: x,
    "brightness": lambda x, way: reference.adjust_brightness(x, FACTOR if way > 0 else 2 - FACTOR),
    "colour": lambda x, way: reference.adjust_saturation(x, FACTOR if way > 0 else 2 - FACTOR),
    "contrast": lambda x, way: reference.adjust_contrast(x, FACTOR if way > 0 else 2 - FACTOR),
    "sharpness": lambda x, way: reference.adjust_sharpness(x, FACTOR if way > 0 else 2 - FACTOR),
    "posterize": lambda x, way: reference.posterize(x, 8 - round(9 / 30 * 4)),
    "solarize": lambda x, way: reference.solarize(x, 255 * (1 - 9 / 30)),
    "autocontrast": lambda x, way: reference.autocontrast(x),
    "equalize": lambda x, way: reference.equalize(x),
}


def clip(frames=1, seed=0, low=30, high=200):
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(low, high, (frames, 3, 20, 24), generator=generator, dtype=torch.uint8)


@pytest.mark.parametrize("way", [1, -1])
@pytest.mark.parametrize("name", list(OPERATIONS))
def test_as_torchvision_does_it(name, way):
    pictures = clip()
    found = OPERATIONS[name](pictures, 9 / 30, way)
    assert found.dtype == torch.uint8 and found.shape == pictures.shape
    expected = REFERENCES[name](pictures, way)
    assert (found.int() - expected.int()).abs().max() <= 1  # they round in other places
    if name != "identity":
        assert (found != pictures).float().mean() > 0.1


def test_all_frames_of_a_clip_are_changed_alike():
    one = clip()
    dark = torch.cat([one, one // 2])
    for name in ("contrast", "autocontrast", "equalize"):
        found = OPERATIONS[name](dark, 0.5, 1)
        # A level becomes the same level wherever it stands in the clip.
        for channel in range(3):
            before, after = dark[:, channel].flatten(), found[:, channel].flatten()
            for level in before.unique()[::17]:
                assert len(after[before == level].unique()) == 1


def test_flat_pictures_stay():
    flat = torch.full((2, 3, 8, 8), 77, dtype=torch.uint8)
    assert torch.equal(OPERATIONS["autocontrast"](flat, 1.0, 1), flat)
    assert torch.equal(OPERATIONS["equalize"](flat, 1.0, 1), flat)


def test_numbers_choose_the_operations():
    names = list(OPERATIONS)
    pictures = clip(frames=2).movedim(1, -1)[None].repeat(3, 1, 1, 1, 1)
    middle = [(names.index(name) + 0.5) / len(names) for name in names]
    at = dict(zip(names, middle))
    random = torch.tensor([
        [at["identity"], 0.1, at["identity"], 0.9],
        [at["solarize"], 0.1, at["identity"], 0.9],
        [at["brightness"], 0.9, at["posterize"], 0.1],
    ])  # fmt: skip
    found = rand_augmented(pictures, random, 2, 15)
    assert torch.equal(found[0], pictures[0])
    own = pictures[0].movedim(-1, 1)
    assert torch.equal(found[1].movedim(-1, 1), OPERATIONS["solarize"](own, 0.5, 1))
    dark = OPERATIONS["posterize"](OPERATIONS["brightness"](own, 0.5, -1), 0.5, 1)
    assert torch.equal(found[2].movedim(-1, 1), dark)
    assert torch.equal(rand_augmented(pictures, random, 1, 15)[0], pictures[0])
