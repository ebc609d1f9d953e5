"""The job of predict_windows: a member looks at all windows of a batch's videos, video by video.

Nothing of one video is batched with another's, so that a video's numbers never depend on its
neighbours.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from tqdm import tqdm

from microgesture.bundles.layout import layout_of
from microgesture.configuration.settings import FUSION_SETTINGS, complete_settings
from microgesture.datasets.clips import Clips
from microgesture.pose.layouts import get_layout
from microgesture.segments.members import predict_windows
from microgesture.segments.window_clips import (
    WindowPictures,
    locate_windows,
    video_motion,
    windows_as_clips,
)
from microgesture.segments.windows import make_windows
from microgesture.stores.rgb import RgbStore
from microgesture.stores.sequences import Sequence, read_sequence
from microgesture.stores.windows import VideoWindows
from microgesture.training.device import make_accelerator
from microgesture.training.fusion import build_fusion
from microgesture.training.inputs import lay_network
from microgesture.training.recogniser import Recogniser
from microgesture.training.snapshots import earlier_networks
from microgesture.weights.checkpoints import load_network, read_metadata
from microgesture.weights.networks import build_as_trained


@dataclass(frozen=True)
class WindowSettings:
    """seconds: lengths of the windows; stride: as a share of the length; picture_size: pixels of a
    window's pictures, as the crops of the training clips had them (decode_rgb: size)."""

    seconds: tuple[float, ...]
    stride: float
    picture_size: int


def video_windows(frames: int, fps: float, settings: WindowSettings) -> pd.DataFrame:
    """start, end (frames), length (ms) of the windows of one video: the length in ms is the same
    for videos of any rate, so that what is learned about a length serves them all."""
    parts = []
    for seconds in sorted(set(settings.seconds)):
        length = max(2, round(seconds * fps))
        part = make_windows({"": frames}, [length], settings.stride)
        parts.append(part.assign(length=round(1000 * seconds)))
    table = pd.concat(parts, ignore_index=True)
    return table[["start", "end", "length"]].astype(np.int64)


class Member:
    """A trained network with all that it needs to look at windows.

    checkpoint, metadata: its files; settings: those that differ from the training's.
    """

    def __init__(self, checkpoint: str, metadata: str, settings: dict, *, threads: int, gpu: bool):
        self._facts = read_metadata(metadata)
        self._checkpoint = checkpoint
        self.is_fusion = "streams" in self._facts
        known = (FUSION_SETTINGS,) if self.is_fusion else ()
        plain = {"semantic_loss": {"form": "none"}, "prototype_loss": {"weight": 0}}
        self.settings = complete_settings({**self._facts["settings"], **settings}, *known) | plain
        self.streams = tuple(self._facts["streams"] if self.is_fusion else [self._facts["stream"]])
        self.num_classes = self._facts["num_classes"]
        self.layout = get_layout(layout_of(self._facts, metadata))
        self.accelerator = make_accelerator(gpu, self.settings["precision"], threads=threads)
        self._recogniser, self._earlier = None, []

    @property
    def sees_pictures(self) -> bool:
        """One of its streams is RGB."""
        return "rgb" in self.streams

    def look(self, windows: Clips) -> tuple[np.ndarray, np.ndarray]:
        """(logits float32 (N, K), features float32 (N, F))."""
        if self._recogniser is None:
            self._recogniser, *self._earlier = self._built(windows)
        return predict_windows(
            self._recogniser,
            windows,
            self.streams,
            self.settings,
            self.accelerator,
            self.num_classes,
            earlier=self._earlier,
        )

    def _built(self, windows: Clips) -> list[Recogniser]:
        facts, settings = self._facts, self.settings
        if self.is_fusion:
            network = build_fusion(
                *(facts["model"], facts["num_classes"], windows, self.streams, facts["options"]),
                *(settings["dropout"], settings["limbs"]),
            )
        else:
            network = build_as_trained(facts, windows.layout, settings)
        load_network(network, self._checkpoint)
        networks = [network, *earlier_networks(network, self._checkpoint)]
        for one in networks:
            lay_network(one, self.streams, self.accelerator)
        recognisers = [Recogniser(one, self.num_classes, settings) for one in networks]
        return [one.to(self.accelerator.device).eval() for one in recognisers]


def look_at_videos(
    member: Member,
    videos: pd.DataFrame,
    skeletons: str,
    pictures: str | None,
    boxes: str | None,
    *,
    windows: WindowSettings,
    saliency: dict,
) -> Iterator[tuple[str, VideoWindows]]:
    """(video, VideoWindows) of every video.

    videos: video, fps; skeletons: store of the cleaned keypoints; pictures, boxes: store and table
    of store_videos, for a member that sees pictures; saliency: settings of locate_saliency.
    """
    table = pd.read_parquet(boxes).set_index("video") if boxes else None
    with tqdm(total=len(videos), unit="video", desc="predict_windows", mininterval=1) as bar:
        for row in videos.sort_values("video").itertuples():
            sequence = read_sequence(skeletons, row.video)
            spans = video_windows(len(sequence.present), row.fps, windows)
            own = None if table is None else tuple(table.loc[row.video, ["x0", "y0", "x1", "y1"]])
            shown = None
            if member.sees_pictures:
                shown = (RgbStore(pictures), own, windows.picture_size)
            clips = _as_clips(member, row.video, spans, sequence, shown, saliency)
            logits, features = member.look(clips)
            yield row.video, VideoWindows(spans, logits, features, sequence.present, row.fps)
            bar.update()


def _as_clips(
    member: Member,
    video: str,
    spans: pd.DataFrame,
    sequence: Sequence,
    shown: tuple | None,
    saliency: dict,
) -> Clips:
    """The windows of one video as the member reads them; shown: store, box and size of pictures."""
    table = spans.assign(video=video)
    boxes = energies = pictures = None
    flat = sequence.points.shape[-1] == 3
    if flat or member.sees_pictures:
        boxes, _ = locate_windows(table, {video: sequence}, saliency)
    if member.settings["sampling"] != "uniform":
        energies = {video: video_motion(sequence, saliency)}
    if shown is not None:
        store, stored, size = shown
        pictures = WindowPictures(table, {video: store}, {video: stored}, boxes, size)
    return windows_as_clips(
        table,
        {video: sequence},
        member.layout,
        boxes=boxes,
        persons=member.settings["persons"],
        facing=member.settings["facing"],
        energies=energies,
        pictures=pictures,
    )
