"""Every number of training and prediction: its default, its meaning, what values it may have.

Settings are a plain nested dictionary, as they stand in config.yaml. What is left out has the
default below. `describe_settings` gives the list that config.yaml and its schema are made from.
"""

import copy
import difflib
from typing import Any

from microgesture.configuration.setting import MANY, Setting
from microgesture.configuration.settings_of_augmentation import AUGMENTATION
from microgesture.configuration.settings_of_pretraining import PRETRAIN
from microgesture.provenance.errors import BadInput

STREAMS = (
    "joint",
    "bone",
    "joint_motion",
    "bone_motion",
    "joint_bone_motion",
    "joint_heatmap",
    "limb_heatmap",
    "rgb",
)
SETTINGS: dict[str, Any] = {
    "stream": Setting("joint", "what the network sees", STREAMS),
    "model": Setting("st_gcn_pp", "file in microgesture/models/ that builds the network"),
    "model_options": Setting({}, "arguments of that file's build(): widths, depths"),
    "initial_weights": Setting(
        "",
        "checkpoint that round 0 starts from (.safetensors): another run's, or one that "
        "import_weights took over",
    ),
    "dropout": Setting(0.5, "share of features dropped before the classifier", (0, 1)),
    "persons": Setting(1, "people per clip; more are cut, fewer filled with missing ones", (1, 9)),
    "frames": Setting(32, "frames a skeleton or heatmap sample holds", (1, MANY)),
    "rgb_frames": Setting(8, "frames an RGB sample holds", (1, MANY)),
    "size": Setting(56, "height and width of a heatmap in its pixels", (4, MANY)),
    "rgb_size": Setting(64, "height and width of the pictures the network sees", (8, MANY)),
    "remove_static": Setting(
        False, "subtract a clip's mean picture: what stands still vanishes (RGB)"
    ),
    "sigma": Setting(0.6, "standard deviation of a heatmap's blob in its pixels", (0.05, 100)),
    "limbs": Setting(
        "bones",
        "lines of limb_heatmap: the layout's bones, or the 17 pairs of COCO's joints that PYSKL's "
        "and MMAction2's limb checkpoints are made for",
        ("bones", "pyskl17"),
    ),
    "sampling": Setting(
        "uniform",
        "training frames: one per equal segment, or per segment of equal motion energy",
        ("uniform", "motion"),
    ),
    "short_clips": Setting(
        "loop",
        "a clip shorter than a sample is played in a loop, its frames are repeated in order, or "
        "(skeletons) points between them are interpolated; not for sampling: motion",
        ("loop", "repeat", "interpolate"),
    ),
    "skip_empty": Setting(
        False, "sample only frames with a person: the tracker's empty ones are left out"
    ),
    "facing": Setting(
        False, "3D skeletons: turn a clip about the vertical axis until the shoulders lie along x"
    ),
    "cache_megabytes": Setting(
        2048,
        "RGB crops kept in memory at most; others are read at every use",
        (0, MANY),
        "execution",
    ),
    "pretrain": PRETRAIN,
    "epochs": Setting(30, "passes over the training clips", (1, MANY)),
    "steps": Setting(
        0,
        "steps of the optimiser in all: epochs follow from the number of clips, and what is "
        "counted in epochs (warm-up, milestones, validation) keeps its place; 0: `epochs` counts",
        (0, MANY),
    ),
    "repeats": Setting(1, "times every clip is drawn in an epoch", (1, MANY)),
    "batch_size": Setting(16, "clips per step, over all processes together", (1, MANY)),
    "micro_batch": Setting(
        0,
        "most clips that a process takes at once: a larger share of a step is taken in several "
        "passes whose gradients add up; 0: all at once",
        (0, MANY),
    ),
    "last_batch": Setting(
        "short",
        "the last batch of an epoch where clips are left over: short: its mean counts as that of "
        "any other; weighted: each of its clips counts as any other; dropped: left out",
        ("short", "weighted", "dropped"),
    ),
    "optimizer": Setting("sgd", "sgd (momentum, nesterov) or adamw", ("sgd", "adamw")),
    "learning_rate": Setting(0.05, "peak learning rate", (0, 1000)),
    "base_batch": Setting(
        0, "when not 0: the rate is multiplied by batch_size / base_batch", (0, MANY)
    ),
    "momentum": Setting(0.9, "momentum of sgd, first beta of adamw", (0, 1)),
    "rate_multipliers": {
        "backbone": Setting(1.0, "times the learning rate for all but the classifiers", (0, 1000)),
        "head": Setting(
            1.0, "times the rate for the classifiers and the losses' own layers", (0, 1000)
        ),
    },
    "weight_decay": Setting(0.0005, "weight decay", (0, 1000)),
    "decay_norm_and_bias": Setting(
        True, "weight decay also on normalisation layers, biases and tables of biases"
    ),
    "no_decay": Setting(
        [], "no weight decay on parameters with one of these in their names, [norm] for example"
    ),
    "schedule": Setting(
        "cosine", "how the rate falls after the warm-up", ("cosine", "step", "constant")
    ),
    "milestones": Setting([], "step schedule: epochs at which the rate falls to a tenth"),
    "warmup_epochs": Setting(0.0, "epochs in which the rate rises linearly from 0", (0, MANY)),
    "gradient_clip": Setting(40.0, "largest norm of the gradient; 0: no limit", (0, MANY)),
    "weight_averaging": Setting(
        0.0,
        "decay of a moving average of the weights (EMA), .999 for example, which is validated and "
        "written in place of the last ones; 0: none",
        (0, 0.999999),
    ),
    "batch_norm": Setting(
        "process",
        "statistics of batch normalisation in training: of the clips that a process takes at once; "
        "synchronised: of those of all processes; frozen: those of the first weights",
        ("process", "synchronised", "frozen"),
    ),
    "class_weights": Setting(
        "sqrt",
        "weight of a class in the loss by its number of labelled clips",
        ("none", "sqrt", "inverse", "effective_number"),
    ),
    "balanced_sampling": Setting(False, "draw every class equally often"),
    "label_smoothing": Setting(0.0, "share of a label spread over all classes", (0, 1)),
    "logit_adjustment": Setting(
        0.0, "times the log of the class frequency added to the logits in training", (0, 10)
    ),
    "auxiliary_weight": Setting(
        0.5,
        "weight of the auxiliary classifier's loss beside the cross-entropy, in networks that have "
        "one (hypergraph_transformer)",
        (0, 1000),
    ),
    "semantic_loss": {
        "form": Setting(
            "none",
            "orthogonal semantic embedding: softmax over cosines, plain cosine, or squared error",
            ("none", "softmax", "cosine", "squared_error"),
        ),
        "weight": Setting(0.5, "its weight beside the cross-entropy", (0, 1000)),
        "temperature": Setting(0.1, "its temperature (form softmax)", (0.001, 100)),
        "vectors": Setting(
            "gaussian", "class vectors: seeded Gaussian ones, or a .npz of name -> vector"
        ),
        "dimension": Setting(
            300, "length of the Gaussian class vectors, at least the classes", (1, MANY)
        ),
    },
    "prototype_loss": {
        "weight": Setting(0.0, "weight of the prototype loss beside the cross-entropy", (0, 1000)),
        "momentum": Setting(0.9, "share of a prototype kept at a step", (0, 1)),
        "temperature": Setting(0.125, "temperature of the cosines", (0.001, 100)),
        "dimension": Setting(256, "length of the embedding", (1, MANY)),
        "anchors": Setting(
            "true_positive",
            "which samples it acts on: the rightly predicted, or all",
            ("true_positive", "all"),
        ),
    },
    "augmentation": AUGMENTATION,
    "classifier_retraining": {
        "epochs": Setting(
            0,
            "epochs added in which a new classifier learns on fixed features; 0: none",
            (0, MANY),
        ),
        "learning_rate": Setting(
            0.0,
            "its peak learning rate, which falls as a cosine; 0: that of the training",
            (0, 1000),
        ),
        "balanced": Setting(
            True, "draw every class equally often, with equal class weights, in these epochs"
        ),
    },
    "snapshots": {
        "count": Setting(
            1, "moments of the training whose weights predict together, logits averaged", (1, 50)
        ),
        "cyclic": Setting(
            False,
            "the cosine begins anew after each (snapshot ensembles); false: the last epochs",
        ),
    },
    "precision": Setting(
        "auto",
        "auto: bf16 where the GPU or processor has it, else float32; bf16: the same, and a warning "
        "where it falls back",
        ("auto", "bf16", "float32"),
    ),
    "compile_network": Setting(
        False,
        "torch.compile of the network in training: minutes at the first step, other last digits "
        "and other dropout, the same names of weights",
    ),
    "recompute_activations": Setting(
        False,
        "keep the inputs of a network's blocks alone and compute the rest anew in the backward "
        "pass: a fraction of the memory, a third more time, the same weights",
        None,
        "execution",
    ),
    "checkpoint": Setting(
        "last", "weights kept: the last epoch's, or the best on validation", ("last", "best")
    ),
    "validate_every": Setting(1, "epochs between two looks at the validation clips", (1, MANY)),
    "test_clips": Setting(
        1, "samples per clip whose logits are averaged in prediction", (1, 100), "prediction"
    ),
    "test_flip": Setting(False, "average the logits of the mirror image too", None, "prediction"),
    "pseudo_weight": Setting(
        0.5, "loss weight of a pseudo-labelled clip", (0, 100), "later_rounds"
    ),
    "state_every": {
        "seconds": Setting(
            600.0,
            "seconds between two saves of what an interrupted training goes on from; 0: none "
            "within an epoch",
            (0, MANY),
            "execution",
        ),
        "steps": Setting(
            0, "steps between two such saves; 0: by time alone", (0, MANY), "execution"
        ),
    },
    "loader_workers": Setting(
        0, "processes that load clips; 0: the training process", (0, 256), "execution"
    ),
    "batches_ahead": Setting(
        0,
        "batches whose streams are made while a training step runs; 0: each is made when its turn "
        "comes",
        (0, 16),
        "execution",
    ),
}

