"""Bundles whose digests fit, but whose files say what no bundle says: made by hand, or in bad faith."""

import json
import zipfile

import numpy as np
import pytest
from safetensors.numpy import save_file

from microgesture.bundles.inside import check_arrays, check_weights, read_plain_yaml
from microgesture.bundles.reading import read_bundle
from microgesture.provenance.errors import BadInput
from tests.bundles.damage import edited, replaced, seal
from tests.bundles.made_run import copied_bundle


@pytest.fixture
def folder(tmp_path):
    return copied_bundle(tmp_path)


TEXTS = {
    "a gap in the labels": ("labels.tsv", "2\tlegs", "3\tlegs", "the number 2 is missing"),
    "a label twice": ("labels.tsv", "2\tlegs", "1\tlegs", "'1' stands in more than one row"),
    "no name": ("labels.tsv", "\tlegs\t", "\t\t", "the class has no name"),
    "no column of names": ("labels.tsv", "\tname\t", "\tnames\t", "name: the column is missing"),
    "counts that are none": ("priors.tsv", "\t9", "\t-9", "one row for each of the 3 classes"),
    "counts of other classes": ("priors.tsv", "2\t6", "3\t6", "one row for each of the 3 classes"),
    "no row of the vote": ("vote.tsv", "(vote)", "vote", "is no vote"),
    "another kind of vote": ("vote.tsv", "log_linear", "majority", "is no vote"),
    "a correction beyond 1": ("vote.tsv", "\t0.5\t", "\t1.5\t", "is no vote"),
    "an unknown key": ("settings.yaml", "frames_per_clip:", "frames_in_clip:",
                       "settings.yaml: decode_rgb: 'frames_in_clip' is no known key; did you mean "
                       "'frames_per_clip'"),
    "an unknown section": ("settings.yaml", "decode_rgb:", "decode_rbg:", "'decode_rbg' is no known"),
    "a section that no bundle has": ("settings.yaml", "decode_rgb:", "import_weights:",
                                     "'import_weights' is no known key"),
    "a wrong type": ("settings.yaml", "size: 256", "size: big", "'big' is not of type 'integer'"),
    "a model that is not here": ("settings.yaml", "model: st_gcn_pp", "model: os.system",
                                 "'os.system' is not a choice"),
    "no layout": ("settings.yaml", "layout: coco17\n", "", "'layout' is a required property"),
    "a layout file elsewhere": ("settings.yaml", "layout: coco17", "layout: /tmp/mine.yaml",
                                "layout: '/tmp/mine.yaml' reaches beyond the bundle"),
    "a layout file that is not there": ("settings.yaml", "layout: coco17", "layout: layout.yaml",
                                        "layout: layout.yaml is not in the bundle"),
    "a pose model elsewhere": ("settings.yaml", "pose/demo_wholebody.py", "/tmp/evil.py",
                               "config: '/tmp/evil.py' reaches beyond the bundle"),
    "a pose model above": ("settings.yaml", "pose/demo_wholebody.py", "pose/../../evil.py",
                           "reaches beyond the bundle"),
    "a pose model that is not there": ("settings.yaml", "pose/demo_wholebody.py", "pose/other.py",
                                       "pose/other.py is not in the bundle"),
    "trust asked for by itself": ("settings.yaml", "estimator: mmpose",
                                  "estimator: mmpose\n  trust_config: true",
                                  "trust_config: 'True' reaches beyond the bundle"),
    "first weights elsewhere": ("settings.yaml", "model: st_gcn_pp",
                                "model: st_gcn_pp\n    initial_weights: /tmp/a",
                                "initial_weights: '/tmp/a' reaches beyond the bundle"),
    "settings that are no YAML": ("settings.yaml", "layout: coco17", "layout: [", "readable YAML"),
    "settings with an object": ("settings.yaml", "layout: coco17",
                                "layout: !!python/object/apply:os.getcwd []", "readable YAML"),
    "settings with an alias": ("settings.yaml", "layout: coco17", "layout: &a coco17\nb: *a",
                               "holds an alias"),
    "metadata that are none": ("members/joint/model.json", "{", "[", "is damaged"),
    "metadata without a model": ("members/joint/model.json", '"model"', '"modell"',
                                 "does not say model"),
    "a network that is no file": ("members/joint/model.json", '"model": "st_gcn_pp"',
                                  '"model": "..demo.render"', "names the network '..demo.render'"),
    "other labels": ("members/joint/model.json", '"arms"', '"tails"', "trained on other labels"),
    "another layout": ("members/bone/model.json", '"layout": "coco17"', '"layout": "h68"',
                       "trained on the layout h68, the bundle's settings say coco17"),
    "a config with code": ("pose/demo_wholebody.py", 'default_scope =',
                           'import os\ndefault_scope =', "import `import os`"),
    "a config on another": ("pose/demo_wholebody.py", 'default_scope =',
                            '_base_ = "/etc/passwd"\ndefault_scope =', "it is based on other files"),
}  # fmt: skip


