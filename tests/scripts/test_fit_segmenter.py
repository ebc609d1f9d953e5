import logging
from pathlib import Path

import pandas as pd
import pytest

from microgesture.segments.segmenter import load_segmenter
from microgesture.stores.windows import write_windows
from scripts.fit_segmenter import fit
from tests.bundles.small_bundle import write_vote
from tests.segments.small_world import CLASSES, FITTING, SECONDS, small_world
from tests.segments.test_fitting import found_in

SETTINGS = {**FITTING, "decoder": "viterbi"}


@pytest.fixture(scope="module")
def world():
    return small_world()


@pytest.fixture(scope="module")
def files(world, tmp_path_factory):
    """Two batches of windows of each member, an index of clips with hidden labels, a vote."""
    folder = tmp_path_factory.mktemp("files")
    windows = {}
    for member in ("joint", "rgb"):
        windows[member] = []
        for batch in range(2):
            path = folder / f"{member}_{batch}.h5"
            own = sorted(world.videos)[batch::2]
            write_windows(path, [(video, world.videos[video][member]) for video in own])
            windows[member].append(str(path))
    clips = world.clips.assign(split=world.clips["video"].map(world.splits))
    clips.loc[clips["split"] == "test", "label"] = -1
    clips.to_parquet(folder / "clips.parquet")
    write_vote(folder / "temperatures.tsv", ("joint", "rgb"))
    return folder, windows


def run(files, folder, world, name="all", members=("joint", "rgb"), splits=("train", "val")):
    inputs, windows = files
    outputs = str(folder / f"{name}.npz"), str(folder / f"{name}.json")
    learned = {video: split for video, split in world.splits.items() if split in splits}
    fit(
        {member: windows[member] for member in members},
        str(inputs / "temperatures.tsv"), str(inputs / "clips.parquet"), *outputs,
        learned, CLASSES, list(SECONDS), SETTINGS,
    )  # fmt: skip
    return load_segmenter(*outputs)


def test_it_is_fitted_from_its_files(files, world, tmp_path):
    one = run(files, tmp_path, world)
    assert one.members == ("joint", "rgb") and one.temperatures.tolist() == [1.5, 1.5]
    assert one.seconds == SECONDS and sorted(one.heads) == [800, 1600]
    assert one.decoder == "viterbi" and len(one.tried) == 1
    table = found_in(one, world.part("test"))
    assert len(table) >= 0.8 * len(world.clips_of("test"))
    run(files, tmp_path, world, "again")
    for ending in ("npz", "json"):
        assert (
            Path(tmp_path / f"all.{ending}").read_bytes()
            == Path(tmp_path / f"again.{ending}").read_bytes()
        )


def test_one_member_alone(files, world, tmp_path):
    one = run(files, tmp_path, world, members=("rgb",))
    assert one.members == ("rgb",) and one.temperatures.tolist() == [1.5]


def test_labels_of_test_videos_change_nothing(files, world, tmp_path):
    """Neither their clips nor their windows are looked at, though they lie in the same stores."""
    before = run(files, tmp_path, world)
    inputs, _ = files
    clips = pd.read_parquet(inputs / "clips.parquet")
    hidden = clips.copy()
    clips.loc[clips["split"] == "test", "label"] = 0
    clips.to_parquet(inputs / "clips.parquet")
    try:
        run(files, tmp_path, world, "told")
    finally:
        hidden.to_parquet(inputs / "clips.parquet")
    for ending in ("npz", "json"):
        assert (tmp_path / f"all.{ending}").read_bytes() == (
            tmp_path / f"told.{ending}"
        ).read_bytes()
    assert before.decoder == "viterbi"


def test_without_whole_training_videos_it_says_so(files, world, tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        one = run(files, tmp_path, world, splits=())
    assert "no training video is declared completely annotated" in caplog.text
    assert one.heads == {} and one.settings["threshold"] == 0.7
