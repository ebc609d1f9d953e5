"""Hold every reader against what ffmpeg's own program shows of a video, frame by frame."""

import shlex
import subprocess
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from microgesture.importers.folder import folder_sheets
from microgesture.importers.folder_contents import SUFFIXES
from microgesture.provenance.errors import BadInput
from microgesture.videos.cropping import ClipCrop, crop_clips
from microgesture.videos.decoding import index_frames, iterate_selected, read_frames
from microgesture.videos.frame_index import frame_to_time, time_to_frame
from microgesture.videos.index_store import read_frame_index, write_frame_indexes
from microgesture.videos.probing import probe
from tests.videos.barcode import HEIGHT, UNREADABLE, WIDTH, read
from tests.videos.cut_videos import FRAMES, Case, time_of


@dataclass(frozen=True)
class Verdict:
    """outcome: right, refused or WRONG; reader: which one reads it; detail: what was seen."""

    case: Case
    outcome: str
    reader: str
    detail: str


def judge(case: Case, path: Path) -> Verdict:
    """Read the video in every way; a refusal must hold for all readers and come with its repair."""
    try:
        index = index_frames(path)
    except BadInput as error:
        wrong = _refused_everywhere(path) or _repaired(case, str(error))
        return Verdict(case, "WRONG" if wrong else "refused", "", wrong or _reason(str(error)))
    wrong = _read_wrong(case, path, index) or _timed_wrong(case, path, index)
    return Verdict(case, "WRONG" if wrong else "right", index.reader, wrong or f"{index.frames}")


def shown_by_ffmpeg(path: Path) -> list[int]:
    """The numbers of the frames that the ffmpeg program shows, in order."""
    command = [
        "ffmpeg",
        "-v",
        "quiet",
        "-threads",
        "1",
        "-flags",
        "-output_corrupt",
        "-i",
        str(path),
    ]
    command += [
        "-map",
        "0:v:0",
        "-fps_mode",
        "passthrough",
        "-f",
        "rawvideo",
        "-pix_fmt",
        "gray",
        "-",
    ]
    data = subprocess.run(command, capture_output=True).stdout
    return [read(image) for image in np.frombuffer(data, np.uint8).reshape(-1, HEIGHT, WIDTH)]


def expected(case: Case, path: Path, found: list[int]) -> list[int]:
    """The right numbers: known where nothing was cut off, else ffmpeg's, which must make sense.

    found: what the project reads, for the two places at which releases of ffmpeg differ.
    """
    # ffmpeg's encoder for XviD keeps the last two frames back.
    whole = list(range(FRAMES - 2 if case.codec == "xvid" else FRAMES))
    if case.cut in ("whole", "late", "variable", "damaged", "wiped"):
        return whole
    if case.cut == "joined":
        return whole * 2
    shown = shown_by_ffmpeg(path)
    clear = [number for number in shown if number != UNREADABLE]
    rises = case.cut == "appended" or all(a < b for a, b in pairwise(clear))
    assert clear and rises, f"{case}: ffmpeg shows {shown}"
    if case.cut == "headless" and found == clear:
        return found  # older releases show HEVC pictures whose references are missing
    if case.cut == "cut_short" and found[:-3] == shown[: len(found) - 3]:
        rises = all(a < b for a, b in pairwise(found))
        return found if rises else shown  # what lacks its references at the torn end
    unbroken = found == list(range(found[0], found[0] + len(found)))
    if case.cut == "trimmed" and unbroken and found in (shown[1:], shown[:-1]):
        return found  # an edit list that begins or ends in the middle of a frame
    if case.codec == "av1" and unbroken and found and found == shown[-len(found) :]:
        return found  # older releases show the frames of AV1 that an edit list hides
    return shown


