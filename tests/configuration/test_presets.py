"""Presets: what stands above what, wrong names, and the numbers of the recipes that ship."""

from pathlib import Path

import pytest
import yaml

from microgesture.configuration.checked import checked_configuration
from microgesture.configuration.presets import FOLDER, preset_names, read_preset, with_presets
from microgesture.configuration.runs import Runs
from microgesture.provenance.errors import BadInput
from microgesture.training.passes import clips_of_a_pass

SHEETS = {"videos": "v.tsv", "clips": "c.tsv", "labels": "l.tsv"}
NAMES = preset_names()
MODALITY_PRESETS = [name for name in NAMES if "stream" in read_preset(name)]
FUSION_PRESETS = [name for name in NAMES if "stream" not in read_preset(name)]

# What the references say, typed in from them a second time: optimiser, rate and the batch it is
# for, passes over the clips, weight decay, frames.
RECIPES = {
    "st_gcn": ("sgd", 0.1, 128, 80, 5e-4, 100),
    "st_gcn_pp": ("sgd", 0.1, 128, 80, 5e-4, 100),
    "st_gcn_pp_strong_augmentation": ("sgd", 0.1, 128, 120, 5e-4, 100),
    "aagcn": ("sgd", 0.1, 128, 80, 5e-4, 100),
    "ctr_gcn": ("sgd", 0.1, 128, 80, 5e-4, 100),
    "dg_stgcn": ("sgd", 0.1, 64, 150, 5e-4, 100),
    "poseconv3d": ("sgd", 0.2, 128, 240, 3e-4, 48),
    "poseconv3d_limb": ("sgd", 0.2, 128, 240, 3e-4, 48),
    "rgbpose_pose": ("sgd", 0.2, 128, 180, 3e-4, 32),
    "rgbpose_rgb": ("sgd", 0.15, 96, 180, 1e-4, 8),
    "rgbpose_fusion": ("sgd", 0.0075, 10, 30, 1e-4, 32),
    "tsm": ("sgd", 0.02, 128, 50, 1e-4, 8),
    "video_swin_tiny": ("adamw", 0.001, 64, 30, 0.02, 32),
    "video_swin_small": ("adamw", 0.001, 64, 30, 0.02, 32),
    "video_swin_base": ("adamw", 0.001, 64, 30, 0.05, 32),
    "video_mae_small": ("adamw", 0.001, 256, 80, 0.05, 16),
    "video_mae_base": ("adamw", 0.0005, 256, 60, 0.05, 16),
    "hypergraph_transformer": ("sgd", 0.025, 64, 140, 4e-4, 64),
    "skeleton_transformer": ("adamw", 0.0005, 48, 100, 0.05, 120),
}


@pytest.fixture
def folder(tmp_path):
    """A folder with one preset for a modality and one for the fusion network."""
    recipe = {
        "stream": "joint",
        "model": "st_gcn_pp",
        "model_options": {"base_channels": 8, "num_stages": 2},
        "epochs": 50,
        "learning_rate": 0.3,
        "augmentation": {"flip": 0.25, "rotation": 0.1},
    }
    (tmp_path / "walking.yaml").write_text(yaml.safe_dump(recipe), encoding="utf-8")
    (tmp_path / "pair.yaml").write_text("frames: 16\nepochs: 4\n", encoding="utf-8")
    return tmp_path


def configured(own: dict, **others) -> dict:
    """A configuration with one modality, and what else is given."""
    return {**SHEETS, "modalities": {"joint": own}, **others}


def test_own_values_stand_above_the_preset(folder):
    own = {"preset": "walking", "epochs": 7, "augmentation": {"rotation": 0.4}}
    joint = with_presets(configured(own), folder)["modalities"]["joint"]
    assert joint == {
        "stream": "joint",
        "model": "st_gcn_pp",
        "model_options": {"base_channels": 8, "num_stages": 2},
        "epochs": 7,
        "learning_rate": 0.3,
        "augmentation": {"flip": 0.25, "rotation": 0.4},
    }


def test_preset_stands_above_train_modality():
    shared = {"epochs": 3, "dropout": 0.1, "batch_size": 4, "class_weights": "none"}
    given = configured({"preset": "tsm", "dropout": 0.9}, train_modality=shared)
    settings = Runs(given, checked_configuration).modality_settings("", "joint")
    assert settings["dropout"] == 0.9  # its own
    assert settings["epochs"] == 50  # the preset's
    assert settings["class_weights"] == "none"  # shared: the preset says nothing
    assert settings["momentum"] == 0.9


def test_options_of_another_model_are_left_out(folder):
    own = {"preset": "walking", "model": "ctr_gcn"}
    joint = with_presets(configured(own), folder)["modalities"]["joint"]
    assert joint["model"] == "ctr_gcn" and "model_options" not in joint
    own = {"preset": "walking", "model": "ctr_gcn", "model_options": {"num_stages": 3}}
    joint = with_presets(configured(own), folder)["modalities"]["joint"]
    assert joint["model_options"] == {"num_stages": 3}
    own = {"preset": "walking", "model_options": {"num_stages": 3}}
    joint = with_presets(configured(own), folder)["modalities"]["joint"]
    assert joint["model_options"] == {"base_channels": 8, "num_stages": 3}


