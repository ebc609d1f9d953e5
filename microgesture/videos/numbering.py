"""Number the shown frames of a video: one full pass that decodes every picture once.

A pass of decoding is the only way to know what is shown: containers hide samples (edit lists),
list packets that hold no picture, start in the middle of a group of pictures, and lose pictures
where they are damaged. A video whose frames cannot be numbered with certainty is refused, together
with the ffmpeg line that makes one of it that can.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np

from microgesture.provenance.errors import BadInput
from microgesture.videos.completeness import check_complete
from microgesture.videos.frame_index import FrameIndex
from microgesture.videos.libav import checksum, decoded_frames, opened_stream, quarter_turns
from microgesture.videos.rates import COMMON_RATES, constant_rate, gapped_rate, grid_places
from microgesture.videos.repair import refusal, repair_command

# Formats without time stamps of their own: frames follow each other at the stream's rate.
_COUNTED = {"avi", "h264", "hevc", "m4v", "mpegvideo", "mjpeg"}
# Formats in which a lost piece leaves no other trace than a gap between time stamps.
_SILENT = {"asf", "mpeg", "mpegts"}
# Streams that a receiver may enter anywhere, so that the first packets may be of no use.
_BEGIN_ANYWHERE = {"mpegts", "mpeg", "h264", "hevc", "m4v", "mpegvideo"}
_SAMPLES = 16
_TAIL = 3
# Seconds between two frames; more is a clock that ran over (24 days in FLV, 26 hours in MPEG).
_LONGEST_PAUSE = 6 * 3600


@dataclass
class Pass:
    """What the pass over a video collects; lists have an entry a shown frame.

    change: mean difference (levels) of a frame from the one before, on 16 x 16 sampled pixels.
    faults: what went wrong, each with the number of frames shown until then.
    packets, empty, hidden: packets that hold data, that hold none, that the container hides.
    leading: packets behind a key frame that are shown before it (an open group of pictures).
    promised, listed: frames in the header, packets with data in the container's own list.
    rates, start: the rates that the container tells, and the second at which it begins.
    """

    container: str
    codec: str
    unit: Fraction
    stamps: list = field(default_factory=list)
    checksums: list = field(default_factory=list)
    key_frames: list = field(default_factory=list)
    change: list = field(default_factory=list)
    faults: list = field(default_factory=list)
    packets: int = 0
    empty: int = 0
    hidden: int = 0
    leading: int = 0
    promised: int = 0
    listed: int = 0
    width: int = 0
    height: int = 0
    rates: list = field(default_factory=list)
    start: float | None = None

    def fault(self, reason: str) -> None:
        """Note a fault, but for a broadcast's: it may begin with what has no key frame."""
        if self.stamps or self.container not in _BEGIN_ANYWHERE:
            self.faults.append((len(self.stamps), reason))


def number_frames(path: str | Path) -> tuple[FrameIndex, Pass]:
    """The index of the shown frames of `path`, and what else the pass saw.

    Raises `BadInput` for a missing file, a folder, an empty file, a file that is no video, a file
    cut short, a damaged one, one without usable time stamps and one whose picture changes its size.
    """
    path = Path(path)
    with _container_messages() as messages, opened_stream(path) as (container, stream):
        seen = _look(path, container, stream, messages)
        if not seen.stamps:
            raise BadInput(f"{path}: the video holds no frame; copy or convert it again")
        stamps, unit, stamped = _stamps(path, seen)
        rates = [*seen.rates, *COMMON_RATES]
        gapped = gapped_rate(stamps, unit, rates)
        constant = constant_rate(stamps, unit, rates)
        fps = _rate(path, stamps, unit, constant, seen.rates)
        end = float(stamps[-1] * unit) + 1 / fps
        left = repair_command(path, gapped, _even(seen))
        check_complete(path, container, stream, seen, end, left)
        _refuse_damage(path, seen, stamps, unit, gapped, constant)
    index = FrameIndex(
        stamps=stamps,
        unit=unit,
        origin=_origin(seen, stamps, unit) if stamped else 0,
        fps=fps,
        width=seen.width,
        height=seen.height,
        key_frames=np.array(seen.key_frames if stamped else [], dtype=np.int64),
        checksums=np.array(seen.checksums, dtype=np.uint32),
        stamped=stamped,
        reader="libav",
        size=os.path.getsize(path),
    )
    return index, seen


