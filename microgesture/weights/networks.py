"""From a configuration's words to a network: the model's name is its file's name."""

import importlib
import importlib.util
from pathlib import Path
from types import ModuleType

from torch import nn

import microgesture.models
from microgesture.datasets.streams import in_channels
from microgesture.layers.dilated_convolutions import guard_dilated_convolutions
from microgesture.layers.short_clips import guard_short_clips
from microgesture.pose.layouts import Layout
from microgesture.provenance.errors import BadInput

# Names that the last linear layer of a branch, features -> logits, may have.
CLASSIFIERS = ("classifier", "fc", "rgb_classifier", "pose_classifier")


def list_models() -> list[str]:
    """Names of the files in microgesture/models/ that build a network."""
    folder = Path(microgesture.models.__path__[0])
    return sorted(
        file.stem for file in folder.glob("*.py") if "\ndef build(" in file.read_text("utf-8")
    )


def model_module(name: str) -> ModuleType:
    """The module of a model. BadInput lists the models there are."""
    module = f"microgesture.models.{name}"
    if not str(name).isidentifier() or importlib.util.find_spec(module) is None:
        raise BadInput(f"model {name!r} is unknown; choose one of {', '.join(list_models())}")
    module = importlib.import_module(module)
    if not hasattr(module, "build"):
        raise BadInput(f"model {name!r} is no network; choose one of {', '.join(list_models())}")
    return module


def build_network(
    name: str,
    stream: str,
    num_classes: int,
    layout: Layout,
    *,
    dims: int = 2,
    persons: int = 1,
    dropout: float = 0.5,
    options: dict | None = None,
    limbs: str = "bones",
) -> nn.Module:
    """The network `name` for one stream.

    dims: coordinates of a joint. options: arguments of the model's build(). limbs: the lines of
    limb_heatmap. Raises BadInput for an unknown model, a stream it does not take and an option it
    does not have.
    """
    module = model_module(name)
    if stream not in module.STREAMS:
        takes = ", ".join(module.STREAMS) or "no single stream"
        raise BadInput(f"model {name} does not take the stream {stream}; it takes {takes}")
    return call_build(
        module,
        num_classes,
        in_channels=in_channels(stream, layout, dims, limbs),
        layout=layout,
        num_persons=persons,
        dropout=dropout,
        **(options or {}),
    )


def build_as_trained(facts: dict, layout: Layout, settings: dict) -> nn.Module:
    """The network of one stream that a checkpoint's metadata describe, its weights not yet loaded.

    layout: the one that `facts` names; settings: the training's, with what a prediction sets.
    """
    return build_network(
        facts["model"],
        facts["stream"],
        facts["num_classes"],
        layout,
        dims=facts["coordinates"],
        persons=settings["persons"],
        options=facts["options"],
        limbs=settings["limbs"],
    )


def call_build(module: ModuleType, num_classes: int, **arguments) -> nn.Module:
    """module.build(...); an argument that it does not know becomes a BadInput."""
    try:
        network = guard_short_clips(module.build(num_classes, **arguments))
        return guard_dilated_convolutions(network)
    except TypeError as error:
        if "argument" not in str(error):
            raise
        name = module.__name__.rpartition(".")[2]
        raise BadInput(
            f"model_options: {error}; the arguments stand in microgesture/models/{name}.py"
        ) from error


def classifier_names(network: nn.Module) -> list[str]:
    """Names of a network's classifiers, one per branch."""
    return [name for name in CLASSIFIERS if hasattr(network, name)]
