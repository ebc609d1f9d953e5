"""The optimiser of a network: SGD with Nesterov's momentum, or AdamW.

Which parameters learn at which multiple of the rate, and which are not decayed, is decided here by
their names and shapes. With the default settings there is one group with all of them.
"""

from torch import nn, optim

from microgesture.provenance.errors import BadInput
from microgesture.weights.networks import CLASSIFIERS

# Parts of a Recogniser that are no backbone: its classifiers and the layers of its losses.
HEADS = (*CLASSIFIERS, "auxiliary_classifier", "semantic", "prototype")
_BIAS_TABLE = "bias_table"  # of Swin's windows: biases that stand in a table of two dimensions


def make_optimiser(model: nn.Module, settings: dict) -> optim.Optimizer:
    """An optimiser with rate 0 (the loop sets it at every step).

    Without `decay_norm_and_bias`, parameters of one dimension (biases, normalisation layers) and
    tables of biases have no weight decay; nor have those with one of `no_decay` in their names.
    `rate_multipliers`: times the rate, for the classifiers and the losses' layers (head) and for
    all else (backbone). Raises BadInput for a word in `no_decay` that no parameter's name has.
    """
    named = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    check_no_decay(settings["no_decay"], [name for name, _ in model.named_parameters()])
    groups: dict[tuple[float, float], list] = {}
    for name, parameter in named:
        decay = 0.0 if is_spared(name, parameter, settings) else settings["weight_decay"]
        part = "head" if is_head(name) else "backbone"
        groups.setdefault((settings["rate_multipliers"][part], decay), []).append(parameter)
    # The decayed parameters stand before those that are spared, as in states of earlier versions.
    parameters = [
        {"params": members, "weight_decay": decay, "rate_multiplier": multiplier}
        for (multiplier, decay), members in sorted(
            groups.items(), key=lambda group: (-group[0][0], -group[0][1])
        )
    ]
    momentum = settings["momentum"]
    if settings["optimizer"] == "adamw":
        return optim.AdamW(parameters, lr=0.0, betas=(momentum, 0.999))
    return optim.SGD(parameters, lr=0.0, momentum=momentum, nesterov=momentum > 0)


def is_spared(name: str, parameter: nn.Parameter, settings: dict) -> bool:
    """The parameter has no weight decay."""
    if any(word in name for word in settings["no_decay"]):
        return True
    bias_or_norm = parameter.ndim <= 1 or name.endswith(_BIAS_TABLE)
    return bias_or_norm and not settings["decay_norm_and_bias"]


def is_head(name: str) -> bool:
    """The parameter belongs to a classifier or to a layer of a loss."""
    own = name.removeprefix("recogniser.").removeprefix("network.")
    return own.partition(".")[0] in HEADS


def check_no_decay(words: list, names: list[str]) -> None:
    """BadInput for a word that is in no parameter's name."""
    for word in words:
        if not isinstance(word, str) or not word:
            raise BadInput(f"settings: no_decay: {word!r} is no part of a name; write [norm], say")
        if not any(word in name for name in names):
            raise BadInput(
                f"settings: no_decay: no parameter of this network has {word!r} in its name; some "
                f"names are {', '.join(names[:: max(1, len(names) // 5)][:5])}"
            )


def set_learning_rate(optimiser: optim.Optimizer, rate: float) -> None:
    """The rate, times its multiplier, for every group."""
    for group in optimiser.param_groups:
        group["lr"] = rate * group.get("rate_multiplier", 1.0)
