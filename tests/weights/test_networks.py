import pytest
import torch

from microgesture.pose.layouts import get_layout
from microgesture.provenance.errors import BadInput
from microgesture.weights.networks import build_network, list_models

LAYOUT = get_layout("coco17")
SMALL = {"base_channels": 16, "num_stages": 2}


def test_model_is_a_file_name():
    assert {"st_gcn_pp", "poseconv3d", "rgbpose_fusion"} <= set(list_models())
    network = build_network("st_gcn_pp", "bone", 4, LAYOUT, options=SMALL)
    assert network(torch.zeros(2, 3, 8, 17, 1)).shape == (2, 4)


@pytest.mark.parametrize(
    ("model", "stream", "options", "message"),
    [
        ("st_gcn_p", "joint", {}, "'st_gcn_p' is unknown; choose one of .*st_gcn_pp"),
        ("st_gcn_pp", "rgb", {}, "does not take the stream rgb; it takes joint, bone"),
        ("rgbpose_fusion", "rgb", {}, "it takes no single stream"),
        ("st_gcn_pp", "joint", {"widht": 3}, "model_options: .*widht"),
        ("../x", "joint", {}, "is unknown"),
    ],
)
def test_what_does_not_fit_is_told(model, stream, options, message):
    with pytest.raises(BadInput, match=message):
        build_network(model, stream, 4, LAYOUT, options=options)
