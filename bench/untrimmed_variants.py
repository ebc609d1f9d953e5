"""The quick half of bench/untrimmed_skeletons.py: from windows to segments in many ways."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import log_softmax

from bench.untrimmed_outputs import Outputs
from bench.untrimmed_videos import FPS, Untrimmed
from microgesture.ensembles.soft_vote import soft_vote
from microgesture.metrics.rejection import coverage_curve, threshold_for_error
from microgesture.metrics.segment_matching import match_segments
from microgesture.metrics.segments import SegmentSums, collect_segment_sums
from microgesture.segments.background import fit_heads, window_probabilities
from microgesture.segments.decoding import choose_settings, decode_videos
from microgesture.segments.frame_probabilities import average_over_windows
from microgesture.segments.segment_table import calibrated, fit_confidence
from microgesture.segments.temporal_network import (
    TemporalSettings,
    count_parameters,
    temporal_probabilities,
    train_temporal_network,
)
from microgesture.segments.viterbi import shortest_lengths
from microgesture.segments.windows import frame_labels, label_windows

Frames = dict[str, np.ndarray]
FILTERS = {"shortest_seconds": 0.4, "shortest_gap_seconds": 0.2}
WHOLE = "Viterbi"
FORCED = "no background class"
# What the workflow chooses from, on validation people (decoder: best, temporal: best).
CHOSEN_FROM = (
    "background learned, threshold only", "Gaussian smoothing", "running median", WHOLE,
    "temporal network", "temporal network, Viterbi",
)  # fmt: skip
WISHED = 0.2  # share of wrong ones among the answered segments


@dataclass
class Found:
    """A variant's answer on the test videos: segments with calibrated confidence, labels of frames,
    sums of the scores, and what was chosen on validation: settings, score, and the confidence below
    which a segment is called uncertain."""

    segments: pd.DataFrame
    labels: Frames
    sums: SegmentSums
    settings: dict
    validation: float
    reject: float


class Bench:
    """The videos, what the members say of their windows, and the splits."""

    def __init__(self, untrimmed: Untrimmed, outputs: Outputs, seed: int):
        self.untrimmed, self.outputs, self.seed = untrimmed, outputs, seed
        self.count = len(untrimmed.names)
        self.frames = dict(zip(untrimmed.videos["video"], untrimmed.videos["frames"]))
        self.split = dict(zip(untrimmed.videos["video"], untrimmed.videos["split"]))
        self.fps = dict.fromkeys(self.frames, FPS)
        self.present = {name: own.present for name, own in untrimmed.sequences.items()}
        training = untrimmed.clips[untrimmed.clips["split"] == "train"]
        self.shortest = shortest_lengths(training, self.count, background=5)
        self.truth = {
            video: frame_labels(own, self.frames[video], self.count)
            for video, own in untrimmed.clips.groupby("video")
        }

    def of_split(self, values: Frames, split: str) -> Frames:
        return {video: own for video, own in values.items() if self.split[video] == split}

    def clips_of(self, split: str) -> pd.DataFrame:
        clips = self.untrimmed.clips
        return clips[clips["split"] == split].reset_index(drop=True)

    def forced(self) -> np.ndarray:
        """(N, K + 1): the members' mean calibrated probabilities, background 0."""
        logits = self.outputs.logits / self.outputs.temperatures[:, None, None]
        members = np.exp(log_softmax(logits.astype(np.float64), axis=2))
        voted = soft_vote(members, np.full(len(members), 1 / len(members)))
        return np.concatenate([voted, np.zeros((len(voted), 1))], axis=1)

    def learned(
        self, members: list[int] | None = None, *, features: bool = True, apart: bool = False
    ) -> np.ndarray:
        """(N, K + 1) of heads fitted on the training videos' windows; members: their numbers.

        features: heads read the members' features beside their logits. apart: they see training
        people by networks that were trained on the others, logits only, for two networks' features
        are no two views of one thing.
        """
        windows, outputs = self.outputs.windows, self.outputs
        chosen = list(range(len(outputs.logits))) if members is None else members
        logits = (outputs.apart if apart else outputs.logits)[chosen]
        split = windows["video"].map(self.split)
        seen = self.untrimmed.clips[self.untrimmed.clips["split"] != "test"]
        labels = label_windows(windows, seen, set(seen["video"]), self.count)
        columns = np.concatenate([outputs.columns(n) for n in chosen])
        read = outputs.features[:, columns] if features and not apart else None
        heads = fit_heads(
            windows, logits, read, labels, temperatures=outputs.temperatures[chosen],
            training=(split == "train").to_numpy(), validation=(split == "val").to_numpy(),
            seed=self.seed,
        )  # fmt: skip
        return window_probabilities(heads, windows, logits, read)

    def per_frame(self, values: np.ndarray, lengths: list[int] | None = None) -> Frames:
        """video -> (T, C): means over the windows, of these lengths only."""
        windows = self.outputs.windows
        weights = None if lengths is None else dict.fromkeys(lengths, 1.0)
        return {
            video: average_over_windows(
                own, values[own.index], self.frames[video], length_weights=weights
            )
            for video, own in windows.groupby("video")
        }

    def temporal(self, probabilities: np.ndarray) -> tuple[Frames, int]:
        """(video -> (T, K + 1), parameters) of a temporal network on every length's means of the
        heads' log-probabilities and the members' own, and the mean features."""
        logs = [np.log(np.clip(probabilities, 1e-6, 1))]
        for logits, temperature in zip(self.outputs.logits, self.outputs.temperatures):
            logs.append(log_softmax(logits.astype(np.float64) / temperature, axis=1))
        values = np.concatenate(logs, axis=1)
        lengths = sorted(self.outputs.windows["length"].unique())
        parts = [self.per_frame(values, [length]) for length in lengths]
        parts.append(self.per_frame(self.outputs.features))
        inputs = {
            video: np.concatenate([part[video] for part in parts], axis=1) for video in self.frames
        }
        pairs = {
            split: (list(own.values()), [self.truth[video] for video in own])
            for split in ("train", "val")
            for own in [self.of_split(inputs, split)]
        }
        network = train_temporal_network(
            *pairs["train"], self.count, TemporalSettings(), validation=pairs["val"],
            seed=self.seed,
        )  # fmt: skip
        found = {video: temporal_probabilities(network, own) for video, own in inputs.items()}
        return found, count_parameters(network)

    def run(self, values: Frames, decoder: str, fixed: dict | None = None) -> Found:
        """Choose the decoder's numbers on validation videos, decode the test videos, score."""
        options = {"fps": self.fps, "shortest": self.shortest, "present": self.present, **FILTERS}
        held, truth = self.of_split(values, "val"), self.clips_of("val")
        settings, score = choose_settings(held, truth, decoder, fixed=fixed, **options)
        table, _ = decode_videos(held, decoder, settings, **options)
        right = match_segments(table, truth) >= 0
        scale = fit_confidence(table["confidence"].to_numpy(), right)
        curve = coverage_curve(scale(table["confidence"].to_numpy()), right)
        reject = threshold_for_error(curve, WISHED, safe=False)
        segments, labels = decode_videos(
            self.of_split(values, "test"), decoder, settings, **options
        )
        sums = self.sums(segments, labels)
        return Found(calibrated(segments, scale), labels, sums, settings, score, reject)

    def sums(self, segments: pd.DataFrame, labels: Frames) -> SegmentSums:
        """Of the test videos, added up by person."""
        videos = self.untrimmed.videos
        videos = videos[videos["split"] == "test"].rename(columns={"subject": "group"})
        pairs = {video: (self.truth[video], labels[video]) for video in labels}
        return collect_segment_sums(segments, self.clips_of("test"), videos, pairs, self.count)


