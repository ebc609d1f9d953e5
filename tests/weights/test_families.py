"""Published networks that are not here are told by their names."""

import pytest
import torch

from microgesture.provenance.errors import BadInput
from tests.weights.published_files import take


@pytest.mark.parametrize(
    ("model", "name", "told"),
    [
        ("poseconv3d", "backbone.conv1a.conv.weight", "is C3D"),
        ("poseconv3d", "module.backbone.conv1_s.conv.weight", "is X3D"),
        ("resnet3d", "backbone.slow_path.conv1.conv.weight", "is SlowFast"),
        ("st_gcn", "backbone.sgcn1.0.PA", "is MS-G3D"),
        ("aagcn", "backbone.gcn.0.gcn.PA", "has no attention"),
        ("r2plus1d", "backbone.layer1.0.conv1.conv.conv_t.weight", "is R\\(2\\+1\\)D-34"),
    ],
)
def test_networks_that_are_not_here_are_known_by_name(tmp_path, model, name, told):
    torch.save({"state_dict": {name: torch.zeros(3)}}, tmp_path / "a.pth")
    stream = {"poseconv3d": "joint_heatmap", "resnet3d": "rgb", "r2plus1d": "rgb"}
    with pytest.raises(BadInput, match=f"a.pth: {told}.*take "):
        take(tmp_path, model=model, stream=stream.get(model, "joint"))
