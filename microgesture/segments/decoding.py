"""Decoders by name, and the choice of their numbers on validation videos.

A decoder turns the probabilities of a video's frames, (T, K + 1) with background last, into labels
(T,). Lengths are in seconds here; frames are the business of the functions underneath.
"""

import itertools

import numpy as np
import pandas as pd

from microgesture.metrics.segment_matching import match_segments
from microgesture.provenance.errors import BadInput
from microgesture.segments.frame_probabilities import nobody_is_background
from microgesture.segments.segment_table import segments_of
from microgesture.segments.smoothing import gaussian_smoothed, median_smoothed, threshold_labels
from microgesture.segments.viterbi import viterbi_labels

# Name -> setting -> values to try. A threshold of None takes the most probable of all classes.
GRIDS: dict[str, dict[str, tuple]] = {
    "threshold": {"threshold": (None, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)},
    "gaussian": {
        "seconds": (0.1, 0.2, 0.4, 0.8),
        "threshold": (None, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7),
    },
    "median": {
        "seconds": (0.3, 0.6, 1.0, 1.6),
        "threshold": (None, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7),
    },
    "viterbi": {
        "switch_cost": (1.0, 2.0, 4.0, 8.0),
        "background_bias": (-1.0, -0.5, 0.0, 0.5),
    },
}
CHOSEN_BY = (0.3, 0.5)  # IoU thresholds whose mean F1 decides


def decode(
    probabilities: np.ndarray,
    decoder: str,
    settings: dict,
    *,
    fps: float,
    shortest: np.ndarray | None = None,
) -> np.ndarray:
    """Labels int64 (T,) of one video. shortest: int (K + 1,) frames, for viterbi.

    Raises BadInput for an unknown decoder and for settings that it does not have.
    """
    if decoder not in GRIDS:
        raise BadInput(f"decoder {decoder!r} is unknown; write one of {', '.join(GRIDS)}")
    unknown = set(settings) - set(GRIDS[decoder])
    if unknown:
        raise BadInput(
            f"decoder {decoder} has no setting {min(unknown)!r}; it has {', '.join(GRIDS[decoder])}"
        )
    if decoder == "viterbi":
        if shortest is None:
            raise BadInput("decoder viterbi needs the shortest length of every class")
        return viterbi_labels(probabilities, shortest, **settings)
    if decoder == "gaussian":
        probabilities = gaussian_smoothed(probabilities, settings["seconds"] * fps)
    elif decoder == "median":
        probabilities = median_smoothed(probabilities, round(settings["seconds"] * fps))
    return threshold_labels(probabilities, settings.get("threshold"))


def decode_videos(
    probabilities: dict[str, np.ndarray],
    decoder: str,
    settings: dict,
    *,
    fps: dict[str, float],
    shortest: np.ndarray | dict[str, np.ndarray] | None = None,
    shortest_seconds: float = 0.0,
    shortest_gap_seconds: float = 0.0,
    present: dict[str, np.ndarray] | None = None,
) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """(table of all segments, video -> labels (T,) of its frames).

    The labels are those of the segments in the table: what the filters took out is background.
    shortest: as `decode`, or by video where their rates differ.
    present: video -> bool (T,), somebody is seen; no segment lies where nobody is, but for gaps of
    the tracker shorter than `shortest_gap_seconds`.
    """
    tables, labels = [], {}
    for video in sorted(probabilities):
        values = probabilities[video]
        if present is not None:
            values = nobody_is_background(values, present[video])
        least = shortest[video] if isinstance(shortest, dict) else shortest
        decoded = decode(values, decoder, settings, fps=fps[video], shortest=least)
        if present is not None:
            decoded = np.where(present[video], decoded, values.shape[1] - 1)
        table = segments_of(
            video,
            decoded,
            values,
            fps=fps[video],
            shortest_seconds=shortest_seconds,
            shortest_gap_seconds=shortest_gap_seconds,
        )
        kept = np.full(len(values), values.shape[1] - 1, np.int64)
        for row in table.itertuples():
            kept[row.start : row.end + 1] = row.label
        tables.append(table)
        labels[video] = kept
    if not tables:  # a batch whose videos cannot be read
        tables.append(segments_of("", np.empty(0, np.int64), np.empty((0, 1)), fps=1.0))
    return pd.concat(tables, ignore_index=True), labels


def choose_settings(
    probabilities: dict[str, np.ndarray],
    truth: pd.DataFrame,
    decoder: str,
    *,
    fixed: dict | None = None,
    **options,
) -> tuple[dict, float]:
    """(settings of the decoder with the best validation score, that score).

    probabilities: of validation videos; truth: their segments (video, start, end, label); fixed:
    settings that are not searched; options: those of `decode_videos`. The score is the mean of the
    one-to-one F1 at IoU .3 and .5; of equals the first in the order of GRIDS.
    """
    fixed = fixed or {}
    grid = {name: (fixed[name],) if name in fixed else v for name, v in GRIDS[decoder].items()}
    truth = truth[truth["video"].isin(list(probabilities))].reset_index(drop=True)
    best, highest = None, -np.inf
    for values in itertools.product(*grid.values()):
        settings = dict(zip(grid, values))
        table, _ = decode_videos(probabilities, decoder, settings, **options)
        score = float(np.mean([f1_score(table, truth, threshold) for threshold in CHOSEN_BY]))
        if score > highest:
            best, highest = settings, score
    return best, highest


def f1_score(predicted: pd.DataFrame, truth: pd.DataFrame, threshold: float) -> float:
    """One-to-one F1 of segments, pooled; 0 where neither has any."""
    total = len(predicted) + len(truth)
    hits = int((match_segments(predicted, truth, threshold) >= 0).sum())
    return 2 * hits / total if total else 0.0
