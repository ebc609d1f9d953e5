"""What is a frame, what is refused, and that the refusal's command mends it."""

import shlex
import shutil
import subprocess
from fractions import Fraction

import av
import numpy as np
import pytest

from microgesture.provenance.errors import BadInput
from microgesture.videos.decoding import index_frames, read_frames
from microgesture.videos.numbering import number_frames
from tests.videos.made_videos import number_of, picture, write_video

needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="no ffmpeg here")


def numbers(path):
    return [number_of(frame) for _, block in read_frames(path) for frame in block]


def repaired(message):
    """The file that a refusal's command makes."""
    words = shlex.split(message[message.index(": ffmpeg ") + 2 :])
    subprocess.run([words[0], "-v", "error", "-y", *words[1:]], check=True)
    return words[-1]


def copied(source, target, *arguments, before=()):
    command = ["ffmpeg", "-v", "error", "-y", *before, "-i", source, "-c", "copy", *arguments]
    subprocess.run([*map(str, command), str(target)], check=True)
    return target


def test_time_stamps_are_the_files_own(tmp_path):
    times = np.cumsum([0] + [20, 90, 40] * 10)[:30]
    for name in ("a.mp4", "a.mkv"):
        index = index_frames(write_video(tmp_path / name, 30, times=times.tolist()))
        np.testing.assert_allclose(index.times, times / 1000, atol=1e-9)
        assert index.fps == pytest.approx(29 / (times[29] / 1000))
        assert numbers(tmp_path / name) == list(range(30))


def test_a_constant_rate_is_told_exactly(tmp_path):
    index, _ = number_frames(write_video(tmp_path / "a.mkv", 40))
    assert index.fps == 25.0 and index.unit == Fraction(1, 1000)
    np.testing.assert_allclose(index.times, np.arange(40) / 25, atol=1e-9)
    assert index.key_frames.tolist() == [12, 24, 36]


def test_checksums_tell_frames_from_each_other(tmp_path):
    index = index_frames(write_video(tmp_path / "a.mp4", 40))
    assert len(set(index.checksums.tolist())) == 40
    again, _ = number_frames(tmp_path / "a.mp4")
    np.testing.assert_array_equal(index.checksums, again.checksums)


@needs_ffmpeg
@pytest.mark.parametrize(("start", "first"), [("0.2", 5), ("0.6", 15)])
def test_frames_that_an_edit_list_hides_are_not_counted(tmp_path, start, first):
    source = write_video(tmp_path / "a.mp4", 40, gop=30)
    index = index_frames(copied(source, tmp_path / "cut.mp4", before=("-ss", start)))
    assert numbers(tmp_path / "cut.mp4") == list(range(first, 40))
    assert index.frames == 40 - first and index.times[0] == 0.0 and index.reader == "libav"


@needs_ffmpeg
@pytest.mark.parametrize("suffix", ["mkv", "mp4", "ts"])
def test_a_late_first_frame_is_healthy_and_a_players_zero(tmp_path, suffix):
    source = write_video(tmp_path / "a.mp4", 40)
    late = copied(source, tmp_path / f"late.{suffix}", "-output_ts_offset", "7.5")
    index = index_frames(late)
    assert index.frames == 40 and index.fps == 25.0
    np.testing.assert_allclose(np.diff(index.times), 0.04, atol=1e-9)
    # mp4 notes the wait as an empty edit, which players sit through
    assert index.times[0] == pytest.approx(7.5 if suffix == "mp4" and index.origin == 0 else 0)


@needs_ffmpeg
def test_without_time_stamps_frames_are_counted(tmp_path):
    source = write_video(tmp_path / "a.mp4", 40)
    raw = copied(source, tmp_path / "a.h264", "-f", "h264")
    index = index_frames(raw)
    assert not index.stamped and index.fps == 25.0
    np.testing.assert_allclose(index.times, np.arange(40) / 25)
    assert numbers(raw) == list(range(40))


@needs_ffmpeg
def test_time_stamps_that_step_back_are_refused_and_mended(tmp_path):
    source = write_video(tmp_path / "a.mp4", 40)
    once = copied(source, tmp_path / "a.ts").read_bytes()
    twice = tmp_path / "two recordings.ts"
    twice.write_bytes(once + once)
    with pytest.raises(BadInput, match="frame 40 steps back in time") as caught:
        index_frames(twice)
    mended = repaired(str(caught.value))
    assert numbers(mended) == [*range(40), *range(40)]
    np.testing.assert_allclose(np.diff(index_frames(mended).times), 0.04, atol=1e-6)


