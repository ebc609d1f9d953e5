import json
import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from microgesture.bundles import reading
from microgesture.bundles.reading import other_packages, read_bundle
from microgesture.provenance.errors import BadInput
from tests.bundles.damage import edited, flipped, manifest_with, replaced, seal
from tests.bundles.made_run import MEMBERS, ROWS, copied_bundle, shared_run


@pytest.fixture
def folder(tmp_path):
    return copied_bundle(tmp_path)


def test_all_that_was_written_is_read(folder):
    run, bundle = shared_run(), read_bundle(folder)
    assert bundle.labels.values.tolist() == ROWS and bundle.labels["label"].dtype == "int64"
    assert list(bundle.members) == list(MEMBERS)
    for name, (checkpoint, metadata) in bundle.members.items():
        made = [Path(path) for path in run.members[name]]
        assert checkpoint.read_bytes() == made[0].read_bytes()
        assert json.loads(metadata.read_text()) == json.loads(made[1].read_text())
    # a, b and c have seven training clips each, of the classes 0 1 2 0 1 2 0
    assert bundle.counts.tolist() == [9, 6, 6] and bundle.counts.dtype == np.int64
    assert bundle.segmenter == folder / "segmenter"
    assert np.load(bundle.segmenter / "heads.npz")["weight"].shape == (2, 3)
    assert bundle.scores is None and bundle.facts is None
    assert bundle.manifest["name"] == "Three limbs" and bundle.manifest["commit"] == "abc"
    assert bundle.settings["modalities"]["bone"]["frames"] == 8
    assert bundle.settings["decode_rgb"] == run.config["decode_rgb"]


def test_members_in_the_votes_order(folder):
    assert list(read_bundle(folder, ["bone", "joint"]).members) == ["joint", "bone"]
    assert list(read_bundle(folder, ["bone"]).members) == ["bone"]
    with pytest.raises(
        BadInput, match=r"'bones'; did you mean 'bone'\? the bundle has joint, bone"
    ):
        read_bundle(folder, ["joint", "bones"])
    with pytest.raises(BadInput, match="no member was asked for; the bundle has joint, bone"):
        read_bundle(folder, [])


def test_a_bundle_knows_itself_wherever_it_lies(folder, tmp_path):
    first = read_bundle(folder)
    shutil.move(folder, tmp_path / "elsewhere")
    second = read_bundle(tmp_path / "elsewhere")
    assert first.digest == second.digest and len(first.digest) == 64
    for key in ("config", "checkpoint"):
        path = second.settings["extract_keypoints"][key]
        assert path.startswith(f"{tmp_path}/elsewhere/pose/") and os.path.isfile(path)


def test_what_file_managers_leave_is_no_part_of_it(folder):
    before = read_bundle(folder).digest
    (folder / ".DS_Store").write_bytes(b"x")
    (folder / "members" / "._joint").write_bytes(b"x")
    (folder / ".snakemake_timestamp").touch()
    assert read_bundle(folder).digest == before


@pytest.mark.parametrize("name", ["members/joint/model.safetensors", "priors.tsv", "README.md"])
def test_one_changed_bit(folder, name):
    flipped(folder, name)
    with pytest.raises(BadInput, match=f"mine/{name}: was changed"):
        read_bundle(folder)
    if name == "README.md":
        assert read_bundle(folder, content=False)  # sizes alone


def test_everything_that_is_wrong_with_the_files_is_told_at_once(folder):
    (folder / "vote.tsv").unlink()
    (folder / "notes.txt").write_text("mine")
    (folder / "labels.tsv").write_text("label\tname\n")
    os.symlink("/etc/passwd", folder / "segmenter" / "more.json")
    with pytest.raises(BadInput) as error:
        read_bundle(folder, content=False)
    said = str(error.value)
    assert said.startswith("4 problems in the bundle:")
    assert "vote.tsv: is missing" in said
    assert "notes.txt: does not belong to the bundle" in said
    assert "labels.tsv: has 11 bytes" in said and "cut short or changed" in said
    assert "more.json: is a symbolic link" in said


def test_a_linked_folder_is_not_followed(folder, tmp_path):
    shutil.move(folder / "members" / "bone", tmp_path / "bone")
    (folder / "members" / "bone").symlink_to(tmp_path / "bone")
    with pytest.raises(BadInput, match="members/bone: is a symbolic link"):
        read_bundle(folder)


