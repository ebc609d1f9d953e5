"""The loop with what large networks and data need: passes, averages, blocks computed twice, batches
made ahead, last batches."""

import os
import signal

import pytest
import torch

from microgesture.configuration.settings import complete_settings
from microgesture.provenance.errors import BadInput
from microgesture.provenance.termination import (
    Interrupted,
    ending_at_safe_places,
    told_by_signal,
)
from microgesture.training.averaging import WeightAverage
from microgesture.training.prediction import predict_logits, score_logits
from microgesture.training.recogniser import Recogniser
from microgesture.training.state import load_state
from tests.training.test_loop import GIVEN, clips, run

__all__ = ["clips"]  # the fixture

ALL_AT_ONCE = {
    "micro_batch": 3,
    "batch_size": 8,
    "last_batch": "weighted",
    "weight_averaging": 0.9,
    "batches_ahead": 2,
    "recompute_activations": True,
    "state_every": {"steps": 1},
}


@pytest.mark.parametrize("ends", [1, 2])
def test_within_a_step_of_several_passes_it_goes_on_too(clips, tmp_path, monkeypatch, ends):
    """Told to end in the midst of a pass, it ends the step first; with the average of the weights,
    and a classifier trained anew that begins from it."""
    given = {**GIVEN, **ALL_AT_ONCE, "checkpoint": "last", "epochs": 2}
    given |= {"classifier_retraining": {"epochs": 1}}
    _, _, whole = run(clips, given)
    calls = []
    forward = Recogniser.forward

    def told(self, *inputs):
        calls.append(1)
        # third and sixth of all passes: an epoch has 3 steps of 3, 3 and 2 passes
        if self.training and len(calls) in (3 * ends, 3 * ends + 20):
            os.kill(os.getpid(), signal.SIGTERM)
        return forward(self, *inputs)

    monkeypatch.setattr(Recogniser, "forward", told)
    with pytest.raises(Interrupted), told_by_signal(), ending_at_safe_places():
        run(clips, given, tmp_path)
    saved = load_state(tmp_path, "this")
    assert (saved["epoch"], saved["so_far"]["step"], saved["average"]["steps"]) == (0, ends, ends)
    monkeypatch.setattr(Recogniser, "forward", forward)
    _, _, resumed = run(clips, given, tmp_path)
    assert resumed.rows == whole.rows
    for name, value in whole.weights.items():
        assert torch.equal(value, resumed.weights[name]), name


def test_between_stages_the_average_is_what_goes_on(clips, tmp_path):
    given = {**GIVEN, "weight_averaging": 0.9, "checkpoint": "last", "epochs": 2}
    given |= {"classifier_retraining": {"epochs": 2}}
    _, _, whole = run(clips, given)
    run(clips, given, tmp_path, stop=lambda epoch: epoch == 2)
    features = load_state(tmp_path, "this")["average"]["tensors"]
    _, _, resumed = run(clips, given, tmp_path)
    assert resumed.rows == whole.rows
    for name, value in whole.weights.items():
        assert torch.equal(value, resumed.weights[name]), name
    # all but the classifier are the averaged weights of the network's stage
    name = "network.blocks.1.temporal.branch_norm.weight"
    assert name in features and torch.allclose(features[name], whole.weights[name], atol=1e-6)
    _, _, done = run(clips, given, tmp_path)  # nothing is left to do but to write
    assert all(torch.equal(value, done.weights[name]) for name, value in whole.weights.items())


def test_averaged_weights_are_validated_and_kept(clips, monkeypatch):
    """Against an average of every step's weights computed apart, in float64."""
    given = {**GIVEN, "weight_averaging": 0.7, "checkpoint": "last", "epochs": 3}
    steps = []
    update = WeightAverage.update

    def noted(self, network):
        steps.append({name: value.clone() for name, value in network.state_dict().items()})
        update(self, network)

    monkeypatch.setattr(WeightAverage, "update", noted)
    torch.manual_seed(0)
    recogniser, accelerator, result = run(clips, given)
    monkeypatch.setattr(WeightAverage, "update", update)
    assert len(steps) == 9
    _, _, plain = run(clips, {**given, "weight_averaging": 0.0})
    for name, value in steps[-1].items():  # what learns is what learns without an average
        assert torch.equal(plain.weights[name], value), name
    first = first_state(clips, given)
    for name, kept in result.weights.items():
        if not kept.is_floating_point():
            assert torch.equal(kept, steps[-1][name])
            continue
        expected = first[name].double()
        for number, state in enumerate(steps):
            decay = min(0.7, (1 + number) / (10 + number))
            expected = decay * expected + (1 - decay) * state[name].double()
        torch.testing.assert_close(kept.double(), expected, rtol=1e-4, atol=1e-6, msg=name)
    assert result.scores != plain.scores
    recogniser.load_state_dict(result.weights)
    settings, chosen = complete_settings(given), clips.where("val")
    logits = predict_logits(recogniser, clips, chosen, ("joint",), settings, accelerator)
    assert score_logits(logits, clips.labels[chosen]) == pytest.approx(result.scores)


def first_state(clips, given):
    """The state before the first step."""
    seen = []
    begin = WeightAverage.begin
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WeightAverage, "begin", lambda *a: seen.append(a[1]) or begin(*a))
        run(clips, {**given, "learning_rate": 0.0, "epochs": 1})
    state = seen[0].state_dict()
    fresh = {n: torch.zeros_like(v) for n, v in state.items() if n.endswith("running_mean")}
    fresh |= {n: torch.ones_like(v) for n, v in state.items() if n.endswith("running_var")}
    fresh |= {n: torch.zeros_like(v) for n, v in state.items() if n.endswith("prototypes")}
    return {**state, **fresh}


@pytest.mark.parametrize(
    "given",
    [
        {"batches_ahead": 1},
        {"batches_ahead": 3, "loader_workers": 1},
        {"recompute_activations": True},
    ],
)
def test_how_it_runs_changes_no_bit(clips, given):
    plain, other = (run(clips, {**GIVEN, "epochs": 2, **own})[2] for own in ({}, given))
    assert other.rows == plain.rows
    for name, value in plain.weights.items():
        assert torch.equal(value, other.weights[name]), name


def test_an_error_ahead_is_told_as_any_other(clips, monkeypatch):
    def fail(*_):
        raise RuntimeError("can't allocate memory: you tried to allocate 9 bytes")

    monkeypatch.setattr("microgesture.training.learner.split_batch", fail)
    for ahead in (0, 1):
        with pytest.raises(BadInput, match=r"not enough memory .*micro_batch"):
            run(clips, {**GIVEN, "batches_ahead": ahead})


def test_last_batch(clips):
    """21 clips in batches of 8: the last one has 5."""
    given = {**GIVEN, "batch_size": 8, "epochs": 1, "checkpoint": "last"}
    results = {
        last: run(clips, {**given, "last_batch": last})[2]
        for last in ("short", "weighted", "dropped")
    }
    rates = {last: result.rows[0]["learning_rate"] for last, result in results.items()}
    assert rates["short"] == rates["weighted"] and rates["dropped"] > rates["short"]
    losses = [result.rows[0]["loss"] for result in results.values()]
    assert losses[0] == losses[1] != losses[2]  # the curve shows the mean over steps
    name = "network.classifier.weight"
    assert not torch.equal(results["short"].weights[name], results["weighted"].weights[name])
    with pytest.raises(BadInput, match=r"an epoch has 21 clips and batch_size is 32; .*short"):
        run(clips, {**given, "last_batch": "dropped", "batch_size": 32})