def run_variants(
    bench: Bench, streams: tuple[str, ...], unit: str = "frames"
) -> tuple[dict[str, Found], int]:
    """(variant -> Found, parameters of the temporal network), in the table's order. unit: of the
    windows' lengths."""
    forced = bench.per_frame(bench.forced())
    learned = bench.learned()
    frames = bench.per_frame(learned)
    found = {
        FORCED: bench.run(forced, "gaussian", {"threshold": 0.0}),
        "background where unsure": bench.run(forced, "gaussian"),
        "background learned, threshold only": bench.run(frames, "threshold"),
        "Gaussian smoothing": bench.run(frames, "gaussian"),
        "running median": bench.run(frames, "median"),
        WHOLE: bench.run(frames, "viterbi"),
    }
    temporal, parameters = bench.temporal(learned)
    found["temporal network"] = bench.run(temporal, "threshold", {"threshold": None})
    found["temporal network, Viterbi"] = bench.run(temporal, "viterbi")
    for length in sorted(bench.outputs.windows["length"].unique()):
        one = bench.per_frame(learned, [int(length)])
        found[f"Viterbi, windows of {length} {unit}"] = bench.run(one, "viterbi")
    for number, stream in enumerate(streams if len(streams) > 1 else ()):
        alone = bench.per_frame(bench.learned([number]))
        found[f"Viterbi, {stream} alone"] = bench.run(alone, "viterbi")
    plain = bench.per_frame(bench.learned(features=False))
    found["Viterbi, heads read logits only"] = bench.run(plain, "viterbi")
    if bench.outputs.apart is not None:
        unseen = bench.per_frame(bench.learned(apart=True))
        found["Viterbi, heads on people unseen"] = bench.run(unseen, "viterbi")
    return found, parameters