def test_a_file_with_a_link_of_its_name(folder, tmp_path):
    shutil.move(folder / "vote.tsv", tmp_path / "vote.tsv")
    (folder / "vote.tsv").symlink_to(tmp_path / "vote.tsv")
    with pytest.raises(BadInput, match=r"1 problem.*\n.*vote.tsv: is a symbolic link"):
        read_bundle(folder)


def test_not_a_bundle(folder, tmp_path):
    with pytest.raises(BadInput, match="nowhere: there is no such folder or file"):
        read_bundle(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match=r"empty: is no bundle: it has no bundle.json"):
        read_bundle(tmp_path / "empty")
    with pytest.raises(BadInput, match="format None"):
        read_bundle(manifest_with(folder, format=None))
    (folder / "bundle.json").write_text("[1]")
    with pytest.raises(BadInput, match="format None"):
        read_bundle(folder)
    (folder / "bundle.json").write_text('{"format": ')
    with pytest.raises(BadInput, match=r"bundle.json: is damaged"):
        read_bundle(folder)
    (folder / "bundle.json").write_text("[" * 100_000)
    with pytest.raises(BadInput, match=r"bundle.json: is damaged"):
        read_bundle(folder)


@pytest.mark.parametrize("version", [2, 17])
def test_a_newer_version(folder, version):
    with pytest.raises(BadInput, match=f"newer microgesture .version {version}.*update"):
        read_bundle(manifest_with(folder, version=version))


@pytest.mark.parametrize("version", [0, -1, "1", None, True, 1.5])
def test_no_version(folder, version):
    with pytest.raises(BadInput, match="has no version of bundles"):
        read_bundle(manifest_with(folder, version=version))


def test_a_manifest_with_files_that_no_bundle_has(folder):
    path = folder / "bundle.json"
    files = json.loads(path.read_text())["files"]
    entry = {"sha256": "0" * 64, "bytes": 1}
    with pytest.raises(BadInput) as error:
        read_bundle(
            manifest_with(
                folder, files={**files, "../../etc/passwd": entry, "members/joint/model.pth": entry}
            )
        )
    assert "'../../etc/passwd' is no file of a bundle" in str(error.value)
    assert "'members/joint/model.pth' is no file of a bundle" in str(error.value)
    del files["members/bone/model.json"], files["vote.tsv"]
    with pytest.raises(BadInput) as error:
        read_bundle(manifest_with(folder, files=files))
    assert "'members/bone/model.json' is not among its files" in str(error.value)
    assert "'vote.tsv' is not among its files" in str(error.value)
    for files in (None, [], {"vote.tsv": 3}, {"vote.tsv": {"bytes": "3", "sha256": ""}}):
        with pytest.raises(BadInput, match="does not say sha256 and bytes"):
            read_bundle(manifest_with(folder, files=files))


def test_a_member_of_the_vote_that_is_not_there(folder):
    shutil.rmtree(folder / "members" / "bone")
    seal(folder)
    with pytest.raises(BadInput, match="votes with joint, bone, the bundle has joint;"):
        read_bundle(folder)


def test_another_layout(folder, tmp_path):
    assert read_bundle(folder, layout="coco17")
    with pytest.raises(BadInput, match="made for the layout coco17, and h68 was asked for"):
        read_bundle(folder, layout="h68")


def test_other_versions_of_packages_are_told(folder):
    bundle = read_bundle(folder)
    assert other_packages(bundle) == []
    bundle.manifest["packages"]["torch"] = "1.0.0"
    (told,) = other_packages(bundle)
    assert told.startswith("torch 1.0.0 -> 2.")


def test_scores_and_facts(folder):
    (folder / "scores.tsv").write_text("system\ttop1\nensemble\t0.5\n")
    (folder / "facts.yaml").write_text(yaml.safe_dump({"Seed": 0}))
    seal(folder)
    bundle = read_bundle(folder)
    assert bundle.facts == {"Seed": 0}
    pd.testing.assert_frame_equal(
        bundle.scores, pd.DataFrame({"system": ["ensemble"], "top1": 0.5})
    )


def test_the_command_says_whether_it_is_whole(folder, capsys):
    assert reading.main([str(folder)]) == 0
    said = capsys.readouterr().out
    assert f"mine: whole ({read_bundle(folder).digest})" in said
    assert "Three limbs, made " in said and "members: joint, bone" in said
    edited(folder, "README.md", replaced("Three", "Four"), sealed=False)
    assert reading.main([str(folder)]) == 1
    assert "README.md" in capsys.readouterr().err
    assert reading.main([]) == 2
