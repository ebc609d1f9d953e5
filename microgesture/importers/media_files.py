"""Finds the video that an annotation file speaks of, which was often made on another computer."""

import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote

from microgesture.importers.annotations import Recording
from microgesture.importers.folder_contents import SUFFIXES
from microgesture.provenance.errors import BadInput


def plain_path(name: str) -> str:
    """The path in a media URL or in a path of any system, with "/" between the folders.

    file:///C:/my%20videos/a.mp4 and C:\\my videos\\a.mp4 both give C:/my videos/a.mp4.
    """
    name = name.strip()
    if name.lower().startswith("file:"):
        name = unquote(name[5:])
        name = "/" + name.lstrip("/") if name.startswith("/") else name
        if name[2:3] == ":":  # /C:/...
            name = name[1:]
    elif "%" in name and not Path(name).exists():
        name = unquote(name)
    return name.replace("\\", "/")


def is_video(name: str, mime: str = "") -> bool:
    """Whether the kind or the ending of a medium says that it is a video."""
    return mime.startswith("video/") or Path(plain_path(name)).suffix.lower() in SUFFIXES


def find_media(recording: Recording, folders: Sequence[Path]) -> Path:
    """The video file of `recording`.

    folders: where the person says that the videos lie (searched with all folders below); then
    come the path as written, the path as seen from the annotation file, and the annotation file's
    own folder. A file of the same name counts, or else one of the same name but another video
    ending. Raises BadInput where none or, in `folders`, more than one is found.
    """
    paths = [plain_path(name) for name in recording.names]
    names = list(dict.fromkeys(path.rsplit("/", 1)[-1] for path in paths))
    for folder in folders:
        if not folder.is_dir():
            raise BadInput(f"--videos {folder}: is no folder")
        for fits in (_same_name, _same_stem):
            found = sorted(p for p in folder.rglob("*") if fits(p, names) and p.is_file())
            if len(found) > 1:
                raise BadInput(
                    f"{recording.place}: {names[0]!r} may be {found[0]} or {found[1]}; rename one, "
                    f"or name a folder with --videos that holds only one"
                )
            if found:
                return _absolute(found[0])
    beside = [recording.folder / path for path in paths] + [recording.folder / n for n in names]
    for path in [Path(path) for path in paths if path.startswith("/") or path[1:2] == ":"] + beside:
        if path.is_file() and path.suffix.lower() in SUFFIXES:
            return _absolute(path)
    for path in sorted(recording.folder.iterdir()) if recording.folder.is_dir() else ():
        if _same_stem(path, names) and path.is_file():
            return _absolute(path)
    raise BadInput(
        f"{recording.place}: the video {recording.names[0]!r} is not on this computer; say where "
        f"the videos lie: --videos FOLDER"
    )


def _absolute(path: Path) -> Path:
    """Links are left alone: what they point to may have no name that anybody knows."""
    return Path(os.path.abspath(path))


def _same_name(path: Path, names: Sequence[str]) -> bool:
    return path.suffix.lower() in SUFFIXES and path.name in names


def _same_stem(path: Path, names: Sequence[str]) -> bool:
    stems = {Path(name).stem for name in names}
    return path.suffix.lower() in SUFFIXES and path.stem in stems
