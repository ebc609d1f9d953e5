"""Lets mmpose be imported without its compiled companions. Import this before mmpose.

mmpose imports `mmcv.ops` (through mmdet), which wants the compiled `mmcv._ext`; mmcv-lite has none
and top-down pose models need none of its operators. mmpose also imports `xtcocotools`, whose wheel
is built for numpy 1; `pycocotools` is the original that it was forked from, with the same modules
and classes. Each gap is filled only where it is one: with a compiled mmcv or with xtcocotools this
module does nothing. `gaps_filled` tells what was done, for the log.
"""

import importlib
import importlib.util
import sys
import warnings
from importlib.machinery import ModuleSpec
from types import ModuleType

from microgesture.models.torchvision_operators import declare_torchvision_operators

# mmengine imports pkg_resources, whose notice of its own retirement concerns no user of ours.
warnings.filterwarnings("ignore", message="pkg_resources is deprecated")
warnings.filterwarnings("ignore", category=UserWarning, module="mmengine.utils.package_utils")
# mmdet uses torch's former name of autocast.
warnings.filterwarnings("ignore", category=FutureWarning, module="mmdet")


class OperatorsNotCompiled(ModuleType):
    """Stands for `mmcv._ext`: has every operator by name; all but `nms` raise when called."""

    def __getattr__(self, name: str):
        if name.startswith("__"):
            raise AttributeError(name)

        def operator(*_arguments, **_options):
            raise NotImplementedError(
                f"this model calls the operator {name!r} of mmcv, which needs a compiled mmcv: "
                "install mmcv in place of mmcv-lite, or choose a model without it"
            )

        return operator

    @staticmethod
    def nms(boxes, scores, iou_threshold, offset=0):
        from torchvision.ops import nms

        if offset:
            boxes = boxes + boxes.new_tensor([0, 0, offset, offset])
        return nms(boxes, scores, float(iou_threshold))


def stand_in_for_mmcv_operators() -> bool:
    """Provide `mmcv._ext` where mmcv is not compiled. Returns whether that was so."""
    if importlib.util.find_spec("mmcv") is None or importlib.util.find_spec("mmcv._ext"):
        return isinstance(sys.modules.get("mmcv._ext"), OperatorsNotCompiled)
    module = OperatorsNotCompiled("mmcv._ext")
    # mmcv takes a module specification without a loader for "not compiled".
    module.__spec__ = ModuleSpec("mmcv._ext", loader=None)
    sys.modules["mmcv._ext"] = module
    return True


def lend_name_to_pycocotools() -> bool:
    """Let pycocotools be imported as xtcocotools where that is absent. Returns whether it is."""
    if "xtcocotools" in sys.modules:
        return sys.modules["xtcocotools"] is sys.modules.get("pycocotools")
    if importlib.util.find_spec("xtcocotools") or not importlib.util.find_spec("pycocotools"):
        return False
    for name in ("", ".coco", ".cocoeval", ".mask"):
        sys.modules[f"xtcocotools{name}"] = importlib.import_module(f"pycocotools{name}")
    return True


gaps_filled = {
    "torchvision operators": declare_torchvision_operators() == "declared",
    "mmcv operators": stand_in_for_mmcv_operators(),
    "xtcocotools": lend_name_to_pycocotools(),
}
