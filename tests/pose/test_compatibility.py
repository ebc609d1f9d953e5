"""The stand-ins are there where something is missing, and only there."""

import sys
from importlib.machinery import ModuleSpec
from types import ModuleType

import pytest

from microgesture.pose.compatibility import (
    OperatorsNotCompiled,
    gaps_filled,
    lend_name_to_pycocotools,
    stand_in_for_mmcv_operators,
)


def test_mmcv_operators_are_named_but_refuse_to_work_except_nms():
    if not gaps_filled["mmcv operators"]:
        pytest.skip("mmcv is compiled here")
    import torch
    from mmcv.ops import RoIAlign, nms

    boxes = torch.tensor([[0, 0, 10, 10.0], [1, 1, 10, 10], [20, 20, 30, 30]])
    kept, order = nms(boxes, torch.tensor([0.5, 0.9, 0.1]), 0.5)
    assert order.tolist() == [1, 2] and kept[:, 4].tolist() == pytest.approx([0.9, 0.1])
    with pytest.raises(NotImplementedError, match="compiled mmcv"):
        RoIAlign(2, 1.0)(torch.zeros(1, 1, 4, 4), torch.zeros(1, 5))


def test_compiled_operators_are_left_alone(monkeypatch):
    real = ModuleType("mmcv._ext")
    real.__spec__ = ModuleSpec("mmcv._ext", None)
    monkeypatch.setitem(sys.modules, "mmcv._ext", real)
    assert stand_in_for_mmcv_operators() is False
    assert sys.modules["mmcv._ext"] is real


def test_missing_operators_get_a_stand_in(monkeypatch):
    if not gaps_filled["mmcv operators"]:
        pytest.skip("mmcv is compiled here")
    monkeypatch.delitem(sys.modules, "mmcv._ext")
    assert stand_in_for_mmcv_operators() is True
    assert isinstance(sys.modules["mmcv._ext"], OperatorsNotCompiled)


def test_a_real_xtcocotools_is_left_alone(monkeypatch):
    real = ModuleType("xtcocotools")
    monkeypatch.setitem(sys.modules, "xtcocotools", real)
    assert lend_name_to_pycocotools() is False
    assert sys.modules["xtcocotools"] is real


def test_mmposes_data_sets_find_a_coco():
    import mmpose.datasets  # noqa: F401
    from pycocotools.coco import COCO
    from xtcocotools.coco import COCO as lent

    assert lent is COCO or not gaps_filled["xtcocotools"]
