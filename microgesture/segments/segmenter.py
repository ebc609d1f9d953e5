"""From what the members say of a video's windows to its segments: everything that was fitted.

Two files hold it and nothing in them is code: `heads.npz` (numbers of the background heads and of
the temporal network) and `segmenter.json` (all else, readable).
"""

import json
import zipfile
import zlib
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from scipy.special import log_softmax

from microgesture.provenance.errors import BadInput
from microgesture.provenance.files import written_whole
from microgesture.segments.background import BackgroundHead, window_probabilities
from microgesture.segments.decoding import decode_videos
from microgesture.segments.familiarity import Familiarity
from microgesture.segments.frame_probabilities import average_over_windows
from microgesture.segments.segment_table import ConfidenceScale, calibrated
from microgesture.segments.temporal_network import (
    TemporalNetwork,
    TemporalSettings,
    spread,
    temporal_probabilities,
    thinned,
)
from microgesture.stores.windows import VideoWindows

VERSION = 1
COLUMNS = 64  # of the features that are averaged at a time
EDGE = 1e-6  # probabilities are kept off 0 before the logarithm
DAMAGE = (OSError, EOFError, LookupError, ValueError, TypeError, RuntimeError)
ARRAYS = tuple(field.name for field in fields(BackgroundHead))
DENSITY = tuple(field.name for field in fields(Familiarity))


