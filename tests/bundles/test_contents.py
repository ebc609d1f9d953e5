import pytest

from microgesture.bundles.contents import is_known, is_left_by_others, members_in

KNOWN = [
    "README.md", "labels.tsv", "layout.yaml", "members/joint/model.safetensors",
    "members/rgb_2/model.json", "pose/rtmw-l.py", "pose/a.b.safetensors", "segmenter/heads.npz",
    "segmenter/segmenter.json",
]  # fmt: skip
UNKNOWN = [
    "", "README.md/", "readme.md", "bundle.json", "members/joint", "members/Joint/model.json",
    "members/joint/model.pth", "members/../model.json", "members/joint/x/model.json", "pose/a.pth",
    "pose/../a.py", "pose/.a.py", "pose/a/b.py", "segmenter/heads.pkl", "segmenter/.npz", "/labels.tsv",
    "labels.tsv\n", "members/joint/model.json\0",
]  # fmt: skip


def test_names():
    assert all(map(is_known, KNOWN))
    assert [name for name in UNKNOWN if is_known(name)] == []
    assert members_in(KNOWN) == ["joint", "rgb_2"]


@pytest.mark.parametrize("name", [".DS_Store", "members/._joint", "__MACOSX/a", "pose/Thumbs.db"])
def test_left_by_others(name):
    assert is_left_by_others(name)


@pytest.mark.parametrize(
    "name", ["DS_Store", "a.DS_Store", "members/joint", "x/__MACOSX/a", ".hidden"]
)
def test_not_left_by_others(name):
    assert not is_left_by_others(name)
