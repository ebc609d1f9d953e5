import pytest

from microgesture.configuration.settings import (
    FUSION_SETTINGS,
    SETTINGS,
    complete_settings,
    describe_settings,
    names_that_change,
)
from microgesture.provenance.errors import BadInput


def test_missing_values_are_filled_and_given_ones_kept():
    given = {"epochs": 3, "prototype_loss": {"weight": 0.2}, "learning_rate": 1}
    settings = complete_settings(given)
    assert settings["epochs"] == 3 and settings["prototype_loss"]["weight"] == 0.2
    assert settings["prototype_loss"]["anchors"] == "true_positive"
    assert settings["learning_rate"] == 1.0 and isinstance(settings["learning_rate"], float)
    settings["milestones"].append(1)
    assert complete_settings({})["milestones"] == []  # defaults are never handed out
    assert complete_settings(settings) == settings


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"learnig_rate": 1}, "learnig_rate is no known setting; did you mean 'learning_rate'"),
        ({"prototype_loss": {"anchor": "all"}}, "prototype_loss.anchor .* 'anchors'"),
        ({"epochs": 0}, "epochs is 0; write 1 or more"),
        ({"epochs": "ten"}, "epochs is 'ten'; write a whole number"),
        ({"epochs": True}, "write a whole number"),
        ({"dropout": 1.5}, "write 0 to 1"),
        ({"schedule": "cosin"}, "did you mean 'cosine'"),
        ({"balanced_sampling": 1}, "write true or false"),
        ({"augmentation": 3}, "must be a mapping"),
    ],
)
def test_mistakes_are_named(given, message):
    with pytest.raises(BadInput, match=message):
        complete_settings(given)


def test_fusion_has_no_single_stream():
    assert "stream" not in FUSION_SETTINGS and "choose_parents" in FUSION_SETTINGS
    assert "initial_weights" in SETTINGS
    assert "two-branch" in FUSION_SETTINGS["initial_weights"].meaning
    with pytest.raises(BadInput, match="stream is no known setting"):
        complete_settings({"stream": "rgb"}, FUSION_SETTINGS)


def test_every_setting_is_described():
    rows = dict(describe_settings())
    assert rows["prototype_loss.temperature"].default == 0.125
    assert all(entry.meaning for entry in rows.values()) and len(rows) > len(SETTINGS)


def test_what_a_setting_can_change():
    """How a step is taken changes weights, if only in their last digits; how it runs does not."""
    training = {"micro_batch", "last_batch", "batch_norm", "weight_averaging", "compile_network"}
    assert training <= names_that_change("training")
    execution = {"recompute_activations", "batches_ahead", "loader_workers", "state_every"}
    assert names_that_change("execution") == execution | {"cache_megabytes"}
