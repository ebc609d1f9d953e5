"""What a network's file says of itself, read without importing it (and torch): its streams, and the
options that its build() takes."""

import ast
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "models"
SKELETON_STREAMS = ("joint", "bone", "joint_motion", "bone_motion", "joint_bone_motion")
# What the workflow itself hands to build(): no options of a configuration.
GIVEN = {"num_classes", "in_channels", "rgb_in_channels", "layout", "num_persons", "dropout"}
# The networks whose weights a branch of the two-branch network can take.
PARENT_MODELS = {"rgb": "resnet3d", "pose": "poseconv3d"}


@cache
def _file(model: str, folder: Path) -> ast.Module | None:
    path = folder / f"{model}.py"
    return ast.parse(path.read_text(encoding="utf-8")) if path.is_file() else None


def streams_of(model: str, name: str = "STREAMS", folder: Path = FOLDER) -> tuple[str, ...] | None:
    """The streams that a model takes (name: RGB_STREAMS or POSE_STREAMS for one branch of a
    two-branch network); None where there is no such model or its file does not say."""
    module = _file(model, folder)
    for node in module.body if module else []:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            if isinstance(node.value, ast.Name):
                return SKELETON_STREAMS if node.value.id == "SKELETON_STREAMS" else None
            try:
                return tuple(ast.literal_eval(node.value))
            except ValueError:
                return None
    return None


def options_of(model: str, folder: Path = FOLDER) -> set[str] | None:
    """The names that `model_options` may hold; None where any may, or nobody can tell."""
    module = _file(model, folder)
    for node in module.body if module else []:
        if isinstance(node, ast.FunctionDef) and node.name == "build":
            if node.args.kwarg is not None:
                return None
            names = {argument.arg for argument in node.args.args + node.args.kwonlyargs}
            return names - GIVEN
    return None
