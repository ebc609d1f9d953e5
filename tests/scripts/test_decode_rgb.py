import numpy as np
import pandas as pd
import pytest

from microgesture.provenance.errors import BadInput
from microgesture.stores.rgb import RgbStore
from microgesture.videos.cropping import crop_clips
from scripts.decode_rgb import decode_rgb
from tests.videos.made_videos import number_of, write_video

BOXES = ["clip", "x0", "y0", "x1", "y1"]


@pytest.fixture
def inputs(tmp_path):
    paths = [str(write_video(tmp_path / f"{name}.mp4", 40)) for name in "vw"]
    rows = [["v", paths[0], "ok"], ["w", paths[1], "ok"], ["x", "lost.mp4", "quarantined"]]
    videos = pd.DataFrame(rows, columns=["video", "path", "status"])
    videos.to_parquet(tmp_path / "videos.parquet")
    rows = [["a", "w", "b0", 0, 39], ["b", "v", "b0", 3, 8], ["c", "v", "b0", 5, 30]]
    rows.append(["other", "z", "b1", 0, 9])  # another batch's
    clips = pd.DataFrame(rows, columns=["clip", "video", "batch", "start", "end"])
    clips.to_parquet(tmp_path / "clips.parquet")
    boxes = pd.DataFrame([[clip, 0.0, -16.0, 96.0, 80.0] for clip in "abc"], columns=BOXES)
    boxes.to_parquet(tmp_path / "saliency.parquet")
    return tmp_path


def run(folder, settings=None, **options):
    facts, clips, saliency, rgb = (
        str(folder / name)
        for name in ("videos.parquet", "clips.parquet", "saliency.parquet", "rgb.h5")
    )
    settings = {"size": 32, "frames_per_clip": 13, **(settings or {})}
    decode_rgb(facts, clips, ["v", "w"], saliency, rgb, settings, **options)
    return RgbStore(folder / "rgb.h5")


def test_every_clip_has_its_frames(inputs):
    store = run(inputs)
    assert store.clips() == ["a", "b", "c"]
    assert store.positions("b").tolist() == [0, 1, 2, 3, 4, 5]
    assert store.positions("c").tolist() == list(range(1, 26, 2))
    assert store.read("a").shape == (13, 32, 32, 3)
    for clip, start in (("a", 0), ("b", 3), ("c", 5)):
        numbers = [number_of(frame) for frame in store.read(clip)]
        np.testing.assert_array_equal(numbers, store.positions(clip) + start)


def test_the_same_input_gives_the_same_bytes(inputs):
    run(inputs)
    first = (inputs / "rgb.h5").read_bytes()
    run(inputs)
    assert (inputs / "rgb.h5").read_bytes() == first


def test_a_clip_without_a_box_is_named(inputs):
    boxes = pd.read_parquet(inputs / "saliency.parquet")
    boxes[boxes["clip"] != "c"].to_parquet(inputs / "saliency.parquet")
    with pytest.raises(BadInput, match="no row for clip 'c'"):
        run(inputs)


def test_a_video_that_ends_too_early_is_named(inputs):
    clips = pd.read_parquet(inputs / "clips.parquet")
    clips.loc[0, "end"] = 80
    clips.to_parquet(inputs / "clips.parquet")
    with pytest.raises(BadInput, match=r"w\.mp4"):
        run(inputs)
    assert not (inputs / "rgb.h5").exists()


def test_a_video_that_breaks_off_costs_the_others_nothing(inputs, monkeypatch):
    run(inputs)
    undisturbed = (inputs / "rgb.h5").read_bytes()
    (inputs / "rgb.h5").unlink()
    whole = (inputs / "w.mp4").read_bytes()
    (inputs / "w.mp4").write_bytes(whole[: len(whole) // 2])
    state = inputs / "state"
    made_from = {"v": "made from v", "w": "made from half of w"}
    with pytest.raises(BadInput, match=r"w\.mp4.*\n1 of 2 are finished and kept"):
        run(inputs, state=state, made_from=made_from)
    assert not (inputs / "rgb.h5").exists() and state.exists()

    (inputs / "w.mp4").write_bytes(whole)
    decoded = []

    def counted(path, *arguments):
        decoded.append(path)
        return crop_clips(path, *arguments)

    monkeypatch.setattr("scripts.decode_rgb.crop_clips", counted)
    run(inputs, state=state, made_from=made_from | {"w": "made from w"})
    assert decoded == [str(inputs / "w.mp4")] and not state.exists()
    assert (inputs / "rgb.h5").read_bytes() == undisturbed


def test_magnified_motion_takes_the_rate_of_the_sheet_or_the_file(inputs):
    facts = pd.read_parquet(inputs / "videos.parquet").assign(fps=25.0)
    facts.to_parquet(inputs / "videos.parquet")
    plain = run(inputs).read("c")
    run(inputs, settings={"magnification": {"factor": 0, "low": 3.0, "high": 8.0}})
    np.testing.assert_array_equal(RgbStore(inputs / "rgb.h5").read("c"), plain)
    settings = {"magnification": {"factor": 4, "low": 3.0, "high": 8.0}}
    moved = run(inputs, settings=settings).read("c")
    assert (moved != plain).any()
    faster = run(inputs, settings=settings, rates={"v": 50.0}).read("c")
    assert (moved != faster).any()
    with pytest.raises(BadInput, match=r"v\.mp4: has 6 frames per second.*begins at 3 Hz"):
        run(inputs, settings=settings, rates={"v": 6.0})
