"""Finding the video that was annotated on another computer."""

import pytest

from microgesture.importers.annotations import Recording
from microgesture.importers.media_files import find_media, is_video, plain_path
from microgesture.provenance.errors import BadInput


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("file:///Users/x/my%20talk.mp4", "/Users/x/my talk.mp4"),
        ("file:///C:/Users/x/talk.mp4", "C:/Users/x/talk.mp4"),
        ("C:\\videos\\talk.mp4", "C:/videos/talk.mp4"),
        ("file:/Users/x/talk.mp4", "/Users/x/talk.mp4"),
        ("../videos/talk.mp4", "../videos/talk.mp4"),
    ],
)
def test_paths(name, path):
    assert plain_path(name) == path


def test_kinds():
    assert is_video("talk.MP4") and is_video("x", "video/mpeg")
    assert not is_video("talk.wav", "audio/x-wav")


def recording(folder, *names):
    return Recording(names, folder, "talk.eaf")


def test_order_of_the_search(tmp_path):
    for folder in ("beside", "far/deep", "other"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "talk.mp4").touch()
    found = recording(tmp_path / "beside", "file:///D:/talk.mp4", "./talk.mp4")
    assert find_media(found, []).parent.name == "beside"
    assert find_media(found, [tmp_path / "far"]).parent.name == "deep"
    absolute = recording(tmp_path / "beside", (tmp_path / "other/talk.mp4").as_uri())
    assert find_media(absolute, []).parent.name == "other"


def test_another_ending(tmp_path):
    (tmp_path / "talk.mkv").touch()
    (tmp_path / "talk.eaf").touch()
    assert find_media(recording(tmp_path, "/x/talk.wav"), []).name == "talk.mkv"


def test_links_keep_their_name(tmp_path):
    (tmp_path / "4f2a.mp4").touch()
    (tmp_path / "sheets").mkdir()
    (tmp_path / "talk.mp4").symlink_to(tmp_path / "4f2a.mp4")
    found = find_media(recording(tmp_path / "sheets", "../talk.mp4"), [])
    assert found == tmp_path / "talk.mp4"


def test_refusals(tmp_path):
    with pytest.raises(
        BadInput, match=r"talk.eaf: the video '/x/talk.mp4' is not on this computer"
    ):
        find_media(recording(tmp_path, "/x/talk.mp4"), [])
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "talk.mp4").touch()
    with pytest.raises(BadInput, match=r"may be .*a/talk.mp4 or .*b/talk.mp4"):
        find_media(recording(tmp_path, "/x/talk.mp4"), [tmp_path])
    with pytest.raises(BadInput, match="is no folder"):
        find_media(recording(tmp_path, "/x/talk.mp4"), [tmp_path / "c"])
