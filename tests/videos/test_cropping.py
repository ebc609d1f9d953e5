import cv2
import numpy as np
import pytest

from microgesture.provenance.errors import BadInput
from microgesture.videos import cropping
from microgesture.videos.cropping import ClipCrop, crop_clips, crop_square
from microgesture.videos.decoding import read_frames
from microgesture.videos.magnification import magnify
from microgesture.videos.magnification_settings import Magnification
from tests.videos.made_videos import number_of, write_video


def area_mean(patch, size):
    """Shrinking by a whole factor is the mean over blocks."""
    factor = len(patch) // size
    blocks = patch.reshape(size, factor, size, factor, 3).astype(float)
    return blocks.mean(axis=(1, 3))


def test_shrinking_averages_areas():
    frame = np.random.default_rng(0).integers(0, 256, (64, 96, 3), dtype=np.uint8)
    crop = crop_square(frame, (10.2, 4.1, 50.2, 44.1), 10)
    assert crop.shape == (10, 10, 3) and crop.dtype == np.uint8
    np.testing.assert_allclose(crop, area_mean(frame[4:44, 10:50], 10), atol=0.51)


@pytest.mark.parametrize("side", [33, 50])
def test_shrinking_by_any_ratio_is_near_the_area_mean(side):
    rough = np.random.default_rng(0).integers(0, 256, (8, 12, 3), dtype=np.uint8)
    frame = cv2.resize(rough, (96, 64), interpolation=cv2.INTER_LINEAR)
    crop = crop_square(frame, (5, 2, 5 + side, 2 + side), 20)
    exact = cv2.resize(frame[2 : 2 + side, 5 : 5 + side], (20, 20), interpolation=cv2.INTER_AREA)
    assert np.abs(crop.astype(int) - exact).mean() < 4


def test_a_crop_of_its_own_size_is_a_copy_of_the_pixels():
    frame = np.random.default_rng(0).integers(0, 256, (64, 96, 3), dtype=np.uint8)
    np.testing.assert_array_equal(crop_square(frame, (3, 5, 35, 37), 32), frame[5:37, 3:35])


@pytest.mark.parametrize("box", [(-8, -4, 24, 28), (80, 50, 112, 82), (-20, 0, 76, 96)])
def test_reaching_out_repeats_the_edge(box):
    frame = np.random.default_rng(0).integers(0, 256, (64, 96, 3), dtype=np.uint8)
    side = box[2] - box[0]
    padded = np.pad(frame, ((100, 100), (100, 100), (0, 0)), mode="edge")
    expected = padded[box[1] + 100 : box[3] + 100, box[0] + 100 : box[2] + 100]
    np.testing.assert_array_equal(crop_square(frame, box, side), expected)


def test_a_box_beside_the_frame_still_gives_a_picture():
    frame = np.zeros((64, 96, 3), dtype=np.uint8)
    frame[:, 95] = 200
    assert (crop_square(frame, (150, 10, 170, 30), 8) == 200).all()


def test_enlarging():
    frame = np.full((64, 96, 3), 77, dtype=np.uint8)
    assert (crop_square(frame, (10, 10, 20, 20), 32) == 77).all()


def test_overlapping_clips_come_from_one_pass(tmp_path, monkeypatch):
    path = write_video(tmp_path / "a.mp4", 40)
    decoded = []

    def counted(path, indices, index):
        for number, frame in original(path, indices, index):
            decoded.append(number)
            yield number, frame

    original = cropping.iterate_selected
    monkeypatch.setattr(cropping, "iterate_selected", counted)
    whole = (0.0, -16.0, 96.0, 80.0)
    clips = [
        ClipCrop("long", 0, 39, whole),
        ClipCrop("early", 2, 9, whole),
        ClipCrop("late", 5, 12, (16.0, 0.0, 80.0, 64.0)),
    ]
    found = {clip: (frames, places) for clip, frames, places in crop_clips(path, clips, 32, 10)}
    assert list(found) == ["early", "late", "long"]
    assert decoded == sorted(set(decoded))
    assert set(decoded) == set(range(2, 13)) | {2, 6, 10, 14, 18, 22, 26, 30, 34, 38}
    assert found["long"][1].tolist() == [2, 6, 10, 14, 18, 22, 26, 30, 34, 38]
    assert [number_of(frame) for frame in found["early"][0]] == list(range(2, 10))
    frames = np.concatenate([part for _, part in read_frames(path)])
    expected = area_mean(frames[7, :, 16:80], 32)
    np.testing.assert_allclose(found["late"][0][2], expected, atol=0.51)


def test_a_clip_with_magnified_motion_is_magnified_over_all_its_frames(tmp_path):
    path = write_video(tmp_path / "a.mp4", 40)
    band = Magnification(3.0, 2.0, 6.0)
    clips = [ClipCrop("long", 4, 33, (0.0, -16.0, 96.0, 80.0))]
    [(_, plain, places)] = crop_clips(path, clips, 32, 100)
    [(_, all_moved, _)] = crop_clips(path, clips, 32, 100, None, band, 25.0)
    [(clip, some, kept)] = crop_clips(path, clips, 32, 7, None, band, 25.0)
    assert clip == "long" and len(places) == 30 and len(kept) == 7
    expected = np.stack(list(magnify(plain, 30, 25.0, band, "a")))
    assert (expected != plain).any()
    np.testing.assert_array_equal(all_moved, expected)
    np.testing.assert_array_equal(some, expected[kept])


def test_a_band_that_a_video_cannot_hold_is_named(tmp_path):
    path = write_video(tmp_path / "a.mp4", 10)
    clips = [ClipCrop("c", 0, 9, (0.0, 0.0, 64.0, 64.0))]
    with pytest.raises(BadInput, match=r"a\.mp4: has 6 frames per second"):
        list(crop_clips(str(path), clips, 32, 9, None, Magnification(1.0, 3.0, 5.0), 6.0))
