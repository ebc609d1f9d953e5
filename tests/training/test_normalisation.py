import torch

from microgesture.configuration.settings import complete_settings
from microgesture.models import video_swin
from microgesture.training.device import make_accelerator
from microgesture.training.normalisation import describe_batch_norm, normalised_as_asked
from microgesture.training.recogniser import Recogniser
from tests.training.test_memory import small


def test_frozen_statistics_stay_and_the_rest_learns():
    recogniser, make_inputs, _ = small(batch_norm="frozen")
    inputs = make_inputs(4)[0] + torch.randn(4, 3, 8, 17, 1)
    before = {name: value.clone() for name, value in recogniser.state_dict().items()}
    recogniser.train()
    recogniser.network.dropout.p = 0.0
    optimiser = torch.optim.SGD(recogniser.parameters(), lr=0.1)
    alone = recogniser(inputs[:1])[0]["logits"]
    together = recogniser(inputs)[0]["logits"]
    torch.testing.assert_close(together[:1], alone)  # no clip sees another
    together.square().sum().backward()
    optimiser.step()
    moved = {n for n, value in recogniser.state_dict().items() if not torch.equal(value, before[n])}
    assert not any("running" in name or "tracked" in name for name in moved)
    assert any("norm.weight" in name for name in moved)
    recogniser.eval().train()
    recogniser(inputs)
    assert torch.equal(
        recogniser.state_dict()["network.input_norm.running_mean"],
        before["network.input_norm.running_mean"],
    )


def test_what_a_checkpoint_tells():
    accelerator = make_accelerator(False, "float32")

    def told(network=None, **given):
        recogniser, _, settings = small(batch_size=6, **given)
        if network is not None:
            settings = complete_settings(settings)
            recogniser = Recogniser(network, 3, settings)
        return describe_batch_norm(recogniser, settings, accelerator)["batch_norm"]

    assert told() == {"statistics": "process", "clips": 6}
    assert told(micro_batch=4) == {"statistics": "process", "clips": 3}
    assert told(batch_norm="synchronised") == {"statistics": "synchronised", "clips": 6}
    assert told(batch_norm="frozen") == {"statistics": "frozen", "clips": 0}
    swin = video_swin.build(3, embed_channels=8, stage_blocks=(1, 1), stage_heads=(1, 2))
    assert told(swin) == {"statistics": "none", "clips": 0}


def test_one_process_needs_no_synchronising():
    recogniser, _, settings = small(batch_norm="synchronised")
    modules = list(recogniser.modules())
    same = normalised_as_asked(recogniser, settings, make_accelerator(False, "float32"))
    assert same is recogniser and list(same.modules()) == modules
