import pytest

from microgesture.bundles.inside import read_settings
from microgesture.bundles.settings import kept_settings, with_bundle
from microgesture.configuration.checked import checked_configuration
from microgesture.configuration.plans import ROOT
from microgesture.configuration.presets import read_yaml
from microgesture.configuration.runs import Runs, laid_over
from microgesture.provenance.errors import BadInput
from tests.bundles.made_run import copied_bundle, write_layout


@pytest.fixture(autouse=True)
def at_home(monkeypatch):
    monkeypatch.chdir(ROOT)


def demo(**overlay):
    return laid_over(read_yaml(ROOT / "config.yaml"), overlay)


def test_a_modality_is_what_it_was_trained_with():
    runs = Runs(demo(), checked_configuration)
    settings, files = kept_settings(runs.main)
    for name, entry in settings["modalities"].items():
        trained = runs.modality_settings("", name)
        trained.pop("threads"), trained.pop("pretrain")  # of the training alone
        assert entry == {**trained, "initial_weights": ""} or entry == trained
    assert settings["train_fusion"]["enabled"] and settings["combine_scores"]
    assert {name: str(path) for name, path in files.items()} == {
        "pose/demo_wholebody.py": "resources/pose/demo_wholebody.py",
        "pose/demo_wholebody.safetensors": "resources/pose/demo_wholebody.pth",
    }
    assert runs.main["extract_keypoints"]["config"] == "resources/pose/demo_wholebody.py"


def test_models_that_have_names_need_no_files():
    config = checked_configuration(
        demo(extract_keypoints={"model": "rtmpose-m_8xb64-270e_coco-wholebody-256x192"})
    )
    settings, files = kept_settings(config)
    assert files == {} and settings["extract_keypoints"]["model"].startswith("rtmpose-m")
    config = checked_configuration(demo(extract_keypoints={"config": "mmpose::a/b.py"}))
    settings, files = kept_settings(config)
    assert settings["extract_keypoints"]["config"] == "mmpose::a/b.py"
    assert list(files) == ["pose/demo_wholebody.safetensors"]


def test_a_layout_file(tmp_path):
    name = write_layout(tmp_path / "mine.yaml")
    settings, files = kept_settings({**checked_configuration(demo()), "layout": name})
    assert settings["layout"] == "layout.yaml" and files["layout.yaml"] == tmp_path / "mine.yaml"
    (tmp_path / "mine.yaml").unlink()
    with pytest.raises(BadInput, match=r"layout: \S*mine.yaml is no file"):
        kept_settings({**checked_configuration(demo()), "layout": name})


def test_nothing_of_the_configuration_below_shines_through(tmp_path):
    """The demo's config.yaml has three modalities and a fusion network; the bundle has neither."""
    settings = read_settings(copied_bundle(tmp_path) / "settings.yaml")
    config = checked_configuration(with_bundle(demo(), settings))
    assert list(config["modalities"]) == ["joint", "bone"] and config["layout"] == "coco17"
    assert config["train_fusion"]["enabled"] is False
    assert config["decode_rgb"]["size"] == 256  # the demo's is 96
    assert (
        config["modalities"]["joint"]["test_flip"] is settings["modalities"]["joint"]["test_flip"]
    )
    assert config["videos"] == demo()["videos"]
    runs = Runs(with_bundle(demo(), settings), checked_configuration)
    assert runs.modality_settings("", "bone")["epochs"] == 1


def test_mirror_images_that_were_taken_out_stay_out():
    config = checked_configuration(demo(mirror_images=False))
    settings, _ = kept_settings(config)
    assert settings["mirror_images"] is False
    for entry in settings["modalities"].values():
        assert entry["test_flip"] is False and entry["augmentation"]["flip"] == 0.0
