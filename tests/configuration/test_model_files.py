"""What the files say without being imported is what the imported modules say."""

import importlib
import inspect

import pytest

from microgesture.configuration.model_files import GIVEN, options_of, streams_of
from microgesture.weights.networks import list_models


@pytest.mark.parametrize("name", list_models())
def test_streams_and_options_are_the_modules(name):
    module = importlib.import_module(f"microgesture.models.{name}")
    assert streams_of(name) == module.STREAMS
    for branch in ("RGB_STREAMS", "POSE_STREAMS"):
        assert streams_of(name, branch) == getattr(module, branch, None)
    arguments = inspect.signature(module.build).parameters
    if any(argument.kind is argument.VAR_KEYWORD for argument in arguments.values()):
        assert options_of(name) is None
    else:
        assert options_of(name) == set(arguments) - GIVEN


def test_no_such_model():
    assert streams_of("st_gcn_xx") is None and options_of("st_gcn_xx") is None
