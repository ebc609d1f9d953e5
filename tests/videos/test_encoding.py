import av
import numpy as np
import pytest

from microgesture.provenance.errors import BadInput
from microgesture.videos.encoding import write_video


def moving(count, height=48, width=64):
    """A bright square that moves two pixels a frame over a ramp."""
    ramp = np.tile(np.linspace(20, 120, width).astype(np.uint8)[None, :, None], (height, 1, 3))
    for number in range(count):
        frame = ramp.copy()
        left = (2 * number) % (width - 16)
        frame[16:32, left : left + 16] = (230, 200, 40)
        yield frame


def read(path):
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames = [
            (f.to_ndarray(format="rgb24"), f.key_frame, f.time) for f in container.decode(stream)
        ]
        return stream, frames


def test_frames_come_back_in_number_order_and_colour(tmp_path):
    path = tmp_path / "a.mp4"
    assert write_video(path, moving(70), 15.0, crf=18) == 70
    stream, frames = read(path)
    assert len(frames) == 70
    assert stream.codec_context.name == "h264"
    assert stream.codec_context.pix_fmt == "yuv420p"
    assert float(stream.average_rate) == 15.0
    for (image, _, _), original in zip(frames, moving(70)):
        assert np.abs(image.astype(int) - original).mean() < 4
    np.testing.assert_allclose([time for _, _, time in frames], np.arange(70) / 15, atol=1e-3)


def test_a_key_frame_every_two_seconds(tmp_path):
    write_video(tmp_path / "a.mp4", moving(70), 15.0)
    _, frames = read(tmp_path / "a.mp4")
    assert [n for n, (_, key, _) in enumerate(frames) if key] == [0, 30, 60]


def test_identical_bytes_and_smaller_files_for_larger_crf(tmp_path):
    for name, crf in (("a", 26), ("b", 26), ("c", 40)):
        write_video(tmp_path / f"{name}.mp4", moving(30), 15.0, crf=crf)
    a, b, c = ((tmp_path / f"{name}.mp4").read_bytes() for name in "abc")
    assert a == b
    assert len(c) < len(a)


@pytest.mark.parametrize("fps", [29.97, 30000 / 1001, 12.5])
def test_fractional_rates(tmp_path, fps):
    write_video(tmp_path / "a.mp4", moving(10), fps)
    stream, _ = read(tmp_path / "a.mp4")
    assert float(stream.average_rate) == pytest.approx(fps, rel=1e-4)


def test_bad_frames_leave_no_file(tmp_path):
    path = tmp_path / "a.mp4"
    with pytest.raises(BadInput, match="at least one frame"):
        write_video(path, [], 15.0)
    with pytest.raises(BadInput, match="even height and width"):
        write_video(path, [np.zeros((47, 64, 3), np.uint8)], 15.0)
    with pytest.raises(BadInput, match="frame 1 has shape"):
        write_video(path, [np.zeros((48, 64, 3), np.uint8), np.zeros((48, 32, 3), np.uint8)], 15.0)
    with pytest.raises(BadInput, match="float64"):
        write_video(path, [np.zeros((48, 64, 3))], 15.0)
    assert list(tmp_path.iterdir()) == []


def test_a_failing_source_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.mp4"
    write_video(path, moving(5), 15.0)
    before = path.read_bytes()

    def broken():
        yield from moving(3)
        raise RuntimeError("camera unplugged")

    with pytest.raises(RuntimeError):
        write_video(path, broken(), 15.0)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
