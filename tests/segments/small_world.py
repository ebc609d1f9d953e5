"""What two members say of the windows of generated videos, in which gestures are known."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from microgesture.segments.window_prediction import WindowSettings, video_windows
from microgesture.segments.windows import overlaps
from microgesture.stores.windows import VideoWindows

CLASSES = 3
SECONDS = (0.8, 1.6)
TEMPERATURES = {"joint": 1.2, "rgb": 0.9}
COUNTS = {"train": 6, "val": 3, "test": 3}
REST = 3.0  # rest resembles the first class: of a pause the members are sure, and wrong
FITTING = {
    "decoder": "best",
    "temporal": "never",
    "features": True,
    "most_windows": 20000,
    "shortest_seconds": 0.3,
    "shortest_gap_seconds": 0.2,
    "error": 0.2,
}


@dataclass
class World:
    """videos: video -> member -> VideoWindows; splits: video -> train, val or test; clips: video,
    start, end, label of all videos."""

    videos: dict[str, dict[str, VideoWindows]]
    splits: dict[str, str]
    clips: pd.DataFrame

    def part(self, *splits: str) -> dict:
        """The videos of these splits."""
        return {video: said for video, said in self.videos.items() if self.splits[video] in splits}

    def clips_of(self, *splits: str) -> pd.DataFrame:
        known = self.clips["video"].map(self.splits).isin(splits)
        return self.clips[known].reset_index(drop=True)


def one_video(seed: int, fps: float, seconds: float = 24.0, clear: float = 5.0):
    """(member -> VideoWindows, clips start, end, label): gestures of 1.2 to 2 s between pauses of
    1.5 to 3 s. Times and what is said are drawn in seconds, so that two rates of one seed are the
    same video. clear: how much more a window says of the gesture that it shares all frames with."""
    moments = np.random.default_rng(seed)
    clips, at = [], 1.0
    while at < seconds - 3.5:
        length = moments.uniform(1.2, 2.0)
        label = int(moments.integers(CLASSES))
        clips.append((round(at * fps), round((at + length) * fps) - 1, label))
        at += length + moments.uniform(1.5, 3.0)
    clips = pd.DataFrame(clips, columns=["start", "end", "label"])
    frames = round(seconds * fps)
    windows = video_windows(frames, fps, WindowSettings(SECONDS, 0.25, 16))
    shared = overlaps(windows["start"], windows["end"], clips)
    shared = shared / (windows["end"] - windows["start"] + 1).to_numpy()[:, None]
    said = {}
    for number, member in enumerate(TEMPERATURES):
        noise = np.random.default_rng([seed, number])
        logits = noise.normal(0, 1.0, (len(windows), CLASSES))
        logits[:, 0] += REST * (1 - shared.sum(axis=1))
        features = noise.normal(0, 0.4, (len(windows), 2))
        for label in range(CLASSES):
            logits[:, label] += clear * shared[:, (clips["label"] == label).to_numpy()].sum(axis=1)
        features[:, 0] += 1.5 * shared.sum(axis=1)
        said[member] = VideoWindows(
            windows,
            logits.astype(np.float32),
            features.astype(np.float32),
            np.ones(frames, bool),
            fps,
        )
    return said, clips


def small_world(fps: dict[str, float] | None = None, clear: float = 5.0) -> World:
    """fps: by split, 15 without."""
    videos, splits, tables, seed = {}, {}, [], 0
    for split, count in COUNTS.items():
        for number in range(count):
            seed += 1
            video = f"{split}{number}"
            videos[video], clips = one_video(seed, (fps or {}).get(split, 15.0), clear=clear)
            splits[video] = split
            tables.append(clips.assign(video=video))
    clips = pd.concat(tables, ignore_index=True)[["video", "start", "end", "label"]]
    return World(videos, splits, clips)
