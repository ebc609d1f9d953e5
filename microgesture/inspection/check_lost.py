"""What cannot be read, and what is lost with it."""

from collections.abc import Iterator

from microgesture.inspection.findings import SERIOUS, Finding, counted
from microgesture.inspection.material import Material


def check_lost(material: Material) -> Iterator[Finding]:
    """Videos that cannot be read, with the number of clips that go with each."""
    if not material.unread:
        return
    clips = material.lost["video"].value_counts()
    places = tuple(
        (f"video {video}", f"{counted(int(clips.get(video, 0)), 'clip')} lost: {problem}")
        for video, problem in material.unread.items()
    )
    remedy = "docs/videos.md says which videos can be read, and how to repair the others."
    yield Finding(SERIOUS, "Videos that cannot be read.", places, remedy)
