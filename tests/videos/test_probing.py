import struct

import pytest

from microgesture.provenance.errors import BadInput
from microgesture.videos.decoding import read_frames
from microgesture.videos.probing import VideoFacts, probe
from tests.videos.made_videos import FOOTAGE, write_video


def test_facts(tmp_path):
    path = write_video(tmp_path / "a.mp4", 40)
    assert probe(path) == VideoFacts(frames=40, fps=25.0, width=96, height=64)


def test_a_video_of_one_frame(tmp_path):
    assert probe(write_video(tmp_path / "a.mp4", 1)).frames == 1


def test_a_rotation_is_applied(tmp_path):
    data = bytearray(write_video(tmp_path / "a.mp4", 10).read_bytes())
    # The transformation matrix of the track header (ISO 14496-12): a quarter turn.
    matrix = data.find(b"tkhd") + 4 + 4 + 20 + 16
    assert struct.unpack(">9i", data[matrix : matrix + 36])[0] == 1 << 16
    data[matrix : matrix + 36] = struct.pack(
        ">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 64 << 16, 0, 1 << 30
    )
    turned = tmp_path / "turned.mp4"
    turned.write_bytes(data)
    assert (probe(turned).width, probe(turned).height) == (64, 96)
    assert next(read_frames(turned))[1].shape[1:3] == (96, 64)


def test_a_variable_frame_rate_gives_the_mean(tmp_path):
    times = [0]
    for gap in [20, 100, 60] * 10:
        times.append(times[-1] + gap)
    facts = probe(write_video(tmp_path / "variable.mp4", 31, times=times))
    assert facts.frames == 31
    assert facts.fps == pytest.approx(1000 / 60, rel=0.07)


def bad_files(folder):
    whole = write_video(folder / "whole.mp4", 40).read_bytes()
    front = write_video(folder / "front.mp4", 40, options={"movflags": "faststart"}).read_bytes()
    # Cut exactly where a frame ends, which decodes without complaint.
    stream = write_video(folder / "whole.mkv", 100).read_bytes()
    (folder / "folder.mp4").mkdir()
    (folder / "empty.mp4").touch()
    (folder / "text.mp4").write_text("this is no video\n" * 50)
    (folder / "cut.mp4").write_bytes(whole[: len(whole) * 7 // 10])
    (folder / "cut_front.mp4").write_bytes(front[: len(front) * 8 // 10])
    (folder / "cut.mkv").write_bytes(stream[: len(stream) // 2])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing.mp4", "no such file"),
        ("folder.mp4", "folder"),
        ("empty.mp4", "empty"),
        ("text.mp4", "not a readable video"),
        ("cut.mp4", "not a readable video"),
        ("cut_front.mp4", r"cannot be decoded|cut short"),
        ("cut.mkv", r"cannot be decoded|cut short"),
    ],
)
def test_bad_files_get_one_clear_message(tmp_path, name, message):
    bad_files(tmp_path)
    with pytest.raises(BadInput, match=message) as caught:
        probe(tmp_path / name)
    assert str(tmp_path / name) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_mp4_cut_between_frames_is_refused(tmp_path):
    import av

    path = write_video(tmp_path / "a.mp4", 40, options={"movflags": "faststart"})
    with av.open(str(path)) as container:
        ends = sorted(e.pos + e.size for e in container.streams.video[0].index_entries)
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(path.read_bytes()[: ends[24]])
    with pytest.raises(BadInput, match=r"cut short|cannot be decoded"):
        probe(cut)


@pytest.mark.skipif(not FOOTAGE.is_dir(), reason="no real footage here")
def test_real_footage():
    assert probe(FOOTAGE / "book.mkv") == VideoFacts(109, 30.0, 640, 480)
    assert probe(FOOTAGE / "room_people_passing.mp4") == VideoFacts(1394, 10.0, 768, 432)
