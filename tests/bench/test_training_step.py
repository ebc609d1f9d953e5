"""The timed step is the training loop's, on inputs of the shapes that the page names."""

import dataclasses

import numpy as np
import pytest

from bench.recognisers import input_shapes, read_entries
from bench.training_step import FEWEST, MOST, made_clips, time_step
from microgesture.datasets.samples import EpochBatches, make_loader
from microgesture.provenance.hardware import cpu_has_bf16
from microgesture.training.inputs import Inputs, make_samples

ENTRIES = read_entries()
TINY = {"base_channels": 8, "num_stages": 2}


def smaller(name, **settings):
    entry = ENTRIES[name]
    return dataclasses.replace(entry, settings={**entry.settings, **settings})


@pytest.mark.parametrize(("budget", "steps"), [(0.0, FEWEST), (1e9, MOST)])
def test_steps_are_timed_within_their_budget(budget, steps):
    entry = smaller("st_gcn_pp", frames=8, model_options=TINY)
    taken = time_step(entry, budget=budget)
    assert taken.steps == steps
    assert taken.precision == ("bf16" if cpu_has_bf16() else "float32")
    assert 0 < taken.seconds < 60
    assert 0 < taken.core < 1.5


def test_precision_is_the_settings():
    entry = smaller("st_gcn_pp", frames=8, model_options=TINY, precision="float32")
    assert time_step(entry, budget=0.0).precision == "float32"


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("hypergraph_transformer", {"frames": 6}),
        ("semantic_limb", {"frames": 4, "size": 16}),
        ("rgbpose_fusion", {"frames": 8, "rgb_frames": 2, "size": 16, "rgb_size": 64}),
    ],
)
def test_inputs_have_the_shapes_of_the_page(name, settings):
    entry = smaller(name, **settings)
    with made_clips(entry) as clips:
        samples = make_samples(clips, entry.streams, entry.complete, training=True)
        (batch,) = make_loader(samples, EpochBatches(np.arange(len(clips)), entry.batch))
        inputs = Inputs(entry.streams, clips, entry.complete)(batch, training=True)
    assert [tuple(x.shape) for x in inputs] == [(entry.batch, *s) for s in input_shapes(entry)]
    assert all(x.abs().max() > 0 for x in inputs)
