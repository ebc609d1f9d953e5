"""Random numbers of a sample beyond those that every training draws.

They are drawn last and only where an augmentation asks for them: a recipe without it draws what it
always drew.
"""

import numpy as np

OPERATIONS = 5  # most operations of rand_augment
MORE_NUMBERS = 1 + 2 * OPERATIONS  # the turn; which operation and which way, for each


def draw_more(generator: np.random.Generator, settings: dict, joints: int) -> dict[str, np.ndarray]:
    """Entries of a sample. settings: the group `augmentation`; joints: 0 where there are none.

    "random_more" float32 (MORE_NUMBERS,) in [0, 1); "random_bones" float32 (joints,) in [0, 1);
    "mix" float32 (4,): the share that stays of a clip, whether a rectangle or the whole is mixed
    (1 or 0), and where in [0, 1) the rectangle's middle lies.
    """
    found = {}
    if settings["turn"] or settings["rand_augment"]:
        found["random_more"] = generator.random(MORE_NUMBERS, np.float32)
    if settings["bone_lengths"] and joints:
        found["random_bones"] = generator.random(joints, np.float32)
    if settings["mixup"] or settings["cutmix"]:
        cut = not settings["mixup"] or (settings["cutmix"] > 0 and generator.random() < 0.5)
        strength = settings["cutmix"] if cut else settings["mixup"]
        share = generator.beta(strength, strength)
        place = generator.random(2)
        found["mix"] = np.array([share, cut, *place], np.float32)
    return found
