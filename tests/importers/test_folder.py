import numpy as np
import pytest

from microgesture.importers.folder import folder_sheets
from microgesture.provenance.errors import BadInput
from microgesture.videos.encoding import write_video


def test_clips_cover_every_frame_once(tmp_path):
    write_video(tmp_path / "my video.mp4", iter(np.zeros((47, 48, 64, 3), np.uint8)), 10)
    videos, clips, labels = folder_sheets(tmp_path, 2.0, {"my_video": "ann"})
    assert videos["video"].tolist() == ["my_video"]
    assert videos["subject"].tolist() == ["ann"]
    # 20 frames a clip; the last 7 are less than half a clip and stay with the second
    assert clips[["start", "end"]].values.tolist() == [[0, 19], [20, 46]]
    assert set(clips["split"]) == {"unlabelled"}
    assert len(labels) == 0


def test_a_folder_without_videos_is_named(tmp_path):
    with pytest.raises(BadInput, match="holds no video"):
        folder_sheets(tmp_path, 2.0, {})