def _look(path: Path, container, stream, messages: list) -> Pass:
    """Decode everything once."""
    seen = Pass(container.format.name, stream.codec_context.name, Fraction(stream.time_base))
    rates = (stream.average_rate, stream.guessed_rate, stream.base_rate)
    seen.rates = [Fraction(rate) for rate in dict.fromkeys(rates) if rate]
    seen.promised, seen.listed = int(stream.frames), len(stream.index_entries)
    if container.start_time is not None:
        seen.start = container.start_time / av.time_base
    messages.clear()  # of the header; what matters is said while packets are read

    key = -(2**63)

    def note(packet: av.Packet) -> None:
        nonlocal key
        seen.empty += packet.size == 0
        seen.packets += packet.size > 0
        seen.hidden += packet.is_discard
        if packet.pts is not None:
            key = packet.pts if packet.is_keyframe else key
            seen.leading += packet.pts < key
        if packet.is_corrupt:
            seen.fault("the container marks a packet as damaged")
        for _, name, message in messages:
            if name == seen.container != seen.codec:
                seen.fault(f"the container is damaged ({message.strip()})")
        messages.clear()

    before, turns = None, 0
    for frame in decoded_frames(container, stream, note, seen.fault):
        size = (frame.height, frame.width)
        if not seen.stamps:
            turns = quarter_turns(frame)
            seen.height, seen.width = size[::-1] if turns % 2 else size
        elif size != ((seen.width, seen.height) if turns % 2 else (seen.height, seen.width)):
            change = f"at frame {len(seen.stamps)}, to {size[1]} x {size[0]}"
            raise refusal(
                path,
                f"the picture changes its size {change}",
                "Give all frames the size of the first",
                repair_command(path, None, even=not (seen.width % 2 or seen.height % 2)),
            )
        if frame.is_corrupt:
            seen.fault("a picture is damaged")
        if frame.key_frame and seen.stamps:
            seen.key_frames.append(len(seen.stamps))
        sample = _sample(frame)
        seen.change.append(0.0 if before is None else float(np.abs(sample - before).mean()))
        before = sample
        seen.stamps.append(frame.pts)
        seen.checksums.append(checksum(frame))
    note_end = [m for _, name, m in messages if name == seen.container != seen.codec]
    for message in note_end:
        seen.fault(f"the container is damaged ({message.strip()})")
    return seen


