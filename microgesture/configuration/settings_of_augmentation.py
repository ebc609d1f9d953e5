"""The numbers of augmentation: what a clip may look like in training (docs/recipes.md)."""

from microgesture.configuration.setting import Setting

AUGMENTATION: dict[str, Setting] = {
    "crop_scale": Setting([0.56, 1.0], "area of the random crop; [1, 1]: none"),
    "crop_ratio": Setting([0.75, 1.3333], "width / height of the random crop; [1, 1]: square"),
    "flip": Setting(0.5, "probability of a mirror image with left and right swapped", (0, 1)),
    "rotation": Setting(0.0, "largest random rotation in radians (3D: about every axis)", (0, 7)),
    "scale": Setting(0.0, "largest random change of each axis' scale", (0, 0.9)),
    "noise": Setting(0.0, "standard deviation of noise on coordinates (crop = 1)", (0, 1)),
    "joint_dropout": Setting(0.0, "probability that a joint is missing in a sample", (0, 1)),
    "turn": Setting(
        0.0,
        "largest random turn about the vertical in radians (2D: x shrinks by its cosine)",
        (0, 7),
    ),
    "bone_lengths": Setting(
        0.0, "largest random change of each bone's length, left as right (skeletons)", (0, 0.9)
    ),
    "time_stretch": Setting(
        0.0,
        "largest random change of a clip's length in time, cut or held at its ends",
        (0, 0.9),
    ),
    "mixup": Setting(
        0.0,
        "a of Beta(a, a), the share of a clip mixed with another",
        (0, 100),
    ),
    "cutmix": Setting(
        0.0,
        "a of Beta(a, a), the area of a rectangle taken from another clip (pictures, "
        "heatmaps); with mixup either is drawn",
        (0, 100),
    ),
    "rand_augment": Setting(
        0, "random operations on colours and grey levels, one after another (RGB)", (0, 5)
    ),
    "rand_magnitude": Setting(9, "their strength", (0, 30)),
    "brightness": Setting(0.0, "largest random brightness added, white = 1 (RGB)", (0, 1)),
    "contrast": Setting(0.0, "largest random change of contrast (RGB)", (0, 1)),
    "colour": Setting(
        0.0, "colour channels shuffled, each with a random gain up to this (RGB)", (0, 1)
    ),
}
