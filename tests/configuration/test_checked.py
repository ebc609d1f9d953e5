"""The configuration: defaults filled, every mistake named with what was meant."""

import pytest
import yaml

from microgesture.configuration.checked import checked_configuration
from microgesture.configuration.schema import PATH, model_files, training_schema
from microgesture.provenance.errors import BadInput


@pytest.fixture
def config():
    return yaml.safe_load(open("config.yaml", encoding="utf-8"))


def test_shipped_config_is_valid_and_filled(config):
    filled = checked_configuration(config)
    assert filled["train_modality"]["momentum"] == 0.9
    assert filled["index_videos"]["on_bad_video"] == "stop"


def test_given_config_is_left_alone(config):
    before = yaml.safe_dump(config)
    checked_configuration(config)
    assert yaml.safe_dump(config) == before


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("train_modalty",), {}, "'train_modalty' is no known key; did you mean 'train_modality'?"),
        (("train_modality", "epoch"), 3, "'epoch' is no known key; did you mean 'epochs'?"),
        (("modalities", "joint", "model"), "st_gcn_p", "did you mean 'st_gcn_pp'?"),
        (("layout",), "h69", "did you mean 'h68'?"),
        (("seed",), "zero", "seed: 'zero' is not of type 'integer'; seed of training"),
        (("rounds",), -1, "-1 is less than the minimum of 0"),
        (("train_modality", "augmentation", "flip"), 2, "2 is greater than the maximum of 1"),
    ],
)
def test_each_mistake_has_its_message(config, path, value, message):
    node = config
    for key in path[:-1]:
        node = node.setdefault(key, {})
    node[path[-1]] = value
    with pytest.raises(BadInput) as error:
        checked_configuration(config)
    assert message in str(error.value)


def test_a_band_of_magnification_whose_ends_are_swapped(config):
    config["decode_rgb"]["magnification"] = {"factor": 5, "low": 8, "high": 2}
    with pytest.raises(BadInput, match=r"low is 8 and high is 2 Hz.*write a band with 0 < low"):
        checked_configuration(config)
    config["decode_rgb"]["magnification"]["factor"] = 0  # off: what else it says is not looked at
    assert checked_configuration(config)["decode_rgb"]["magnification"]["low"] == 8


def test_all_mistakes_at_once(config):
    config["layuot"] = "h68"
    config["rounds"] = "two"
    with pytest.raises(BadInput) as error:
        checked_configuration(config)
    assert "2 problems in the configuration" in str(error.value)


def test_training_schema_is_in_step_with_the_settings():
    written = yaml.safe_load(PATH.read_text(encoding="utf-8"))
    assert written == yaml.safe_load(yaml.safe_dump(training_schema())), "run `make schema`"


def test_model_choices_are_the_files():
    assert "st_gcn_pp" in model_files()
    assert "torchvision_operators" not in model_files()
    assert "rgbpose_fusion" not in model_files()  # it takes no single stream


def test_what_one_modality_says_for_itself_has_no_default():
    schema = training_schema()
    assert schema["modality"]["properties"]["initial_weights"]["type"] == "string"
    assert "initial_weights" not in schema["training"]["properties"]
    # a two-branch network may start from one of its kind; its limbs are its pose parent's
    assert schema["fusion"]["properties"]["initial_weights"]["default"] == ""
    assert "limbs" not in schema["fusion"]["properties"]
    assert schema["modality"]["properties"]["limbs"]["enum"] == ["bones", "pyskl17"]
    assert "rgbpose_fusion" not in schema["modality"]["properties"]["model"]["enum"]


def test_null_leaves_a_modality_or_a_variant_out(config):
    config["modalities"]["rgb"] = None
    config["ablation"]["variants"]["no_rgb"] = None
    filled = checked_configuration(config)
    assert "rgb" not in filled["modalities"] and "joint" in filled["modalities"]
    variants = filled["ablation"]["variants"]
    assert "no_rgb" not in variants and "no_joint" in variants


@pytest.mark.parametrize(
    ("section", "stream"),
    [
        ("modalities", "joint_heatmap"),
        ("modalities", "limb_heatmap"),
        ("train_modality", "joint_heatmap"),
        ("modalities", "rgb"),
    ],
)
def test_facing_on_a_stream_of_pixels_is_an_error(config, section, stream):
    mine = {"stream": stream, "model": "poseconv3d"}
    config["modalities"]["mine"] = mine
    (mine if section == "modalities" else config["train_modality"])["facing"] = True
    with pytest.raises(
        BadInput, match=f"mine: facing: 'True' has no meaning for the stream {stream}"
    ):
        checked_configuration(config)
    mine["facing"] = False
    others = ("heatmap", "rgb")
    for name in others:
        config["modalities"][name]["facing"] = False
    checked_configuration(config)


def test_facing_of_skeletons_is_taken(config):
    config["modalities"]["joint"]["facing"] = True
    assert checked_configuration(config)["modalities"]["joint"]["facing"] is True


def test_without_mirror_images_no_network_has_any(config):
    assert checked_configuration(config)["train_modality"]["test_flip"]
    config["modalities"]["rgb"] = {"preset": "demo_rgb", "augmentation": {"flip": 0.5}}
    config["modalities"]["slow"] = {"preset": "rgbpose_rgb", "test_flip": True}
    filled = checked_configuration({**config, "mirror_images": False})
    places = [filled["train_modality"], filled["train_fusion"], *filled["modalities"].values()]
    assert len(places) == 6
    for settings in places:
        assert settings["augmentation"]["flip"] == 0 and settings["test_flip"] is False
    colour = filled["modalities"]["rgb"]["augmentation"]["colour"]
    assert colour == checked_configuration(config)["modalities"]["rgb"]["augmentation"]["colour"]
