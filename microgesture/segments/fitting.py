"""Fit a segmenter: background heads, the choice of a decoder, honest confidences.

It learns on completely annotated training videos and chooses on completely annotated validation
videos. Where no training video is declared complete, background cannot be learned: a frame is then
called a gesture where the members are sure enough.
"""

import logging
from dataclasses import replace

import numpy as np
import pandas as pd

from microgesture.metrics.rejection import coverage_curve, threshold_for_error
from microgesture.metrics.segment_matching import match_segments
from microgesture.segments.background import fit_heads
from microgesture.segments.decoding import GRIDS, choose_settings, decode_videos
from microgesture.segments.familiarity import Familiarity, fit_density, quantiles_of
from microgesture.segments.segment_table import fit_confidence
from microgesture.segments.segmenter import (
    Segmenter,
    stacked,
    steps_of,
    temporal_inputs,
)
from microgesture.segments.temporal_network import (
    TemporalSettings,
    thinned_labels,
    train_temporal_network,
)
from microgesture.segments.viterbi import shortest_lengths
from microgesture.segments.windows import frame_labels, label_windows
from microgesture.stores.windows import VideoWindows

LOGGER = logging.getLogger(__name__)
TEMPORAL = "temporal network"
STEP_SECONDS = 0.27  # of the temporal network: 4 frames at 15 a second
# What stands where no validation video is complete: the choice on MSR-Action3D
# (docs/results_untrimmed.md), and a threshold on the vote where background was not learned.
UNCHOSEN = {"viterbi": {"switch_cost": 4.0, "background_bias": 0.0}}
UNLEARNED = {"seconds": 0.2, "threshold": 0.7}

Members = dict[str, VideoWindows]


def fit_segmenter(
    videos: dict[str, Members],
    splits: dict[str, str],
    clips: pd.DataFrame,
    temperatures: dict[str, float],
    num_classes: int,
    settings: dict,
    seconds: tuple[float, ...],
    seed: int = 0,
) -> Segmenter:
    """videos: what every member says of each completely annotated training and validation video;
    splits: video -> train or val; clips: video, start, end, label of the labelled clips of these
    splits; temperatures: of the members in their order; settings: of fit_segmenter (decoder,
    features, most_windows, shortest_seconds, shortest_gap_seconds, error, temporal)."""
    names = tuple(temperatures)
    heats = np.array([temperatures[name] for name in names])
    training = [video for video in sorted(videos) if splits[video] == "train"]
    validation = [video for video in sorted(videos) if splits[video] == "val"]
    fps = {video: members[names[0]].fps for video, members in videos.items()}
    base = Segmenter(
        members=names,
        num_classes=num_classes,
        seconds=tuple(seconds),
        temperatures=heats,
        heads={},
        network=None,
        decoder="gaussian",
        settings=UNLEARNED,
        shortest_ms=_shortest_ms(clips, fps, splits, num_classes, settings),
        shortest_seconds=settings["shortest_seconds"],
        shortest_gap_seconds=settings["shortest_gap_seconds"],
        features=settings["features"],
        step_seconds=STEP_SECONDS,
    )
    if not training:
        LOGGER.warning(
            "no training video is declared completely annotated (column 'annotated' of the videos "
            "sheet): background is not learned; a frame is called a gesture where the members are "
            "at least %.0f %% sure, which finds less and invents more",
            100 * UNLEARNED["threshold"],
        )
        return base
    heads = _heads(videos, training, validation, clips, base, settings, seed)
    learned = replace(base, heads=heads)
    return _chosen(learned, videos, training, validation, clips, settings, seed)


def _shortest_ms(clips, fps, splits, num_classes, settings) -> np.ndarray:
    """float64 (K + 1,): lengths that all but a few of a class's training clips reach, in ms."""
    known = clips[clips["video"].map(splits).eq("train") & clips["video"].isin(list(fps))]
    lengths = (known["end"] - known["start"] + 1) * 1000 / known["video"].map(fps)
    table = pd.DataFrame({"start": 0, "end": lengths.round() - 1, "label": known["label"]})
    fallback = max(1, round(1000 * settings["shortest_seconds"]))
    found = shortest_lengths(table, num_classes, fallback=fallback, background=fallback)
    return found.astype(np.float64)


def _heads(videos, training, validation, clips, base, settings, seed):
    """Background heads on the windows of the training videos, `most_windows` a length at most."""
    tables, logits, features = [], [], []
    for video in [*training, *validation]:
        own, more = stacked(videos[video], base.members)
        tables.append(videos[video][base.members[0]].windows.assign(video=video))
        logits.append(own)
        features.append(more)
    windows = pd.concat(tables, ignore_index=True)
    labels = label_windows(windows, clips, [*training, *validation], base.num_classes)
    is_training = windows["video"].isin(training).to_numpy()
    limit = settings["most_windows"]
    for length in windows["length"].unique():
        rows = np.flatnonzero(is_training & (windows["length"] == length) & (labels >= 0))
        if len(rows) > limit:
            kept = np.random.default_rng(seed).choice(rows, limit, replace=False)
            labels[np.setdiff1d(rows, kept)] = -1
    return fit_heads(
        windows,
        np.concatenate(logits, axis=1),
        np.concatenate(features) if settings["features"] else None,
        labels,
        temperatures=base.temperatures,
        training=is_training,
        validation=~is_training,
        seed=seed,
    )


