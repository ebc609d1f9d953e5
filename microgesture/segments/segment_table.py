"""From labels of frames to segments: start, end, class, how sure, what else it could be.

A table of segments has the columns video, start, end (frames, 0-based, inclusive), label (0..K-1),
confidence (mean probability of the class over the segment's frames; `calibrated` makes it the
probability of being right), second (the next most probable class, K = background),
second_confidence and margin = confidence - second_confidence (both of the means; below 0 where a
decoder chose a class for its surroundings).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, logit

COLUMNS = ("video", "start", "end", "label", "confidence", "second", "second_confidence", "margin")
EDGE = 1e-4  # confidences are kept off 0 and 1 before the logit


def label_runs(labels: np.ndarray) -> np.ndarray:
    """(n, 3) int64: first frame, last frame, label of every stretch of equal labels."""
    labels = np.asarray(labels, np.int64)
    if not len(labels):
        return np.empty((0, 3), np.int64)
    borders = np.flatnonzero(np.diff(labels)) + 1
    starts = np.concatenate([[0], borders])
    ends = np.concatenate([borders, [len(labels)]]) - 1
    return np.stack([starts, ends, labels[starts]], axis=1)


def segments_of(
    video: str,
    labels: np.ndarray,
    probabilities: np.ndarray,
    *,
    fps: float,
    shortest_seconds: float = 0.0,
    shortest_gap_seconds: float = 0.0,
) -> pd.DataFrame:
    """The segments of one video, in order of time.

    labels: int (T,), K = background; probabilities: float (T, K + 1), of the frames, which need not
    be those that the labels were decoded from. Two neighbours of one class with a pause shorter
    than `shortest_gap_seconds` become one segment first; what is then shorter than
    `shortest_seconds` is left out.
    """
    probabilities = np.asarray(probabilities, np.float64)
    background = probabilities.shape[1] - 1
    runs = label_runs(labels)
    runs = runs[runs[:, 2] != background]
    runs = without_short_gaps(runs, shortest_gap_seconds * fps)
    runs = runs[runs[:, 1] - runs[:, 0] + 1 >= shortest_seconds * fps - 1e-9]
    rows = []
    for start, end, label in runs.tolist():
        mean = probabilities[start : end + 1].mean(axis=0)
        others = mean.copy()
        others[label] = -1
        second = int(others.argmax())
        values = (mean[label], second, mean[second], mean[label] - mean[second])
        rows.append((video, start, end, label, *values))
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(
        {"start": "int64", "end": "int64", "label": "int64", "second": "int64"}
        | dict.fromkeys(("confidence", "second_confidence", "margin"), "float64")
    )


def without_short_gaps(runs: np.ndarray, frames: float) -> np.ndarray:
    """Rows (start, end, label) in order of time, neighbours of one class with fewer than `frames`
    frames between them joined. A segment of another class between them keeps them apart."""
    joined: list[list[int]] = []
    for start, end, label in np.asarray(runs).tolist():
        if joined and joined[-1][2] == label and start - joined[-1][1] - 1 < frames:
            joined[-1][1] = end
        else:
            joined.append([start, end, label])
    return np.array(joined, np.int64).reshape(-1, 3)


@dataclass(frozen=True)
class ConfidenceScale:
    """From a mean probability to that of being right: sigmoid(slope x logit + offset) (Platt 1999).
    segments, right: how many it was fitted on; 0 = it changes nothing."""

    slope: float = 1.0
    offset: float = 0.0
    segments: int = 0
    right: int = 0

    def __call__(self, confidence: np.ndarray) -> np.ndarray:
        """float64, same shape."""
        clipped = np.clip(np.asarray(confidence, np.float64), EDGE, 1 - EDGE)
        return expit(self.slope * logit(clipped) + self.offset)


def fit_confidence(confidence: np.ndarray, right: np.ndarray) -> ConfidenceScale:
    """Fit on validation segments: their mean probabilities (n,) and whether each is right, bool.

    With a penalty worth one segment; a slope below 0 becomes 0 (the order of confidences is never
    turned around). Where all are right or all wrong, or fewer than ten are there, one number says
    it better than a curve: their share, drawn towards a half by two segments, whatever the mean
    probability; without any segment nothing changes.
    """
    confidence, right = np.asarray(confidence, np.float64), np.asarray(right, bool)
    if not len(right):
        return ConfidenceScale()
    count, hits = len(right), int(right.sum())
    constant = float(logit((hits + 1) / (count + 2)))
    if count < 10 or hits in (0, count):
        return ConfidenceScale(0.0, constant, count, hits)
    from sklearn.linear_model import LogisticRegression  # two seconds that others need not wait

    values = logit(np.clip(confidence, EDGE, 1 - EDGE))[:, None]
    model = LogisticRegression(C=1.0, max_iter=1000).fit(values, right)
    slope, offset = float(model.coef_[0, 0]), float(model.intercept_[0])
    if slope < 0:
        slope, offset = 0.0, constant
    return ConfidenceScale(slope, offset, count, hits)


def calibrated(segments: pd.DataFrame, scale: ConfidenceScale) -> pd.DataFrame:
    """The segments with their confidence as the probability of being right."""
    return segments.assign(confidence=scale(segments["confidence"].to_numpy()))
