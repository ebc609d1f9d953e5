"""What the tests of the annotation importers share."""

import pytest

from tests.videos.made_videos import write_video


@pytest.fixture(scope="session")
def made_talk(tmp_path_factory):
    """talk.mp4: 40 frames at 25 a second."""
    return write_video(tmp_path_factory.mktemp("video") / "talk.mp4", 40, 32, 32)


@pytest.fixture
def talk(made_talk, tmp_path):
    """The video beside the annotation files of one test."""
    path = tmp_path / "talk.mp4"
    path.symlink_to(made_talk)
    return path