def spoil(path, first, last):
    """Overwrite the packets `first` to `last` of a file."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        places = [(p.pos, p.size) for p in container.demux(stream) if p.size]
    data = bytearray(path.read_bytes())
    for place, size in places[first : last + 1]:
        data[place : place + size] = bytes(size)
    path.write_bytes(data)
    return path


@needs_ffmpeg
@pytest.mark.parametrize(("suffix", "codec"), [("mp4", "libx264"), ("mov", "mpeg4")])
def test_a_damaged_middle_is_refused_and_keeps_its_places_when_mended(tmp_path, suffix, codec):
    path = spoil(write_video(tmp_path / f"a.{suffix}", 48, codec=codec), 14, 15)
    with pytest.raises(BadInput, match=r"damaged .*later frames keep their numbers") as caught:
        index_frames(path)
    found = numbers(repaired(str(caught.value)))
    assert len(found) == 48
    assert found[:12] == list(range(12)) and found[24:] == list(range(24, 48))


@pytest.mark.parametrize("codec", ["libx264", "mpeg4"])
def test_a_damaged_first_picture_does_not_make_the_next_one_the_first(tmp_path, codec):
    path = spoil(write_video(tmp_path / "a.mp4", 48, codec=codec), 0, 0)
    with pytest.raises(BadInput, match=r"damaged .* (before the first frame|after frame 0)"):
        index_frames(path)


def test_a_colon_in_the_name_is_no_address(tmp_path, monkeypatch):
    write_video(tmp_path / "a.mp4", 40).rename(tmp_path / "take:1.mp4")
    monkeypatch.chdir(tmp_path)
    assert index_frames("take:1.mp4").frames == 40
    assert numbers("take:1.mp4") == list(range(40))


@needs_ffmpeg
def test_a_damaged_video_of_variable_rate_keeps_its_times_when_mended(tmp_path):
    times = np.cumsum([0] + [23, 91, 40] * 16)[:48]
    path = spoil(write_video(tmp_path / "a.mp4", 48, times=times.tolist()), 14, 14)
    with pytest.raises(BadInput, match="damaged") as caught:
        index_frames(path)
    mended = index_frames(repaired(str(caught.value)))
    # what is left shows at its time, counted from the first frame
    assert np.abs(mended.times[:, None] - times[None, 24:] / 1000).min(axis=0).max() < 0.002


def test_a_lost_picture_of_an_avi_file_is_noticed(tmp_path):
    path = write_video(tmp_path / "a.avi", 40, codec="mpeg4")
    data = bytearray(path.read_bytes())
    with av.open(str(path)) as container:
        entry = container.streams.video[0].index_entries[20]
    data[entry.pos : entry.pos + entry.size] = bytes(entry.size)
    path.write_bytes(data)
    with pytest.raises(BadInput, match=r"index lists 40 frames, 39 can be found.*: ffmpeg -i"):
        index_frames(path)


@needs_ffmpeg
def test_pictures_missing_from_a_constant_rate_are_noticed_where_formats_lose_them(tmp_path):
    path = write_video(tmp_path / "a.wmv", 40, codec="wmv2")
    assert index_frames(path).frames == 40
    gap = tmp_path / "gap.wmv"
    with av.open(str(path)) as source, av.open(str(gap), "w") as target:
        stream = source.streams.video[0]
        written = target.add_stream_from_template(stream)
        for number, packet in enumerate(source.demux(stream)):
            if packet.size and number not in (20, 21):
                packet.stream = written
                target.mux(packet)
    with pytest.raises(BadInput, match=r"pictures are missing after frame 19 .*: ffmpeg") as caught:
        index_frames(gap)
    found = numbers(repaired(str(caught.value)))
    assert len(found) == 40 and found[24:] == list(range(24, 40))


@needs_ffmpeg
def test_a_picture_that_changes_its_size_is_refused_and_mended(tmp_path):
    for name, width in (("a.h264", 96), ("b.h264", 128)):
        with av.open(str(tmp_path / name), "w", format="h264") as container:
            stream = container.add_stream("libx264", rate=25)
            stream.width, stream.height, stream.pix_fmt = width, 64, "yuv420p"
            for number in range(20):
                image = picture(number, width, 64)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
            container.mux(stream.encode())
    both = tmp_path / "both.h264"
    both.write_bytes((tmp_path / "a.h264").read_bytes() + (tmp_path / "b.h264").read_bytes())
    with pytest.raises(BadInput, match="changes its size at frame 20, to 128 x 64") as caught:
        index_frames(both)
    index = index_frames(repaired(str(caught.value)))
    assert (index.width, index.height, index.frames) == (96, 64, 40)