# The fusion network has the streams and the weights of its two parents, and no single `stream`.
NOT_FOR_FUSION = ("stream", "model", "initial_weights", "pretrain")
FUSION_SETTINGS: dict[str, Any] = {
    "model": Setting("rgbpose_fusion", "file in microgesture/models/ that builds the network"),
    "initial_weights": Setting(
        "",
        "two-branch checkpoint (.safetensors) laid over the parents' weights as far as it fits: "
        "another run's, or RGBPoseConv3D's that import_weights took over",
    ),
    "choose_parents": Setting(
        "mean_class_accuracy",
        "validation score by which the best RGB and pose checkpoints are chosen",
        ("mean_class_accuracy", "accuracy", "nll"),
    ),
    **{key: value for key, value in SETTINGS.items() if key not in NOT_FOR_FUSION},
}


def complete_settings(given: dict | None, settings: dict | None = None, place: str = "") -> dict:
    """`given` with every missing setting filled in (a new dictionary).

    settings: `SETTINGS` (default) or `FUSION_SETTINGS`. Raises BadInput for an unknown name (with
    the nearest right one), a value of another type and one that is not allowed.
    """
    table = SETTINGS if settings is None else settings
    given = {} if given is None else given
    if not isinstance(given, dict):
        raise BadInput(f"settings: {place or 'they'} must be a mapping of names to values")
    for name in given:
        if name not in table:
            near = difflib.get_close_matches(str(name), table, n=1)
            hint = f"did you mean {near[0]!r}?" if near else "known: " + ", ".join(table)
            raise BadInput(f"settings: {place}{name} is no known setting; {hint}")
    complete = {}
    for name, entry in table.items():
        if isinstance(entry, dict):
            complete[name] = complete_settings(given.get(name), entry, f"{place}{name}.")
        elif name in given:
            complete[name] = _checked(f"{place}{name}", copy.deepcopy(given[name]), entry)
        else:
            complete[name] = copy.deepcopy(entry.default)
    return complete


