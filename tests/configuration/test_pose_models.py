"""Models of mmpose's own index, by name."""

from pathlib import Path

import pytest

from microgesture.configuration.pose_models import (
    find_detector,
    find_model,
    read_detectors,
    read_index,
)
from microgesture.pose.estimation import read_config
from microgesture.provenance.errors import BadInput


def test_a_whole_body_model_has_its_config_and_weights():
    model = find_model("rtmw-l_8xb320-270e_cocktail14-384x288")
    assert model.url.endswith("/rtmw-dw-x-l_simcc-cocktail14_270e-384x288-20231122.pth")
    assert model.digits == ""
    assert read_config(model.config).model.head.out_channels == 133
    assert model.checkpoint == "resources/weights/pose/" + Path(model.url).name


def test_the_digits_of_a_hash_are_read_from_the_name():
    model = find_model("rtmpose-m_8xb64-270e_coco-wholebody-256x192")
    assert f"-{model.digits}_2023" in model.url and len(model.digits) == 8


def test_only_top_down_models_of_people_are_offered():
    index = read_index()
    assert len(index) > 200
    assert not any("hand_2d" in model.config or "dekr" in model.config for model in index.values())


def test_a_beginning_will_do_where_it_is_the_only_one():
    assert find_model("rtmw-m").name == "rtmw-m_8xb1024-270e_cocktail14-256x192"
    with pytest.raises(BadInput, match="fits several models; write one of rtmw-l_8xb1024-270e"):
        find_model("rtmw-l")


def test_an_unknown_name_meets_the_nearest():
    with pytest.raises(BadInput, match=r"'rtmw-k_8xb' is no body or whole-body model.*rtmw-"):
        find_model("rtmw-k_8xb")


def test_a_missing_index_is_told(tmp_path):
    with pytest.raises(BadInput, match="not installed"):
        read_index(tmp_path)


def test_detectors_are_mmdets_rtmdet():
    model = find_detector("rtmdet_tiny")
    assert model.config == "mmdet::rtmdet/rtmdet_tiny_8xb32-300e_coco.py"
    assert "rtmdet_tiny" in model.url and len(model.digits) == 8
    assert len(read_detectors()) == 5
    with pytest.raises(BadInput, match=r"detector 'yolo' is no RTMDet of mmdet; write one of rtmd"):
        find_detector("yolo")