def test_fusion_network_takes_a_preset(folder):
    fusion = {"preset": "pair", "epochs": 9, "rgb_parent": "colour"}
    found = with_presets({**SHEETS, "train_fusion": fusion}, folder)
    assert found["train_fusion"] == {"frames": 16, "epochs": 9, "rgb_parent": "colour"}


def test_what_was_given_is_left_alone(folder):
    given = configured({"preset": "walking"})
    before = yaml.safe_dump(given)
    with_presets(given, folder)
    assert yaml.safe_dump(given) == before


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (configured({"preset": "walkin"}), "modalities: joint: preset: 'walkin' is no preset; did you mean 'walking'?"),
        (configured({"preset": "xyz"}), "'xyz' is no preset; choose one of pair, walking"),
        (configured({"preset": ["walking"]}), "is no preset"),
        (configured({"preset": "pair"}), "'pair' does not fit here; it belongs to train_fusion"),
        (configured({}, train_fusion={"preset": "walking"}), "train_fusion: preset: 'walking' does not fit here; it belongs to a modality"),
    ],
)  # fmt: skip
def test_one_mistake_one_message(folder, given, message):
    with pytest.raises(BadInput) as error:
        with_presets(given, folder)
    assert message in str(error.value)


def test_all_mistakes_are_told_at_once(folder):
    given = {**SHEETS, "modalities": {"a": {"preset": "x"}, "b": {"preset": "y"}}}
    with pytest.raises(BadInput, match="2 problems in the configuration"):
        with_presets(given, folder)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("epochs: [1", r"broken\.yaml: cannot be read as YAML"),
        ("- 3\n", r"broken\.yaml: holds no settings"),
        ("stream: joint\nepoch: 3\n", r"broken\.yaml: .*did you mean 'epochs'"),
        ("frames: many\n", r"broken\.yaml: .*frames is 'many'; write a whole number"),
    ],
)
def test_a_broken_preset_names_its_file(tmp_path, text, message):
    (tmp_path / "broken.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=message):
        with_presets(configured({"preset": "broken"}), tmp_path)


@pytest.mark.parametrize("name", MODALITY_PRESETS)
def test_shipped_preset_of_a_modality_is_a_whole_configuration(name):
    joint = checked_configuration(configured({"preset": name}))["modalities"]["joint"]
    assert joint["stream"] and joint["model"] and "preset" not in joint


@pytest.mark.parametrize("name", FUSION_PRESETS)
def test_shipped_preset_of_the_fusion_network_is_a_whole_configuration(name):
    given = configured({"preset": "tsm"}, train_fusion={"preset": name})
    fusion = checked_configuration(given)["train_fusion"]
    assert fusion["momentum"] == 0.9 and fusion["enabled"] and "preset" not in fusion


@pytest.mark.parametrize("name", RECIPES)
def test_recipe_has_the_numbers_of_its_reference(name):
    optimiser, rate, batch, passes, decay, frames = RECIPES[name]
    recipe = read_preset(name)
    assert recipe["optimizer"] == optimiser
    assert recipe["learning_rate"] / recipe["base_batch"] == pytest.approx(rate / batch)
    assert recipe["epochs"] * recipe["repeats"] == passes
    assert recipe["weight_decay"] == decay
    assert recipe["rgb_frames" if recipe.get("stream") == "rgb" else "frames"] == frames


@pytest.mark.parametrize("size", ["tiny", "small", "base"])
def test_swin_has_its_recipes_rates_and_decay(size):
    """paramwise_cfg of MMAction2's configurations."""
    recipe = read_preset(f"video_swin_{size}")
    assert recipe["rate_multipliers"] == {"backbone": 0.1} and recipe["decay_norm_and_bias"]
    assert recipe["no_decay"] == ["norm", "relative_position_bias_table"]
    assert recipe["batch_size"] == recipe["base_batch"] == 8 * 8
    assert clips_of_a_pass({**recipe}, 1) == 16 and clips_of_a_pass({**recipe}, 8) == 8


def test_tsm_has_its_recipes_rates_and_decay():
    """TSMOptimWrapperConstructor with fc_lr5; no convolution of it has a bias."""
    recipe = read_preset("tsm")
    assert recipe["rate_multipliers"] == {"head": 5.0} and not recipe["decay_norm_and_bias"]


@pytest.mark.parametrize("name", NAMES)
def test_every_preset_says_where_its_numbers_come_from(name):
    head = (Path(FOLDER) / f"{name}.yaml").read_text(encoding="utf-8").split("\n\n")[0]
    comment = "\n".join(line for line in head.splitlines() if line.startswith("#"))
    assert "github.com/" in comment or "this project's" in comment