def _read_wrong(case: Case, path: Path, index) -> str:
    found = [read(im) for _, block in read_frames(path, chunk=16) for im in block]
    right = expected(case, path, found)
    if index.frames != len(right):
        return f"{index.frames} frames counted, {len(right)} shown"
    if (probe(path).frames, probe(path).width, probe(path).height) != (len(right), WIDTH, HEIGHT):
        return "probe says something else"
    store = path.with_suffix(".index.h5")
    write_frame_indexes(store, [("v", index)])
    for known in (None, read_frame_index(store, "v")):
        forward = [
            read(im) for _, block in read_frames(path, chunk=16, index=known) for im in block
        ]
        if forward != right:
            return f"forward reading {_difference(forward, right)}"
        for start in (1, len(right) // 2, len(right) - 2):
            part = [read(im) for _, block in read_frames(path, start, index=known) for im in block]
            if part != right[start:]:
                return f"reading from {start} {_difference(part, right[start:])}"
        for wanted in (range(1, len(right), 7), range(0, len(right), 31), [len(right) - 1]):
            picked = {n: read(im) for n, im in iterate_selected(path, list(wanted), known)}
            if picked != {n: right[n] for n in wanted}:
                return f"picked frames {picked}"
    left = (WIDTH - HEIGHT) / 2
    box = (left, 0.0, left + HEIGHT, float(HEIGHT))
    clips = [
        ClipCrop("a", 3, len(right) - 4, box),
        ClipCrop("b", len(right) // 2, len(right) - 1, box),
    ]
    for name, images, places in crop_clips(str(path), clips, HEIGHT, 9, index):
        start = {clip.clip: clip.start for clip in clips}[name]
        if [read(image) for image in images] != [right[start + place] for place in places]:
            return f"crops of clip {name}"
    return _imported_wrong(path, len(right))


def _imported_wrong(path: Path, frames: int) -> str:
    if path.suffix not in SUFFIXES:
        return ""
    folder = path.with_suffix(".folder")
    folder.mkdir(exist_ok=True)
    alone = folder / f"v{path.suffix}"
    if not alone.exists():
        alone.hardlink_to(path)
    _, clips, *_ = folder_sheets(folder, 1.0)
    return "" if clips["end"].iloc[-1] == frames - 1 else "the folder importer counts otherwise"


def _timed_wrong(case: Case, path: Path, index) -> str:
    right = [read(image) for _, block in read_frames(path, index=index) for image in block]
    numbers = np.arange(index.frames)
    times = frame_to_time(index, numbers)
    if (time_to_frame(index, times) != numbers).any():
        return "seconds do not lead back to their frames"
    if (time_to_frame(index, np.round(times, 3)) != numbers).any():
        return "milliseconds do not lead back to their frames"
    wanted = np.array([time_of(case, number) for number in right])
    twice = case.cut in ("joined", "appended")
    if twice:
        wanted[len(right) // 2 :] += FRAMES / 25
    tick = max(0.0011, 1.01 * float(index.unit) if case.cut != "variable" else 0.0011)
    off = np.abs((times - times[-4]) - (wanted - wanted[-4]))
    if case.suffix == "avi" and case.cut == "late":
        off = off[1:]  # ffmpeg leaves the first frame at 0
    if case.cut == "trimmed":
        off = off[:-3]  # copied in decoding order, the last frames of all have gaps
    if off.max() > (0.15 if twice else tick):
        return f"time stamps: frame {off.argmax()} is {off.max():.3f} s off"
    return ""


def _refused_everywhere(path: Path) -> str:
    readers = {
        "probe": lambda: probe(path),
        "read_frames": lambda: next(read_frames(path)),
        "iterate_selected": lambda: next(iterate_selected(path, [0])),
        "crop_clips": lambda: next(
            crop_clips(str(path), [ClipCrop("a", 0, 1, (0, 0, 9, 9))], 9, 2)
        ),
    }
    for name, action in readers.items():
        try:
            action()
        except BadInput:
            continue
        return f"{name} takes what the index refuses"
    return ""


def _repaired(case: Case, message: str) -> str:
    """Run the command of a refusal; what it makes must be numbered, and keep what was whole."""
    if "not a readable video" in message:
        return ""  # no moov atom, no header: nothing to repair
    if ": ffmpeg " not in message:
        return f"refused without a repair: {message}"
    words = shlex.split(message[message.index(": ffmpeg ") + 2 :])
    output = Path(words[-1])
    subprocess.run([words[0], "-v", "quiet", "-y", "-threads", "1", *words[1:]], check=False)
    if not output.exists():
        return f"the repair makes no file: {shlex.join(words)}"
    try:
        index = index_frames(output)
        numbers = [read(im) for _, block in read_frames(output) for im in block]
    except BadInput as error:
        return f"the repaired file is refused: {error}"
    # What is lost shows another frame or none; at the end a frame that moved up is ahead of its place.
    moved = any(n > place for place, n in enumerate(numbers) if place >= FRAMES - 12)
    moved = moved or len(numbers) < FRAMES - 2
    if "keep their numbers" in message and case.cut in ("damaged", "wiped") and moved:
        return f"the repair moves frames: {numbers}"
    return "" if index.frames == len(numbers) else "the repaired file is counted wrongly"


def _reason(message: str) -> str:
    return message.split(": ", 1)[1].split("; ")[0].split(". ")[0]


def _difference(found: list[int], right: list[int]) -> str:
    place = next(
        (n for n, (a, b) in enumerate(zip(found, right)) if a != b), min(len(found), len(right))
    )
    return f"differs from frame {place}: {found[place : place + 3]} for {right[place : place + 3]}"