@dataclass(frozen=True)
class Segmenter:
    """members: in the order of the logits. num_classes: K. seconds: lengths of the windows.
    temperatures (M,): of the members. heads: by length in ms; none = background was not learned.
    network: reads the windows of whole videos, or None. decoder, settings: see
    `segments.decoding`. shortest_ms (K + 1,): shortest stretch of each class, background last.
    shortest_seconds, shortest_gap_seconds: what is dropped and what is joined. scale: of the
    confidences. reject: below it a segment is called uncertain (0: none is). tried: what was
    compared on validation (list of dictionaries). coverage: rows of the `coverage_curve` of
    `metrics.rejection` on the validation videos, by which `reject` was chosen. familiarity: how
    strange features are beside those of validation, or None."""

    members: tuple[str, ...]
    num_classes: int
    seconds: tuple[float, ...]
    temperatures: np.ndarray
    heads: dict[int, BackgroundHead]
    network: TemporalNetwork | None
    decoder: str
    settings: dict
    shortest_ms: np.ndarray
    shortest_seconds: float
    shortest_gap_seconds: float
    scale: ConfidenceScale = field(default_factory=ConfidenceScale)
    reject: float = 0.0
    features: bool = True
    step_seconds: float = 0.0
    tried: tuple = ()
    coverage: tuple = ()
    familiarity: Familiarity | None = None

    def frame_probabilities(self, members: dict[str, VideoWindows]) -> np.ndarray:
        """float64 (T, K + 1) of one video, background last; members: what each says of it. Without
        learned background its column is 0: what is a gesture is decided by a threshold."""
        one = self._checked(members)
        values, logits, features = self._window_values(members)
        if self.network is None:
            return average_over_windows(one.windows, values, one.frames)
        every = steps_of(one.fps, self.step_seconds)
        inputs = temporal_inputs(one, values, logits, features, self.temperatures, every)
        return spread(temporal_probabilities(self.network, inputs), every, one.frames)

    def frame_distances(self, members: dict[str, VideoWindows]) -> np.ndarray | None:
        """float64 (T,): how strange what is seen in each frame is; see `Familiarity`."""
        if self.familiarity is None:
            return None
        one = self._checked(members)
        _, features = stacked(members, self.members)
        found = self.familiarity.distances(features)[:, None]
        return average_over_windows(one.windows, found, one.frames)[:, 0]

    def segments(
        self,
        probabilities: dict[str, np.ndarray],
        fps: dict[str, float],
        present: dict[str, np.ndarray],
        distances: dict[str, np.ndarray | None] | None = None,
    ) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
        """(segments of all videos with calibrated confidence, `familiar` and `uncertain` yes or no;
        labels of frames); see `decode_videos`. distances: from `frame_distances`; a segment that is
        stranger than 99 % of the validation people's frames loses confidence."""
        table, labels = decode_videos(
            probabilities,
            self.decoder,
            self.settings,
            fps=fps,
            shortest={video: self.shortest_frames(fps[video]) for video in probabilities},
            shortest_seconds=self.shortest_seconds,
            shortest_gap_seconds=self.shortest_gap_seconds,
            present=present,
        )
        table = calibrated(table, self.scale)
        if self.familiarity is not None and distances is not None:
            strange = np.array(
                [distances[row.video][row.start : row.end + 1].mean() for row in table.itertuples()]
            )
            sure = table["confidence"] * self.familiarity.factor(strange)
            table = table.assign(confidence=sure, familiar=self.familiarity.share(strange))
        unsure = table["confidence"] < self.reject
        return table.assign(uncertain=np.where(unsure, "yes", "no")), labels

    def shortest_frames(self, fps: float) -> np.ndarray:
        """int64 (K + 1,): the shortest stretch of each class in frames of this rate."""
        return np.maximum(1, np.round(self.shortest_ms * fps / 1000)).astype(np.int64)

    def _checked(self, members: dict[str, VideoWindows]) -> VideoWindows:
        missing = [name for name in self.members if name not in members]
        if missing:
            raise BadInput(
                f"the segmenter was fitted with the members {', '.join(self.members)}; "
                f"{', '.join(missing)} did not look at the windows"
            )
        first = members[self.members[0]]
        for name in self.members:
            if not first.windows.equals(members[name].windows):
                raise BadInput(
                    f"{name} and {self.members[0]} looked at other windows; predict both again"
                )
        return first

    def _window_values(self, members) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        logits, features = stacked(members, self.members)
        windows = members[self.members[0]].windows
        if self.heads:
            read = features if self.features else None
            values = window_probabilities(self.heads, windows, logits, read)
        else:
            values = without_learning(logits, self.temperatures)
        return values, logits, features

    def save(self, heads: str | Path, settings: str | Path) -> None:
        """Write both files."""
        arrays = {"temperatures": self.temperatures, "shortest_ms": self.shortest_ms}
        for length, head in self.heads.items():
            arrays |= {f"head/{length}/{name}": getattr(head, name) for name in ARRAYS}
        if self.familiarity is not None:
            arrays |= {f"familiarity/{name}": getattr(self.familiarity, name) for name in DENSITY}
        facts = {
            "format": "microgesture segmenter",
            "version": VERSION,
            **{
                name: getattr(self, name)
                for name in (
                    "members", "num_classes", "seconds", "decoder", "settings", "shortest_seconds",
                    "shortest_gap_seconds", "reject", "features", "step_seconds",
                )
            },
            "scale": asdict(self.scale),
            "network": None,
            "tried": list(self.tried),
            "coverage": list(self.coverage),
        }  # fmt: skip
        if self.network is not None:
            state = self.network.state_dict()
            arrays |= {f"network/{name}": value.numpy() for name, value in state.items()}
            facts["network"] = asdict(self.network.settings)
        with written_whole(heads) as temporary, open(temporary, "wb") as file:
            np.savez(file, **arrays)
        with written_whole(settings) as temporary:
            temporary.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


