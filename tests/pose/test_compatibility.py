"""The stand-ins are there where something is missing, and only there."""

import subprocess
import sys
import textwrap

import pytest


def run(code):
    result = subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning:pkg_resources", "-c",
         textwrap.dedent(code)],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return result.stdout.strip(), result.stderr


def test_mmcv_operators_are_named_but_refuse_to_work_except_nms():
    from microgesture.pose.compatibility import gaps_filled

    if not gaps_filled["mmcv operators"]:
        pytest.skip("mmcv is compiled here")
    import torch
    from mmcv.ops import RoIAlign, nms

    boxes = torch.tensor([[0, 0, 10, 10.0], [1, 1, 10, 10], [20, 20, 30, 30]])
    kept, order = nms(boxes, torch.tensor([0.5, 0.9, 0.1]), 0.5)
    assert order.tolist() == [1, 2] and kept[:, 4].tolist() == pytest.approx([0.9, 0.1])
    with pytest.raises(NotImplementedError, match="compiled mmcv"):
        RoIAlign(2, 1.0)(torch.zeros(1, 1, 4, 4), torch.zeros(1, 5))


def test_a_real_xtcocotools_and_a_real_mmcv_are_left_alone():
    out, _ = run(
        """
        import sys, types
        from importlib.machinery import ModuleSpec
        for name in ("xtcocotools", "mmcv", "mmcv._ext"):
            module = types.ModuleType(name)
            module.__spec__, module.__path__ = ModuleSpec(name, None), []
            sys.modules[name] = module
        real = sys.modules["mmcv._ext"], sys.modules["xtcocotools"]
        from microgesture.pose.compatibility import gaps_filled
        assert (sys.modules["mmcv._ext"], sys.modules["xtcocotools"]) == real
        print(gaps_filled["mmcv operators"], gaps_filled["xtcocotools"])
        """
    )
    assert out == "False False"


def test_mmpose_imports_without_a_warning():
    out, errors = run(
        """
        import microgesture.pose.compatibility
        import mmpose.models, mmpose.datasets, xtcocotools.coco
        print(xtcocotools.coco.__name__)
        """
    )
    assert out in ("pycocotools.coco", "xtcocotools.coco")
    assert "pkg_resources" not in errors
