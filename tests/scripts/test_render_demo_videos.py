"""The rule's function: a video that opens, and the truth of each of its frames."""

from microgesture.stores.sequences import read_sequence
from microgesture.videos.probing import probe
from scripts.render_demo_videos import render_demo_video


def test_video_and_truth_have_the_same_frames(tmp_path):
    video, truth = tmp_path / "s01.mp4", tmp_path / "s01.h5"
    render_demo_video("s01", {"width": 96, "height": 72}, str(video), str(truth))
    facts, sequence = probe(str(video)), read_sequence(truth, "s01")
    assert facts.frames == len(sequence.present) > 100
    assert (facts.width, facts.height) == (sequence.width, sequence.height) == (96, 72)
    assert sequence.layout == "coco_wholebody133"
    assert sequence.points.shape[2] == 133
