"""Which files of a folder are videos, and what is left out: nothing silently."""

from dataclasses import dataclass, field
from pathlib import Path

from microgesture.provenance.errors import BadInput

SUFFIXES = frozenset({
    ".mp4", ".m4v", ".mov", ".qt", ".mkv", ".webm", ".avi", ".divx", ".mpg", ".mpeg", ".mpe",
    ".m1v", ".m2v", ".mts", ".m2ts", ".m2t", ".ts", ".tp", ".trp", ".wmv", ".asf", ".3gp", ".3gpp",
    ".3g2", ".flv", ".f4v", ".vob", ".ogv", ".ogm", ".mxf", ".dv", ".mod", ".tod", ".mjpg",
    ".mjpeg", ".rm", ".rmvb", ".y4m", ".264", ".h264", ".265", ".h265", ".hevc", ".insv",
})  # fmt: skip
SHOWN = 5


@dataclass
class Contents:
    """videos: sorted. others: files that are no videos by their ending; hidden: names that begin
    with a dot, among them the `._name.mp4` that macOS leaves on other disks; below: videos in
    subfolders that were not asked for. Paths as told, below the folder."""

    videos: list[Path] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    below: list[str] = field(default_factory=list)

    def left_out(self) -> list[str]:
        """A line for every kind of what is left out."""
        lines = []
        for names, why in (
            (self.others, "no video by the ending"),
            (self.hidden, "hidden (the name begins with a dot)"),
            (self.below, "videos in subfolders; add --recursive to take them"),
        ):
            if names:
                more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
                lines.append(f"left out, {why}: {', '.join(names[:SHOWN])}{more}")
        return lines


def look_into(folder: Path, recursive: bool = False) -> Contents:
    """Sort the files of a folder. Raises BadInput where none of them is a video to take."""
    if not folder.is_dir():
        raise BadInput(f"{folder}: is no folder; write the path of the folder with the videos")
    found = sorted_files(folder, recursive)
    if not found.videos:
        told = "".join(f"\n  {line}" for line in found.left_out())
        raise BadInput(
            f"{folder}: holds no video (.mp4, .mov, .mkv, .avi, .mts, .wmv and the like){told}"
        )
    return found


def sorted_files(folder: Path, recursive: bool = False) -> Contents:
    """The files of a folder by what they are; there may be no video among them."""
    found = Contents()
    for path in sorted(folder.rglob("*")):
        below = path.relative_to(folder)
        if path.is_dir():
            continue
        if any(part.startswith(".") for part in below.parts):
            if path.suffix.lower() in SUFFIXES:
                found.hidden.append(str(below))
        elif len(below.parts) > 1 and not recursive:
            if path.suffix.lower() in SUFFIXES:
                found.below.append(str(below))
        elif path.suffix.lower() in SUFFIXES:
            found.videos.append(path)
        else:
            found.others.append(str(below))
    return found