@pytest.mark.parametrize("case", TEXTS)
def test_texts(folder, case):
    name, old, new, said = TEXTS[case]
    edited(folder, name, replaced(old, new))
    with pytest.raises(BadInput) as error:
        read_bundle(folder)
    assert said in str(error.value)
    assert f"{folder}/{name}" in str(error.value)


def test_settings_that_are_a_list(folder):
    edited(folder, "settings.yaml", lambda _: "- layout\n")
    with pytest.raises(BadInput, match=r"settings.yaml: holds no settings"):
        read_bundle(folder)


def test_a_small_file_that_would_be_a_huge_one(tmp_path):
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)]
    (tmp_path / "bomb.yaml").write_text("\n".join(lines))
    with pytest.raises(BadInput, match="holds an alias"):
        read_plain_yaml(tmp_path / "bomb.yaml")
    (tmp_path / "deep.yaml").write_text("[" * 400_000)
    with pytest.raises(BadInput, match="nested deeper than any settings"):
        read_plain_yaml(tmp_path / "deep.yaml")
    (tmp_path / "long.yaml").write_bytes(b"#" * (5 * 2**20))
    with pytest.raises(BadInput, match="5242880 bytes, which no bundle needs"):
        read_plain_yaml(tmp_path / "long.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"name: N\xe4cken")
    with pytest.raises(BadInput, match="no UTF-8 text"):
        read_plain_yaml(tmp_path / "latin.yaml")


@pytest.mark.parametrize(
    "name", ["members/bone/model.safetensors", "pose/demo_wholebody.safetensors"]
)
def test_weights_that_are_none(folder, name):
    path = folder / name
    raw = path.read_bytes()
    for content in (b"", raw[:100], raw[:-1], b"\x80\x04\x95" + raw):
        path.write_bytes(content)
        seal(folder)
        with pytest.raises(BadInput, match=f"{name}: is no readable safetensors file"):
            read_bundle(folder)


def test_headers_that_lie(tmp_path):
    """A tensor that would lie beyond the file, and a header longer than the file."""
    header = json.dumps({"w": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}).encode()
    for raw in (
        len(header).to_bytes(8, "little") + header + bytes(8),
        (2**40).to_bytes(8, "little") + header,
    ):
        (tmp_path / "w.safetensors").write_bytes(raw)
        with pytest.raises(BadInput, match="no readable safetensors"):
            check_weights(tmp_path / "w.safetensors")
    save_file({}, tmp_path / "w.safetensors")
    with pytest.raises(BadInput, match="holds no tensor"):
        check_weights(tmp_path / "w.safetensors")
    save_file({"w": np.ones(3)}, tmp_path / "w.safetensors")
    check_weights(tmp_path / "w.safetensors")


class Hostile:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_arrays_with_objects_are_refused_and_not_opened(folder, tmp_path):
    trace = tmp_path / "trace"
    array = np.array([Hostile(trace)], dtype=object)
    np.savez(folder / "segmenter" / "heads.npz", weight=np.ones(2), other=array)
    seal(folder)
    with pytest.raises(BadInput, match=r"heads.npz: other.npy holds Python objects"):
        read_bundle(folder)
    assert not trace.exists()


def test_arrays_that_are_none(folder):
    path = folder / "segmenter" / "heads.npz"
    raw = path.read_bytes()
    for content in (b"", raw[:60], b"PK\x03\x04"):
        path.write_bytes(content)
        with pytest.raises(BadInput, match="no readable npz file"):
            check_arrays(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("weight.npy", b"no array")
    with pytest.raises(BadInput, match="no readable npz file"):
        check_arrays(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("weight.npy", bytes(200 * 2**20))
    with pytest.raises(BadInput, match="would grow to 209715200 bytes"):
        check_arrays(path)
