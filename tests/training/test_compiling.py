import copy

import pytest
import torch

from microgesture.provenance.errors import BadInput
from microgesture.training.compiling import compile_network
from tests.training.test_loop import GIVEN, clips, run
from tests.training.test_memory import small

__all__ = ["clips"]  # the fixture
CPU = torch.device("cpu")


def test_what_is_missing_is_told(monkeypatch):
    recogniser, _, settings = small(compile_network=True, recompute_activations=True)
    with pytest.raises(BadInput, match="exclude each other"):
        compile_network(recogniser, settings, CPU)
    settings["recompute_activations"] = False
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(BadInput, match=r"needs a C\+\+ compiler .* compile_network: false"):
        compile_network(recogniser, settings, CPU)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(BadInput, match=r"needs the package triton on a GPU"):
        compile_network(recogniser, settings, torch.device("cuda"))


@pytest.mark.slow
def test_compiled_it_computes_the_same_and_keeps_its_names():
    recogniser, _, settings = small(compile_network=True)
    recogniser.network.dropout.p = 0.0
    plain = copy.deepcopy(recogniser)
    compile_network(recogniser, settings, CPU)
    x = torch.randn(4, 3, 8, 17, 1)
    for network in (plain, recogniser):
        network.train()
        network(x)[0]["logits"].square().sum().backward()
    assert list(recogniser.state_dict()) == list(plain.state_dict())
    largest = max(parameter.grad.abs().max() for parameter in plain.parameters())
    for one, other in zip(plain.parameters(), recogniser.parameters(), strict=True):
        assert (one.grad - other.grad).abs().max() < 1e-4 * largest
    for name, value in plain.state_dict().items():
        torch.testing.assert_close(recogniser.state_dict()[name], value, rtol=1e-4, atol=1e-5)


@pytest.mark.slow
def test_a_compiled_training(clips):
    given = {**GIVEN, "epochs": 2, "dropout": 0.0, "augmentation": {}, "prototype_loss": {}}
    given |= {"model_options": {"base_channels": 8, "num_stages": 1}}
    _, _, plain = run(clips, given)
    _, _, compiled = run(clips, {**given, "compile_network": True})
    assert list(compiled.weights) == list(plain.weights)
    for one, other in zip(plain.rows, compiled.rows, strict=True):
        assert other["loss"] == pytest.approx(one["loss"], rel=1e-3)
        assert other["validation_nll"] == pytest.approx(one["validation_nll"], rel=1e-2)
