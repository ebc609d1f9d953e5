"""A whole video with its skeleton, its crop and what was found in it, and one without faces.

Frames are decoded, drawn and encoded one by one, so that an hour takes no more memory than
a minute.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from PIL import Image, ImageDraw

from microgesture.figures.faces import (
    Anonymise,
    Heads,
    anonymised,
    find_heads,
    without_face_points,
)
from microgesture.figures.panel import BACKGROUND, CROP, FAINT, FOREGROUND, TRACK, font, wrapped
from microgesture.figures.skeletons import draw_skeleton, rgb_of
from microgesture.figures.style import group_colours
from microgesture.pose.layouts import Layout
from microgesture.pose.persons import choose_persons
from microgesture.provenance.errors import BadInput
from microgesture.stores.sequences import Sequence
from microgesture.videos.decoding import index_frames, read_frames
from microgesture.videos.encoding import write_video
from microgesture.videos.frame_index import FrameIndex

LEAST_WIDTH, TALLEST = 640, 1080  # pixels of the drawn video
WINDOW_SECONDS = 60.0  # of the time line that is in sight; a shorter video is in sight as a whole


@dataclass(frozen=True)
class Strip:
    """Sizes of the bar below a video of `width` pixels."""

    width: int
    letters: int
    words: int  # height of the line of text
    line: int  # height of the time line
    margin: int

    @property
    def height(self) -> int:
        return 2 * round((self.words + self.line + 2.2 * self.margin) / 2)


def strip_of(width: int, height: int) -> Strip:
    """The bar for a drawn video of this size: letters of at least 17 pixels."""
    letters = max(17, round(min(height / 24, width / 38)))
    return Strip(width, letters, round(1.7 * letters), round(1.5 * letters), letters // 2)


def drawn_size(width: int, height: int) -> tuple[int, int, float]:
    """Width and height (even) in which a video is drawn, and the enlargement: at least 640 pixels
    wide, so that text can be read, and at most 1080 high."""
    scale = min(max(1.0, LEAST_WIDTH / width), TALLEST / height)
    return 2 * round(width * scale / 2), 2 * round(height * scale / 2), scale


def write_annotated(
    out: str | Path,
    path: str | Path,
    points: np.ndarray,
    layout: Layout,
    segments: pd.DataFrame,
    labels: pd.DataFrame,
    *,
    index: FrameIndex | None = None,
    crops: np.ndarray | None = None,
    anonymise: Anonymise | None = None,
    heads: Heads | None = None,
    crf: float = 23.0,
) -> int:
    """Write the annotated mp4 of a whole video; returns its number of frames.

    points: (M, T, J, 3) of whom to draw, or (T, J, 3) of one person, x, y in pixels of the picture
    and score; segments: start, end (frames, inclusive), label and, where they were found,
    confidence; labels: label, name, group; crops: (T, 4), NaN = none; heads: of everybody whose
    face is hidden (None: of `points`). Raises BadInput for points of another number of frames.
    The copy has the video's mean rate: frame n of it is frame n of the video.
    """
    index = index or index_frames(path)
    points = points[None] if points.ndim == 3 else points
    if points.shape[1] != index.frames:
        raise BadInput(
            f"{path}: has {index.frames} frames, but keypoints of {points.shape[1]}; they were "
            f"made from another file. Run the workflow again from probe_videos"
        )
    wide, tall, scale = drawn_size(index.width, index.height)
    strip = strip_of(wide, tall)
    frames = _frames(path, index)
    if anonymise is not None and anonymise.how != "none":
        heads = heads or find_heads(points, layout, index.fps, anonymise)
        frames = anonymised(frames, heads, anonymise)
        points = without_face_points(points, layout)
    bar = TimeLine(segments, labels, index.times, index.end, strip)

    def pictures() -> Iterator[np.ndarray]:
        for number, frame in enumerate(frames):
            seen = cv2.resize(frame, (wide, tall), interpolation=cv2.INTER_CUBIC)
            grown = points[:, number].astype(np.float64)
            grown[..., :2] = (grown[..., :2] + 0.5) * scale - 0.5
            seen = draw_skeleton(seen, grown, layout, thickness=max(2.0, tall / 190))
            if crops is not None and not np.isnan(crops[number]).any():
                edges = [round((edge + 0.5) * scale - 0.5) for edge in crops[number]]
                thick = max(1, tall // 360)
                cv2.rectangle(seen, edges[:2], edges[2:], rgb_of(CROP), thick, cv2.LINE_AA)
            yield np.vstack([seen, bar.draw(number)])

    return write_video(out, pictures(), index.fps, crf=crf)


def write_anonymised(
    out: str | Path,
    path: str | Path,
    heads: Heads,
    anonymise: Anonymise,
    *,
    index: FrameIndex | None = None,
    crf: float = 23.0,
) -> int:
    """Write a copy of a video without faces and without sound, to look at; returns its number of
    frames. heads: of everybody who has keypoints. Rate as `write_annotated`."""
    index = index or index_frames(path)
    frames = anonymised(_frames(path, index), heads, anonymise)
    return write_video(out, (_even(frame) for frame in frames), index.fps, crf=crf)


def _frames(path: str | Path, index: FrameIndex) -> Iterator[np.ndarray]:
    # decord decodes ahead of whoever is slower than it, without a limit; the pixels are the same.
    index = replace(index, reader="libav")
    return (frame for _, chunk in read_frames(path, chunk=16, index=index) for frame in chunk)


def _even(frame: np.ndarray) -> np.ndarray:
    """With a last row and column repeated where H.264 wants even sides."""
    height, width = frame.shape[:2]
    if height % 2 or width % 2:
        return np.pad(frame, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    return frame


def shown_points(sequence: Sequence) -> np.ndarray:
    """(T, J, 3) points of the person that a video's recognisers look at, in pixels."""
    chosen = choose_persons(sequence.points, sequence.present, 1)
    return sequence.points[chosen][0][..., [0, 1, -1]]


