"""Fit foreign weights to a network: 2D to 3D kernels, other inputs, other classes; then load them.

Everything here takes and returns plain dictionaries (name -> tensor) and reports what does not fit
before anything is loaded.
"""

import re
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from microgesture.provenance.errors import BadInput

SHOWN = 5  # differing layers listed in a message

# torchvision's 2D ResNet -> `ResNet3dPathway` inside a recogniser
RESNET_2D_NAMES = (
    (r"^conv1\.", "backbone.stem.conv."),
    (r"^bn1\.", "backbone.stem.norm."),
    (r"^layer(\d)\.", r"backbone.stage\1."),
    (r"\.conv(\d)\.", r".conv\1.conv."),
    (r"\.bn(\d)\.", r".conv\1.norm."),
    (r"\.downsample\.0\.", ".shortcut.conv."),
    (r"\.downsample\.1\.", ".shortcut.norm."),
    (r"^fc\.", "classifier."),
)


def inflate_kernel(weight: Tensor, frames: int) -> Tensor:
    """A 2D kernel (out, in, h, w) as a 3D one (out, in, frames, h, w).

    Each frame gets 1 / frames of it, so a clip that stands still gives the 2D network's answer
    (Carreira and Zisserman, Quo Vadis, Action Recognition?, CVPR 2017).
    """
    return weight.unsqueeze(2).repeat(1, 1, frames, 1, 1) / frames


def inflate_resnet(state: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A 2D ResNet's state (torchvision's names) for `resnet3d` or `poseconv3d`.

    own: the network's own `state_dict()`, which tells the kernels' lengths in time. Tensors that
    are not 2D kernels pass through unchanged.
    """
    inflated: dict[str, Tensor] = {}
    for name, value in state.items():
        for pattern, replacement in RESNET_2D_NAMES:
            name = re.sub(pattern, replacement, name)
        if value.dim() == 4 and name in own and own[name].dim() == 5:
            value = inflate_kernel(value, own[name].shape[2])
        inflated[name] = value
    return inflated


def adapt_input_channels(
    weight: Tensor, channels: int, sources: Sequence[int] | None = None
) -> Tensor:
    """A first layer's weight (out, in, ...) for another number of input channels (keypoints).

    sources: for each new channel the old channel it is copied from, or -1 for a channel that the
    old network does not know, which gets the mean over the old ones. None: every channel gets the
    mean. The result is scaled by old / new number of channels, so that the layer's output keeps its
    size when all channels are filled alike. Raises BadInput for sources of the wrong length or
    range.
    """
    old = weight.shape[1]
    sources = [-1] * channels if sources is None else list(sources)
    if len(sources) != channels or any(not -1 <= source < old for source in sources):
        raise BadInput(
            f"sources: {sources} should name, for each of the {channels} new channels, one of the "
            f"{old} old ones (0 to {old - 1}) or -1"
        )
    candidates = torch.cat((weight, weight.mean(dim=1, keepdim=True)), dim=1)
    chosen = [source if source >= 0 else old for source in sources]
    return candidates[:, chosen] * (old / channels)


def adapt_weights(
    state: Mapping[str, Tensor],
    own: Mapping[str, Tensor],
    *,
    first_layers: Sequence[str] = (),
    heads: Sequence[str] = (),
    sources: Mapping[str, Sequence[int]] | None = None,
    described: str = "",
) -> tuple[dict[str, Tensor], list[str]]:
    """Fit first layers and heads of `state` to the network whose state is `own`.

    first_layers: names of weights that may have another number of input channels. heads: modules
    that keep the network's own weights when the file has another number of classes or no such
    layer. sources: for a first layer, by name, the old channel of each new one (see
    `adapt_input_channels`); described: the same in words. Returns the new state and what was
    changed, in words for a log.
    """
    fitted, changes = dict(state), []
    for name in first_layers:
        order = (sources or {}).get(name)  # equal numbers may still be other keypoints
        if name in fitted and (order is not None or fitted[name].shape[1] != own[name].shape[1]):
            old, new = fitted[name].shape[1], own[name].shape[1]
            fitted[name] = adapt_input_channels(fitted[name], new, order)
            told = f": {described}" if described else ""
            changes.append(f"{name}: {old} -> {new} input channels{told}")
    for head in heads:
        names = [name for name in own if name.startswith(f"{head}.")]
        if any(name not in fitted or fitted[name].shape != own[name].shape for name in names):
            for name in names:
                fitted[name] = own[name]
            changes.append(f"{head}: new, {own[names[0]].shape[0]} classes")
    return fitted, changes


def differing_layers(state: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> list[str]:
    """What keeps `state` from being loaded, one line per layer, in the network's order."""
    problems = []
    for name, value in own.items():
        if name not in state:
            # Counters of batch normalisation came late; the constant tables are never learnt.
            if not name.endswith(("num_batches_tracked", "relative_position_index")):
                problems.append(f"{name}: {tuple(value.shape)} here, missing in the file")
        elif state[name].shape != value.shape:
            problems.append(
                f"{name}: {tuple(value.shape)} here, {tuple(state[name].shape)} in the file"
            )
    problems += [f"{name}: in the file only" for name in state if name not in own]
    return problems


def load_weights(network: nn.Module, state: Mapping[str, Tensor], origin: str) -> None:
    """Load `state` whole into `network`, or raise BadInput and load nothing.

    origin: the file's name, for the message, which lists the first differing layers.
    """
    own = network.state_dict()
    problems = differing_layers(state, own)
    if problems:
        more = f" and {len(problems) - SHOWN} more" if len(problems) > SHOWN else ""
        raise BadInput(
            f"{origin}: {len(problems)} of {len(own)} layers differ from the network: "
            f"{'; '.join(problems[:SHOWN])}{more}. Choose the model and options (width, blocks, "
            "layout, persons) that the file was made with, or allow the first layer and head to be "
            "adapted"
        )
    network.load_state_dict(dict(state), strict=False)