def _checked(name: str, value, entry: Setting):
    default = entry.default
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if isinstance(default, bool):
        fits, wanted = isinstance(value, bool), "true or false"
    elif isinstance(default, int):
        fits, wanted = number and float(value).is_integer(), "a whole number"
        value = int(value) if fits else value
    elif isinstance(default, float):
        fits, wanted = number, "a number"
        value = float(value) if fits else value
    else:
        fits, wanted = isinstance(value, type(default)), f"a {type(default).__name__}"
    if not fits:
        raise BadInput(f"settings: {name} is {value!r}; write {wanted} ({entry.meaning})")
    if entry.choices and isinstance(default, str):
        if value not in entry.choices:
            near = difflib.get_close_matches(value, entry.choices, n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise BadInput(
                f"settings: {name} is {value!r}; {hint}choose one of {', '.join(entry.choices)}"
            )
    elif entry.choices and not entry.choices[0] <= value <= entry.choices[1]:
        low, high = entry.choices
        upper = f"to {high}" if high < MANY else "or more"
        raise BadInput(f"settings: {name} is {value!r}; write {low} {upper} ({entry.meaning})")
    return value


def names_that_change(what: str, settings: dict | None = None) -> frozenset[str]:
    """Names of the settings whose `changes` is `what`; of groups, where all in it have that."""
    table = SETTINGS if settings is None else settings
    return frozenset(
        name
        for name, entry in table.items()
        if {each.changes for _, each in describe_settings({name: entry})} == {what}
    )


def describe_settings(settings: dict | None = None, place: str = "") -> list[tuple[str, Setting]]:
    """All settings as (dotted name, Setting), in order."""
    rows = []
    for name, entry in (SETTINGS if settings is None else settings).items():
        if isinstance(entry, dict):
            rows += describe_settings(entry, f"{place}{name}.")
        else:
            rows.append((place + name, entry))
    return rows
