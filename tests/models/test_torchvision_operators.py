"""torchvision can be imported and its networks built; nms against a plain count."""

import subprocess
import sys

import torch

from microgesture.models.torchvision_operators import (
    declare_torchvision_operators,
    non_maximum_suppression,
)


def slow_suppression(boxes, scores, threshold):
    """The definition: the best box left is kept, all that overlap it too much go."""
    left = sorted(range(len(boxes)), key=lambda number: -scores[number])
    kept = []
    while left:
        best = left.pop(0)
        kept.append(best)
        for other in list(left):
            x0, y0 = (max(boxes[best][i], boxes[other][i]) for i in (0, 1))
            x1, y1 = (min(boxes[best][i], boxes[other][i]) for i in (2, 3))
            shared = max(0, x1 - x0) * max(0, y1 - y0)
            sizes = [(b[2] - b[0]) * (b[3] - b[1]) for b in (boxes[best], boxes[other])]
            if shared / (sum(sizes) - shared) > threshold:
                left.remove(other)
    return kept


def test_suppression_is_the_definition():
    generator = torch.Generator().manual_seed(0)
    for _ in range(20):
        corners = torch.rand(30, 2, generator=generator) * 50
        boxes = torch.cat([corners, corners + 5 + 30 * torch.rand(30, 2, generator=generator)], 1)
        scores = torch.rand(30, generator=generator)
        expected = slow_suppression(boxes.tolist(), scores.tolist(), 0.4)
        assert non_maximum_suppression(boxes, scores, 0.4).tolist() == expected


def test_no_boxes():
    assert non_maximum_suppression(torch.zeros(0, 4), torch.zeros(0), 0.5).tolist() == []


def test_torchvision_works_and_declaring_again_changes_nothing():
    import torchvision

    first = declare_torchvision_operators()
    assert first in ("native", "declared") and declare_torchvision_operators() == first
    boxes = torch.tensor([[0, 0, 10, 10.0], [1, 1, 10, 10], [20, 20, 30, 30]])
    kept = torchvision.ops.nms(boxes, torch.tensor([0.5, 0.9, 0.1]), 0.5)
    assert kept.tolist() == [1, 2]
    assert torchvision.models.video.r3d_18() is not None


def test_the_compiler_is_imported_when_it_is_asked_and_not_before():
    program = """
import sys
import torch
import microgesture.models.torchvision_operators
import torchvision.ops
assert not [name for name in sys.modules if name.startswith("torch._dynamo")]
from torchvision.ops import roi_align
asked = sys.modules[roi_align.__module__].is_compile_supported("cpu")
import torch._dynamo.utils
assert asked == torch._dynamo.utils.is_compile_supported("cpu")
assert torch.compile(lambda x: x + 1, backend="eager")(torch.ones(1)) == 2
"""
    subprocess.run([sys.executable, "-c", program], check=True)
