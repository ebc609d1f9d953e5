"""The best cut of a video into stretches that are not too short: segmental Viterbi.

A path is a list of stretches of one class each, neighbours of different classes. Its score is the
sum of the frames' scores and of a switch score for every border; a stretch of class c has at least
`shortest[c]` frames. The best path is found exactly: a hidden semi-Markov model with flat
durations above a minimum, which needs no state per frame of the minimum (Rabiner 1989, section
IV.D; the minimum folded into a running sum). Time O(T (K + 1)^2), memory O(T (K + 1)).
"""

import numpy as np

SMALLEST = 1e-6


def best_path(
    scores: np.ndarray, shortest: np.ndarray, switch: np.ndarray, *, cut_ends: bool = True
) -> np.ndarray:
    """Labels int64 (T,) of the path with the highest score.

    scores: float (T, C), of a class in a frame; shortest: int (C,), frames, at least 1; switch:
    float (C, C), score of going from a class (row) to another (column); the diagonal is not looked
    at. cut_ends: the first and the last stretch may be shorter, for the video may have begun or
    ended within. Without that a video in which no such path exists is one stretch. Of equal paths
    one is returned, always the same. Raises ValueError for shapes that do not fit and scores that
    are not finite.
    """
    scores, shortest = np.asarray(scores, np.float64), np.asarray(shortest, np.int64)
    frames, classes = scores.shape
    if shortest.shape != (classes,) or np.shape(switch) != (classes, classes):
        raise ValueError(
            f"{classes} classes need {classes} shortest lengths and a square of switch scores, "
            f"not {shortest.shape} and {np.shape(switch)}"
        )
    if not np.isfinite(scores).all():
        raise ValueError("scores must be finite; clip probabilities before the logarithm")
    if not frames:
        return np.empty(0, np.int64)
    least = np.maximum(shortest, 1)
    going = np.array(switch, np.float64)
    np.fill_diagonal(going, -np.inf)
    summed = np.concatenate([np.zeros((1, classes)), np.cumsum(scores, axis=0)])
    numbers = np.arange(classes)
    # enter[t, c]: best score of everything before frame t, given that a stretch of c begins there.
    enter = np.full((frames, classes), -np.inf)
    origin = np.full((frames, classes), -1, np.int64)  # the class before
    enter[0] = 0.0
    # ripe[t, c]: best score of frames 0..t, the stretch of c that t lies in long enough to end.
    ripe = np.full((frames, classes), -np.inf)
    began = np.zeros((frames, classes), np.int64)
    best_start, best_value = np.zeros(classes, np.int64), np.full(classes, -np.inf)
    for frame in range(frames):
        if frame:
            before = ripe[frame - 1][:, None] + going
            origin[frame] = before.argmax(axis=0)
            enter[frame] = before[origin[frame], numbers]
        # A stretch that began at `start` has become long enough at this very frame.
        start = frame - least + 1
        if cut_ends and frame == 0:  # the first one always is
            start = np.zeros(classes, np.int64)
        grown = start >= 0
        start = np.maximum(start, 0)
        value = np.where(grown, enter[start, numbers] - summed[start, numbers], -np.inf)
        if cut_ends:  # then it was taken at frame 0
            value[(start == 0) & (frame > 0)] = -np.inf
        better = value > best_value
        best_value = np.where(better, value, best_value)
        best_start = np.where(better, start, best_start)
        ripe[frame] = best_value + summed[frame + 1]
        began[frame] = best_start
    last = frames - 1
    ends, starts = ripe[last].copy(), began[last].copy()
    if cut_ends:  # a last stretch of any length
        whole = enter + summed[-1] - summed[:-1]
        tail = whole.argmax(axis=0)
        better = whole[tail, numbers] > ends
        ends, starts = np.where(better, whole[tail, numbers], ends), np.where(better, tail, starts)
    if not np.isfinite(ends).any():
        return np.full(frames, int(summed[-1].argmax()), np.int64)
    labels = np.empty(frames, np.int64)
    label = int(ends.argmax())
    start, frame = int(starts[label]), last
    while True:
        labels[start : frame + 1] = label
        if start == 0:
            return labels
        label, frame = int(origin[start, label]), start - 1
        start = int(began[frame, label])


def viterbi_labels(
    probabilities: np.ndarray,
    shortest: np.ndarray,
    *,
    switch_cost: float = 2.0,
    background_bias: float = 0.0,
) -> np.ndarray:
    """Labels int64 (T,) from the probabilities (T, K + 1) of frames, background last.

    shortest: int (K + 1,) frames. switch_cost: natural logarithm, for every border between two
    stretches: how much evidence a stretch must bring; neighbouring frames are seen by the same
    windows, so their evidence counts double and more, and a cost above that of a coin is right.
    background_bias: added to background's log probability; negative finds more segments.
    """
    scores = np.log(np.clip(np.asarray(probabilities, np.float64), SMALLEST, 1))
    scores[:, -1] += background_bias
    classes = scores.shape[1]
    return best_path(scores, shortest, np.full((classes, classes), -float(switch_cost)))


def shortest_lengths(
    clips, num_classes: int, *, share: float = 0.05, fallback: int = 1, background: int = 1
) -> np.ndarray:
    """int64 (K + 1,): frames that all but `share` of a class's training clips last at least.

    clips: start, end, label; a class with fewer than five clips takes all classes' together,
    `fallback` where there is none at all; background: its own shortest length.
    """
    lengths = (clips["end"] - clips["start"] + 1).to_numpy()
    labels = clips["label"].to_numpy()
    known = lengths[labels >= 0]
    everyone = int(np.quantile(known, share)) if len(known) else fallback
    out = np.full(num_classes + 1, max(everyone, 1), np.int64)
    for label in range(num_classes):
        own = lengths[labels == label]
        if len(own) >= 5:
            out[label] = max(int(np.quantile(own, share)), 1)
    out[num_classes] = max(int(background), 1)
    return out