def _chosen(learned, videos, training, validation, clips, settings, seed) -> Segmenter:
    """The segmenter with the best decoder of those allowed, by the validation videos."""
    wanted = list(GRIDS) if settings["decoder"] == "best" else [settings["decoder"]]
    if not validation:
        LOGGER.warning(
            "no validation video is declared completely annotated: the decoder and its numbers are "
            "not chosen on data, confidences are the frames' mean probabilities"
        )
        decoder = wanted[0] if len(wanted) == 1 else "viterbi"
        numbers = UNCHOSEN.get(decoder) or {k: v[0] for k, v in GRIDS[decoder].items()}
        return replace(learned, decoder=decoder, settings=numbers)
    systems = {"heads": learned}
    if settings["temporal"] != "never":
        network = _temporal(learned, videos, training, validation, clips, seed)
        systems[TEMPORAL] = replace(learned, network=network)
    if settings["temporal"] == "always":
        systems.pop("heads")
    density = _density(learned, videos, training, validation, seed)
    systems = {name: replace(one, familiarity=density) for name, one in systems.items()}
    truth = clips[clips["video"].isin(validation)].reset_index(drop=True)
    fps = {video: videos[video][learned.members[0]].fps for video in validation}
    present = {video: videos[video][learned.members[0]].present for video in validation}
    best, highest, tried = None, -1.0, []
    for name, system in systems.items():
        frames = {video: system.frame_probabilities(videos[video]) for video in validation}
        options = {
            "fps": fps,
            "present": present,
            "shortest": {video: system.shortest_frames(fps[video]) for video in validation},
            "shortest_seconds": system.shortest_seconds,
            "shortest_gap_seconds": system.shortest_gap_seconds,
        }
        for decoder in wanted:
            numbers, score = choose_settings(frames, truth, decoder, **options)
            tried.append({"reads": name, "decoder": decoder, "f1": round(score, 4), **numbers})
            if score > highest:
                highest = score
                found, _ = decode_videos(frames, decoder, numbers, **options)
                best = replace(system, decoder=decoder, settings=numbers), found
    segmenter, found = best
    LOGGER.info("on validation:\n%s", pd.DataFrame(tried).to_string(index=False))
    right = match_segments(found, truth) >= 0
    scale = fit_confidence(found["confidence"].to_numpy(), right)
    curve = coverage_curve(scale(found["confidence"].to_numpy()), right)
    reject = threshold_for_error(curve, settings["error"], safe=False) if len(curve) else 0.0
    if not np.isfinite(reject):
        LOGGER.warning(
            "no confidence leaves as few as %.0f %% wrong on validation: every segment is called "
            "uncertain",
            100 * settings["error"],
        )
        reject = 1.0
    return replace(
        segmenter,
        scale=scale,
        reject=float(reject),
        tried=tuple(tried),
        coverage=tuple(curve.round(6).to_dict("records")),
    )


def _density(learned, videos, training, validation, seed) -> Familiarity | None:
    """What the training windows look like to the members, and how strange the validation people
    are beside them."""
    features = [stacked(videos[video], learned.members)[1] for video in training]
    density = replace(learned, familiarity=fit_density(np.concatenate(features), seed))
    seen = []
    for video in validation:
        found = density.frame_distances(videos[video])
        seen.append(found[videos[video][learned.members[0]].present])
    found = np.concatenate(seen)
    if not len(found):
        return None
    return replace(density.familiarity, reference=quantiles_of(found))


def _temporal(learned, videos, training, validation, clips, seed):
    """The temporal network, trained on the training videos, kept by its validation loss."""
    inputs, labels = {}, {}
    for video in [*training, *validation]:
        one = learned._checked(videos[video])
        values, logits, features = learned._window_values(videos[video])
        every = steps_of(one.fps, learned.step_seconds)
        said = (values, logits, features, learned.temperatures)
        inputs[video] = temporal_inputs(one, *said, every)
        own = clips[clips["video"] == video]
        labels[video] = thinned_labels(frame_labels(own, one.frames, learned.num_classes), every)
    return train_temporal_network(
        [inputs[video] for video in training],
        [labels[video] for video in training],
        learned.num_classes,
        TemporalSettings(every=1),  # they are thinned already, each video by its own rate
        validation=([inputs[v] for v in validation], [labels[v] for v in validation]),
        seed=seed,
    )