def segment_crops(segments: pd.DataFrame, frames: int) -> np.ndarray | None:
    """(T, 4) crop of every frame from segments with the columns x0, y0, x1, y1; NaN between them;
    of segments that overlap the later one's. None where the table has no crops."""
    if not {"x0", "y0", "x1", "y1"} <= set(segments.columns):
        return None
    crops = np.full((frames, 4), np.nan)
    for row in segments.sort_values("start").itertuples():
        crops[int(row.start) : int(row.end) + 1] = (row.x0, row.y0, row.x1, row.y1)
    return crops


class TimeLine:
    """The bar below the video: what is found at the moment, the time line, the play head."""

    def __init__(
        self,
        segments: pd.DataFrame,
        labels: pd.DataFrame,
        times: np.ndarray,
        end: float,
        strip: Strip,
    ):
        self._times, self._end, self._strip = times, end, strip
        self._names = dict(zip(labels["label"].astype(int), labels["name"].astype(str)))
        groups = labels["group"] if "group" in labels else labels["name"]
        colours = group_colours(groups.tolist())
        self._colours = {
            int(label): rgb_of(colours[group]) for label, group in zip(labels["label"], groups)
        }
        self._rows = list(segments.sort_values(["start", "end"]).itertuples())
        self._starts = np.array([row.start for row in self._rows], np.int64)
        longest = max((row.end - row.start + 1 for row in self._rows), default=0)
        self._longest = int(longest)
        self._window = min(WINDOW_SECONDS, max(end - float(times[0]), 1e-3))
        self._line = self._draw_line()
        self._words = lru_cache(maxsize=8)(self._draw_words)

    def _x(self, seconds: float) -> int:
        """Pixels from the beginning of the whole line."""
        inside = self._strip.width - 2 * self._strip.margin
        return round((seconds - float(self._times[0])) / self._window * inside)

    def _after(self, frame: int) -> float:
        return float(self._times[frame + 1]) if frame + 1 < len(self._times) else self._end

    def _draw_line(self) -> np.ndarray:
        """The whole video's line, (line, pixels, 3); a window of it is in sight."""
        strip = self._strip
        wide = max(self._x(self._end), strip.width - 2 * strip.margin)
        line = np.empty((strip.line, wide, 3), np.uint8)
        line[:] = rgb_of(TRACK)
        for row in self._rows:
            left = self._x(float(self._times[row.start]))
            right = max(left + 2, self._x(self._after(int(row.end))))
            part = line[2 : strip.line - 2, left:right]
            share = 0.3 + 0.7 * min(max(_confidence(row), 0.0), 1.0)
            part[:] = np.round(
                share * np.array(self._colours[int(row.label)]) + (1 - share) * part
            ).astype(np.uint8)
            line[2 : strip.line - 2, left : left + 1] = rgb_of(BACKGROUND)
        return line

    def current(self, frame: int) -> tuple:
        """The segments that hold the frame, the surest first."""
        stop = int(np.searchsorted(self._starts, frame, side="right"))
        first = int(np.searchsorted(self._starts, frame - self._longest, side="left"))
        held = [row for row in self._rows[first:stop] if row.end >= frame]
        return tuple(sorted(held, key=_confidence, reverse=True))

    def draw(self, frame: int) -> np.ndarray:
        """uint8 (strip.height, width, 3) for one frame."""
        strip = self._strip
        picture = np.empty((strip.height, strip.width, 3), np.uint8)
        picture[:] = rgb_of(BACKGROUND)
        said = tuple((int(row.label), _percent(row)) for row in self.current(frame))
        now = float(self._times[frame])
        clock_at = f"{_clock(now)} / {_clock(self._end)}"
        picture[: strip.words] = self._words(said, clock_at)
        top, inside = strip.words + strip.margin // 2, strip.width - 2 * strip.margin
        at = self._x(now)
        left = min(max(0, at - inside // 2), self._line.shape[1] - inside)
        picture[top : top + strip.line, strip.margin : strip.margin + inside] = self._line[
            :, left : left + inside
        ]
        x = strip.margin + at - left
        picture[top - 3 : top + strip.line + 3, max(0, x - 1) : x + 2] = rgb_of(FOREGROUND)
        return picture

    def _draw_words(self, said: tuple, clock_at: str) -> np.ndarray:
        strip = self._strip
        image = Image.new("RGB", (strip.width, strip.words), BACKGROUND)
        pen = ImageDraw.Draw(image)
        letters, bold = font(strip.letters), font(strip.letters, True)
        y = (strip.words - strip.letters) // 2
        room = strip.width - 2 * strip.margin - letters.getlength(clock_at) - strip.letters
        at = strip.width - strip.margin - letters.getlength(clock_at)
        pen.text((at, y), clock_at, font=letters, fill=FAINT)
        x = strip.margin
        for place, (label, share) in enumerate(said):
            side = strip.letters
            needed = 1.4 * side + (bold.getlength(share) + 0.5 * side if share else 0)
            if room - x < needed + 3 * side:  # no room for a name: so many more
                pen.text((x, y), f"+{len(said) - place}", font=bold, fill=FAINT)
                break
            pen.rectangle([x, y + 2, x + 0.8 * side, y + 2 + 0.8 * side], fill=self._colours[label])
            x += 1.2 * side
            name = wrapped(self._names[label], room - x - needed + 1.4 * side, bold, 1)[0]
            pen.text((x, y), name, font=bold, fill=FOREGROUND)
            x += bold.getlength(name) + 0.5 * side
            if share:
                pen.text((x, y), share, font=bold, fill=FAINT)
                x += bold.getlength(share) + side
        return np.asarray(image)


def _confidence(row) -> float:
    value = getattr(row, "confidence", None)
    return 1.0 if value is None or pd.isna(value) else float(value)


def _percent(row) -> str:
    value = getattr(row, "confidence", None)
    return "" if value is None or pd.isna(value) else f"{100 * float(value):.0f} %"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(max(seconds, 0.0), 60)
    return f"{int(minutes)}:{rest:04.1f}"