def load_segmenter(heads: str | Path, settings: str | Path) -> Segmenter:
    """What `Segmenter.save` wrote. BadInput for files that are none and for a newer version."""
    try:
        facts = json.loads(Path(settings).read_text(encoding="utf-8"))
        with np.load(heads, allow_pickle=False) as file:
            arrays = dict(file)
        if facts["format"] != "microgesture segmenter":
            raise ValueError(facts["format"])
        if facts["version"] > VERSION:
            raise BadInput(
                f"{settings}: version {facts['version']} was written by a newer microgesture than "
                f"this one, which reads up to {VERSION}; update it"
            )
        lengths = {int(name.split("/")[1]) for name in arrays if name.startswith("head/")}
        heads_ = {
            length: BackgroundHead(**{name: arrays[f"head/{length}/{name}"] for name in ARRAYS})
            for length in sorted(lengths)
        }
        return Segmenter(
            members=tuple(facts["members"]),
            num_classes=int(facts["num_classes"]),
            seconds=tuple(facts["seconds"]),
            temperatures=arrays["temperatures"],
            heads=heads_,
            network=_network(facts, arrays),
            decoder=facts["decoder"],
            settings=facts["settings"],
            shortest_ms=arrays["shortest_ms"],
            shortest_seconds=facts["shortest_seconds"],
            shortest_gap_seconds=facts["shortest_gap_seconds"],
            scale=ConfidenceScale(**facts["scale"]),
            reject=facts["reject"],
            features=facts["features"],
            step_seconds=facts["step_seconds"],
            tried=tuple(facts["tried"]),
            coverage=tuple(facts["coverage"]),
            familiarity=_familiarity(arrays),
        )
    except (*DAMAGE, zipfile.BadZipFile, zlib.error) as error:
        raise BadInput(
            f"{settings}, {heads}: are no segmenter of this workflow or are damaged ({error}); "
            f"make them again with fit_segmenter"
        ) from error


def _familiarity(arrays: dict[str, np.ndarray]) -> Familiarity | None:
    if f"familiarity/{DENSITY[0]}" not in arrays:
        return None
    return Familiarity(**{name: arrays[f"familiarity/{name}"] for name in DENSITY})


def _network(facts: dict, arrays: dict[str, np.ndarray]) -> TemporalNetwork | None:
    if facts["network"] is None:
        return None
    state = {
        name.removeprefix("network/"): torch.from_numpy(value)
        for name, value in arrays.items()
        if name.startswith("network/")
    }
    channels = len(state["mean"])
    network = TemporalNetwork(
        channels, facts["num_classes"] + 1, TemporalSettings(**facts["network"])
    )
    network.load_state_dict(state)
    return network.eval()


def stacked(
    members: dict[str, VideoWindows], names: tuple[str, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """(logits (M, N, K), features (N, F), those of all members in a row) of one video."""
    logits = np.stack([members[name].logits for name in names])
    return logits, np.concatenate([members[name].features for name in names], axis=1)


def without_learning(logits: np.ndarray, temperatures: np.ndarray) -> np.ndarray:
    """(N, K + 1): the mean of the members' calibrated probabilities, background 0."""
    scaled = np.asarray(logits, np.float64) / np.asarray(temperatures)[:, None, None]
    voted = np.exp(log_softmax(scaled, axis=2)).mean(axis=0)
    return np.concatenate([voted, np.zeros((len(voted), 1))], axis=1)


def steps_of(fps: float, seconds: float) -> int:
    """Frames that one step of the temporal network stands for."""
    return max(1, round(fps * seconds))


def temporal_inputs(
    video: VideoWindows,
    values: np.ndarray,
    logits: np.ndarray,
    features: np.ndarray,
    temperatures: np.ndarray,
    every: int,
) -> np.ndarray:
    """float32 (ceil(T / every), C): for every length of window the mean log-probabilities of the
    head and of each member; then the features' mean over all windows; each the mean of `every`
    frames. Some columns at a time, so that an hour fits into memory."""
    logs = [np.log(np.clip(values, EDGE, 1))]
    for own, temperature in zip(np.asarray(logits, np.float64), temperatures):
        logs.append(log_softmax(own / temperature, axis=1))
    said = np.concatenate(logs, axis=1)
    parts = []
    for length in sorted(video.windows["length"].unique()):
        rows = np.flatnonzero(video.windows["length"] == length)
        own = video.windows.iloc[rows]
        parts.append(_thinned_means(own, said[rows], video.frames, every))
    parts.append(_thinned_means(video.windows, features, video.frames, every))
    return np.concatenate(parts, axis=1)


def _thinned_means(windows, values, frames: int, every: int) -> np.ndarray:
    parts = [
        thinned(average_over_windows(windows, values[:, at : at + COLUMNS], frames), every)
        for at in range(0, values.shape[1], COLUMNS)
    ]
    return np.concatenate(parts, axis=1).astype(np.float32)
