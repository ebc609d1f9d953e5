"""What of a modality's settings pre-training rests on."""

from microgesture.configuration.settings import SETTINGS, complete_settings
from microgesture.pretraining.settings import (
    FIXED,
    USED,
    asks,
    pretraining_settings,
    settings_that_count,
    streams_seen,
)

ON = {"pretrain": {"method": "masked_motion", "epochs": 7, "learning_rate": 0.002}}


def test_off_by_default():
    assert not asks({}) and not asks(complete_settings({})) and asks(ON)


def test_the_loop_gets_the_groups_numbers():
    given = complete_settings({**ON, "epochs": 3, "optimizer": "sgd", "frames": 9})
    found = pretraining_settings(given)
    assert (found["epochs"], found["learning_rate"], found["optimizer"]) == (7, 0.002, "adamw")
    assert found["frames"] == 9 and not found["classifier_retraining"]["epochs"]
    assert set(found) == set(SETTINGS)
    mixing = complete_settings({**ON, "augmentation": {"mixup": 0.2, "cutmix": 1.0, "scale": 0.3}})
    group = pretraining_settings(mixing)["augmentation"]
    assert (group["mixup"], group["cutmix"], group["scale"]) == (0.0, 0.0, 0.3)
    complete_settings(found)  # all of them allowed


def test_joints_are_shown_beside_pictures_where_they_are_a_target():
    def settings(stream="rgb", **group):
        given = {"stream": stream, "frames": 9, "rgb_frames": 4}
        return complete_settings({**given, "pretrain": {"method": "masked_tubes", **group}})

    assert streams_seen(settings()) == ("rgb",)
    assert pretraining_settings(settings())["frames"] == 9
    both = settings(keypoint_weight=0.5)
    assert streams_seen(both) == ("rgb", "joint")
    assert pretraining_settings(both)["frames"] == 4  # those of the pictures
    motion = complete_settings({"pretrain": {"method": "masked_motion", "keypoint_weight": 0.5}})
    assert streams_seen(motion) == ("joint",)


def test_numbers_of_the_later_training_do_not_count():
    one = settings_that_count(complete_settings(ON))
    for change in (
        {"epochs": 99},
        {"dropout": 0.1},
        {"learning_rate": 1.0},
        {"class_weights": "none"},
        {"augmentation": {"mixup": 0.2}},
    ):
        assert settings_that_count(complete_settings({**ON, **change})) == one
    for change in ({"frames": 9}, {"model": "aagcn"}, {"augmentation": {"rotation": 0.2}}):
        assert settings_that_count(complete_settings({**ON, **change})) != one
    other = {"pretrain": {**ON["pretrain"], "mask_ratio": 0.5}}
    assert settings_that_count(complete_settings(other)) != one
    # which clips: by their manifest, not by the choice's word
    same = {"pretrain": {**ON["pretrain"], "clips": "all"}}
    assert settings_that_count(complete_settings(same)) == one


def test_what_is_left_out_of_the_modality_has_the_defaults():
    assert settings_that_count({**ON, "stream": "joint"})["pretrain"]["mask_ratio"] == 0.9
    assert set(USED) | set(FIXED) <= set(SETTINGS)
