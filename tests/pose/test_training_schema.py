"""The configuration offers exactly the numbers that the training has, with its defaults."""

from dataclasses import fields

from microgesture.configuration.checked import load_schema
from microgesture.pose.training import PoseTrainingSettings


def test_schema_and_settings_agree():
    properties = load_schema()["properties"]["train_demo_pose"]["properties"]
    offered = {name: entry["default"] for name, entry in properties.items()}
    assert offered == {field.name: field.default for field in fields(PoseTrainingSettings)}
