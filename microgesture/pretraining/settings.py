"""The numbers of a pre-training: the group `pretrain`, and what it takes from its modality."""

from microgesture.configuration.settings import SETTINGS, complete_settings

GROUP, OFF = "pretrain", "none"
# What of a modality's other settings pre-training looks at: the network, what it sees of a clip,
# and how a step is carried out. Losses, labels and the numbers of the later training are none.
USED = (
    "stream", "model", "model_options", "persons", "frames", "rgb_frames", "size", "rgb_size",
    "remove_static", "sigma", "limbs", "sampling", "skip_empty", "facing", "repeats",
    "gradient_clip", "augmentation", "precision",
)  # fmt: skip
PLACES, SIDE = 8, 16  # masked tubes: so many places a side, and from 128 pixels on places of SIDE
OWN = ("epochs", "batch_size", "learning_rate", "weight_decay", "warmup_epochs")
# As published for masked pre-training: AdamW, no decay of norms and biases, a cosine.
FIXED = {
    "optimizer": "adamw",
    "momentum": 0.9,
    "base_batch": 0,
    "rate_multipliers": {"backbone": 1.0, "head": 1.0},
    "decay_norm_and_bias": False,
    "no_decay": [],
    "schedule": "cosine",
    "milestones": [],
    "balanced_sampling": False,
    "checkpoint": "last",
    "classifier_retraining": {"epochs": 0, "learning_rate": 0.0, "balanced": True},
}
WHOLE = {"mixup": 0.0, "cutmix": 0.0}  # mixed labels are of no use, and keypoints are not mixed


def asks(settings: dict) -> bool:
    """Whether a modality asks for pre-training. settings: its own, on top of train_modality's."""
    return settings.get(GROUP, {}).get("method", OFF) != OFF


def group_of(settings: dict) -> dict:
    """The complete group `pretrain` of a modality."""
    return complete_settings(settings.get(GROUP), SETTINGS[GROUP], f"{GROUP}.")


def streams_seen(settings: dict) -> tuple[str, ...]:
    """What a modality's pre-training is shown: its stream, and for masked tubes with a weight for
    the keypoints the joints beside it."""
    group = group_of(settings)
    beside = group["method"] == "masked_tubes" and group["keypoint_weight"] > 0
    return (settings["stream"], *(("joint",) if beside else ()))


def places_of(size: int) -> int:
    """Masked tubes for networks that cannot leave tubelets out: places a side that pictures of
    `size` pixels are cut into."""
    return PLACES if size < PLACES * SIDE else size // SIDE


def pretraining_settings(settings: dict) -> dict:
    """What the training loop is given: a modality's complete settings with the group's numbers
    above them. settings: complete."""
    group = settings[GROUP]
    own = {**settings, **FIXED, **{name: group[name] for name in OWN}}
    own["augmentation"] = {**settings["augmentation"], **WHOLE}
    if len(streams_seen(settings)) > 1:  # the joints of the very frames that the pictures show
        own["frames"] = own["rgb_frames"]
    return own


def settings_that_count(settings: dict) -> dict:
    """What of a modality's settings can change the weights of its pre-training: which clips it
    sees stands apart, by their manifest."""
    group = {name: value for name, value in group_of(settings).items() if name != "clips"}
    counted = {name: settings[name] for name in USED if name in settings}
    if "augmentation" in counted:
        counted["augmentation"] = {**counted["augmentation"], **WHOLE}
    return {**counted, GROUP: group}
