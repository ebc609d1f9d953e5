import json
import zipfile
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from microgesture.provenance.errors import BadInput
from microgesture.segments.segmenter import load_segmenter, steps_of, without_learning
from tests.segments.small_world import CLASSES, TEMPERATURES, small_world
from tests.segments.test_fitting import fitted, found_in, whole, world


@pytest.fixture(scope="module")
def temporal():
    return fitted(world(), temporal="always", decoder="viterbi")


@pytest.fixture
def files(tmp_path):
    paths = tmp_path / "heads.npz", tmp_path / "segmenter.json"
    whole().save(*paths)
    return paths


@pytest.mark.parametrize("kind", ["learned", "temporal", "unlearned"])
def test_saved_and_loaded_it_finds_the_same_segments(tmp_path, temporal, kind):
    one = {"learned": whole(), "temporal": temporal}.get(kind) or fitted(world(), ("val",))
    paths = tmp_path / "heads.npz", tmp_path / "segmenter.json"
    one.save(*paths)
    again = load_segmenter(*paths)
    videos = world().part("test")
    for video, said in videos.items():
        np.testing.assert_array_equal(
            again.frame_probabilities(said), one.frame_probabilities(said), err_msg=video
        )
    pd.testing.assert_frame_equal(found_in(again, videos), found_in(one, videos))
    assert again.tried == one.tried and again.reject == one.reject
    assert again.members == tuple(TEMPERATURES) and again.num_classes == CLASSES
    raw = [path.read_bytes() for path in paths]
    again.save(*paths)
    assert [path.read_bytes() for path in paths] == raw


def test_no_file_holds_a_pickle(tmp_path, temporal):
    temporal.save(tmp_path / "heads.npz", tmp_path / "segmenter.json")
    with np.load(tmp_path / "heads.npz", allow_pickle=False) as file:
        kinds = {name: file[name].dtype for name in file}
    assert kinds and all(kind.kind in "fi" for kind in kinds.values())
    with zipfile.ZipFile(tmp_path / "heads.npz") as archive:
        for name in archive.namelist():
            assert archive.read(name)[:6] == b"\x93NUMPY"
    facts = json.loads((tmp_path / "segmenter.json").read_text(encoding="utf-8"))
    assert facts["format"] == "microgesture segmenter" and facts["version"] == 1


def rewritten(path, **changes):
    facts = {**json.loads(path.read_text(encoding="utf-8")), **changes}
    path.write_text(json.dumps(facts), encoding="utf-8")


def test_a_newer_version_is_called_that(files):
    rewritten(files[1], version=2)
    with pytest.raises(BadInput) as error:
        load_segmenter(*files)
    assert str(error.value) == (
        f"{files[1]}: version 2 was written by a newer microgesture than this one, which reads up "
        "to 1; update it"
    )


def cut(heads, settings):
    heads.write_bytes(heads.read_bytes()[:-200])


def empty(heads, settings):
    heads.write_bytes(b"")


def pickled(heads, settings):
    np.savez(heads, temperatures=np.array([{}], dtype=object))


def lone_array(heads, settings):
    with open(heads, "wb") as file:
        np.save(file, np.ones(3))


def bit_flipped(heads, settings):
    raw = bytearray(heads.read_bytes())
    raw[300] ^= 0xFF
    heads.write_bytes(raw)


def without_a_head(heads, settings):
    with np.load(heads) as file:
        arrays = {name: file[name] for name in file if not name.endswith("/bias")}
    np.savez(heads, **arrays)


def gone(heads, settings):
    heads.unlink()


DAMAGES = {
    "cut": cut,
    "empty": empty,
    "pickled": pickled,
    "a lone array": lone_array,
    "a flipped byte": bit_flipped,
    "without a head": without_a_head,
    "gone": gone,
    "another format": lambda heads, settings: rewritten(settings, format="recipe"),
    "a key is missing": lambda heads, settings: settings.write_text('{"version": 1}'),
    "no json": lambda heads, settings: settings.write_text("{"),
    "a list": lambda heads, settings: settings.write_text("[]"),
    "no text": lambda heads, settings: settings.write_bytes(b"\xff\xfe"),
    "a scale of other numbers": lambda heads, settings: rewritten(settings, scale={"tilt": 1}),
    "a version that is none": lambda heads, settings: rewritten(settings, version="new"),
    "a network that is not there": lambda heads, settings: rewritten(settings, network={}),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_files_are_named(files, damage):
    DAMAGES[damage](*files)
    with pytest.raises(BadInput) as error:
        load_segmenter(*files)
    message = str(error.value)
    assert message.startswith(f"{files[1]}, {files[0]}: are no segmenter")
    assert "make them again with fit_segmenter" in message


def test_other_members_and_other_windows_are_named():
    said = world().videos["test0"]
    with pytest.raises(BadInput, match="members joint, rgb; rgb did not look at the windows"):
        whole().frame_probabilities({"joint": said["joint"]})
    other = small_world({"test": 30.0}).videos["test0"]
    with pytest.raises(BadInput, match="rgb and joint looked at other windows"):
        whole().frame_probabilities({**said, "rgb": other["rgb"]})


def test_windows_of_another_length_are_named():
    said = {
        name: replace(one, windows=one.windows.assign(length=one.windows["length"] + 1))
        for name, one in world().videos["test0"].items()
    }
    with pytest.raises(BadInput, match=r"heads only for \[800, 1600\]"):
        whole().frame_probabilities(said)


def test_without_learning_by_hand():
    logits = np.log([[[0.5, 0.3, 0.2]], [[0.1, 0.8, 0.1]]])
    found = without_learning(logits, np.ones(2))
    np.testing.assert_allclose(found, [[0.3, 0.55, 0.15, 0.0]])
    # A temperature of 2 is the square root of the odds: 4 to 1 becomes 2 to 1.
    found = without_learning(np.log([[[0.8, 0.2]]]), np.array([2.0]))
    np.testing.assert_allclose(found, [[2 / 3, 1 / 3, 0]])


def test_steps_are_seconds():
    assert [steps_of(fps, 0.27) for fps in (15, 30, 60, 1)] == [4, 8, 16, 1]


def test_an_uncertain_segment_is_one_below_the_threshold():
    video = {"v": np.tile([0.9, 0.05, 0.02, 0.03], (40, 1))}
    given = {"fps": {"v": 15.0}, "present": {"v": np.ones(40, bool)}}
    plain = replace(whole(), decoder="threshold", settings={"threshold": None})
    table, labels = plain.segments(video, **given)
    assert table[["video", "start", "end", "label", "second"]].values.tolist() == [
        ["v", 0, 39, 0, 1]
    ]
    assert labels["v"].tolist() == [0] * 40
    confidence = float(table["confidence"].iloc[0])
    assert confidence == pytest.approx(float(plain.scale(np.array([0.9]))[0]))
    for reject, word in ((confidence, "no"), (confidence + 1e-9, "yes")):
        table, _ = replace(plain, reject=reject).segments(video, **given)
        assert table["uncertain"].tolist() == [word]


def test_no_video_is_an_empty_table_with_all_columns():
    table, labels = whole().segments({}, fps={}, present={})
    known, _ = whole().segments(
        {"v": np.tile([0.0, 0, 0, 1], (30, 1))}, fps={"v": 15.0}, present={"v": np.ones(30, bool)}
    )
    assert labels == {} and len(table) == len(known) == 0
    assert table.columns.tolist() == known.columns.tolist()