def _sample(frame: av.VideoFrame) -> np.ndarray:
    plane = frame.planes[0]
    rows = np.frombuffer(plane, dtype=np.uint8).reshape(plane.height, -1)
    steps = max(1, plane.height // _SAMPLES), max(1, frame.width // _SAMPLES)
    return rows[:: steps[0], : frame.width : steps[1]].astype(np.int16)


def _stamps(path: Path, seen: Pass) -> tuple[np.ndarray, Fraction, bool]:
    """Time stamps, their unit, and whether every frame carries its own.

    Where some are missing or the format has none, frames that follow each other at a constant rate
    are still certain: by what stamps there are, or by counting where no packet is without a frame.
    """
    stamps = seen.stamps
    longest = int(_LONGEST_PAUSE / seen.unit)
    if None not in stamps and all(0 < b - a < longest for a, b in pairwise(stamps)):
        return np.array(stamps, dtype=np.int64), seen.unit, True
    rate = seen.rates[0] if seen.rates else None
    if None in stamps and rate and (filled := _filled(stamps, seen.unit, rate)) is not None:
        return filled, seen.unit, False
    # Empty chunks of AVI files (dropped pictures) are promised but not read.
    whole = seen.packets == len(stamps) and not seen.empty and not seen.faults
    whole = whole and (not seen.promised or abs(seen.promised - seen.packets) <= 3)
    if seen.container in _COUNTED and rate and whole:
        return np.arange(len(stamps)), 1 / rate, False
    pairs = enumerate(zip([None, *stamps], stamps))
    place, stamp = next(
        (number, two)
        for number, (one, two) in pairs
        if two is None or (one is not None and not 0 < two - one < longest)
    )
    what = "has no time stamp" if stamp is None else "steps back in time, or days ahead"
    raise refusal(
        path,
        f"frame {place} {what}, so frames and seconds cannot be told from each other",
        "Give every frame its own time",
        repair_command(path, rate or Fraction(25), _even(seen), count=True),
    )


def _filled(stamps: list, unit: Fraction, rate: Fraction) -> np.ndarray | None:
    """All stamps, where those that are there lie where a constant rate puts them."""
    places = np.array([number for number, stamp in enumerate(stamps) if stamp is not None])
    if len(places) < 2:
        return None
    there = np.array([stamps[place] for place in places], dtype=np.int64)
    found = grid_places(there, unit, rate)
    if found is None or (found != places - places[0]).any():
        return None
    ticks = (np.arange(len(stamps)) - places[0]) * float(1 / (rate * unit))
    return there[0] + np.rint(ticks).astype(np.int64)


def _refuse_damage(path, seen, stamps, unit, gapped, constant) -> None:
    faults = list(seen.faults)
    if seen.container in _SILENT and gapped and not constant:
        gaps = np.flatnonzero(np.diff(stamps) > 1.5 / float(gapped * unit)) + 1
        # A clip copied in decoding order ends with such gaps; no frame of weight comes behind.
        faults += [(int(n), "pictures are missing") for n in gaps if n < len(stamps) - _TAIL]
    if not faults:
        return
    number, reason = min(faults)
    second = float((stamps[max(number - 1, 0)] - stamps[0]) * unit)
    where = f"after frame {number - 1} ({second:.2f} s)" if number else "before the first frame"
    # AVI numbers what it finds, so that nothing shows where a picture is missing.
    keeps = gapped and seen.container not in _COUNTED
    kept = "a lost picture is filled with the one before, so that later frames keep their numbers"
    raise refusal(
        path,
        f"damaged or cut short: {reason} {where}, "
        f"{len(faults)} such places; later frames cannot be numbered with certainty",
        "Copy it again, or repair it" + (f" ({kept})" if keeps else ""),
        repair_command(path, gapped, _even(seen)),
    )


def _rate(path, stamps, unit, constant, rates) -> float:
    if constant is not None and len(stamps) > 1:
        return float(constant)
    if len(stamps) > 1:
        return (len(stamps) - 1) / float((stamps[-1] - stamps[0]) * unit)
    if rates:
        return float(rates[0])
    raise BadInput(f"{path}: gives no frame rate; re-encode it, e.g. ffmpeg -i INPUT OUTPUT.mp4")


def _origin(seen: Pass, stamps: np.ndarray, unit: Fraction) -> int:
    """The stamp of a player's zero: the beginning of the recording, sound and hidden part included.

    AVI counts a reordering decoder's delay as time, which no player shows.
    """
    if seen.start is None or seen.container == "avi":
        return int(stamps[0])
    return min(round(seen.start / float(unit)), int(stamps[0]))


def _even(seen: Pass) -> bool:
    return seen.width % 2 == 0 and seen.height % 2 == 0


@contextmanager
def _container_messages() -> Iterator[list]:
    """What libav logs as errors meanwhile in this thread: (level, who, message)."""
    level, skip = av.logging.get_level(), av.logging.get_skip_repeated()
    av.logging.set_level(av.logging.ERROR)
    av.logging.set_skip_repeated(False)
    try:
        with av.logging.Capture(local=True) as messages:
            yield messages
    finally:
        av.logging.set_level(level)
        av.logging.set_skip_repeated(skip)
