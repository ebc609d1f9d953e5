import pandas as pd
import pytest

from microgesture.bundles.reading import read_bundle
from microgesture.bundles.settings import kept_settings
from microgesture.provenance.errors import BadInput
from scripts.bundle import bundle
from tests.bundles.small_bundle import MODALITIES, TABLE, configuration, write_member, write_vote


@pytest.fixture
def given(tmp_path):
    """Two members, their vote, and the clips that they were trained on."""
    members = {name: write_member(tmp_path / "members", name) for name in MODALITIES}
    rows = [("a", "ann", "train", 0)] * 3 + [("a", "ann", "train", 1), ("b", "bob", "val", 2)]
    rows += [("c", "cay", "test", -1)]
    clips = pd.DataFrame(rows, columns=["video", "subject", "split", "label"])
    clips.to_parquet(tmp_path / "clips.parquet")
    rows = [("a", 25.0, 640, 480, "ok"), ("c", 50.0, 320, 240, "ok")]
    videos = pd.DataFrame(rows, columns=["video", "fps", "width", "height", "status"])
    videos.to_parquet(tmp_path / "videos.parquet")
    vote = write_vote(tmp_path / "vote.tsv", tuple(MODALITIES))
    files = [
        members,
        str(vote),
        str(tmp_path / "clips.parquet"),
        [str(tmp_path / "videos.parquet")],
    ]
    named = {"settings": configuration(), "labels": TABLE.values.tolist(), "title": "Three limbs"}
    return files, named


def test_the_bundle_of_a_run(given, tmp_path):
    files, named = given
    bundle(*files, str(tmp_path / "bundle"), **named, commit="abc")
    found = read_bundle(tmp_path / "bundle")
    assert list(found.members) == ["joint", "rgb"]
    assert found.counts.tolist() == [3, 1, 0]  # training clips alone
    assert found.labels.values.tolist() == TABLE.values.tolist()
    assert found.manifest["name"] == "Three limbs" and found.manifest["commit"] == "abc"
    assert found.segmenter is None and found.scores is None
    assert set(found.settings) == set(kept_settings(named["settings"])[0])
    card = (tmp_path / "bundle" / "README.md").read_text(encoding="utf-8")
    assert "640 x 480" in card and "320 x 240" not in card  # of training videos
    assert not {"ann", "bob", "cay"} & set(card.split())  # nobody is named


def test_a_vote_of_other_members_is_refused(given, tmp_path):
    (members, *others), named = given
    with pytest.raises(BadInput, match="holds the members joint, rgb, the bundle shall have joint"):
        bundle({"joint": members["joint"]}, *others, str(tmp_path / "bundle"), **named)
    assert not (tmp_path / "bundle").exists()
