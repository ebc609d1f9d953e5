"""Annotated clips to look at: skeleton, crop, prediction and motion drawn on the video.

For every class that the ensemble predicts, the test or unlabelled clip that it is surest of, as an
mp4 (name: number and name of the class); for a class that it never predicts a validation clip of
that class ("missed" in the name); without a recogniser one clip per video. And
streams.png: one clip as the networks see it. True labels are shown for training and validation
clips only: the truth of the test clips is no input of this rule. Imported keypoints without a video
are drawn on an empty canvas. With `anonymise` no face is shown (docs/review.md, "Faces").

Settings: scale (enlargement, 2), seconds (a shorter clip is repeated up to this, 3), guesses (3),
columns (frames in streams.png, 7), sigma (heatmaps in streams.png, 0.6), anonymise (none | blur |
mask), anonymise_unknown, anonymise_margin, anonymise_hold_seconds
(`microgesture.figures.faces.Anonymise`).
"""

import logging
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from microgesture.ensembles.logits import read_tables
from microgesture.figures.canvas import SIDE, empty_frames, on_canvas
from microgesture.figures.choice import file_stem, liveliest_clips, surest_clips
from microgesture.figures.faces import Anonymise, anonymised, read_heads, without_face_points
from microgesture.figures.overlays import draw_overlay
from microgesture.figures.panel import ClipText
from microgesture.figures.streams import draw_streams
from microgesture.pose.layouts import Layout, get_layout
from microgesture.pose.persons import choose_persons
from microgesture.provenance.jobs import job
from microgesture.stores.sequences import list_sequences, read_sequence
from microgesture.videos.decoding import read_frames
from microgesture.videos.encoding import write_video
from microgesture.videos.index_store import list_frame_indexes, stored_index

LOGGER = logging.getLogger("microgesture.figures")


def render(
    facts: list[str],
    clips: list[str],
    skeletons: list[str],
    saliency: list[str],
    probabilities: list[str],
    overlays: str,
    layout: str,
    labels: list[list[str]],
    settings: dict,
    rates: dict[str, float] | None = None,
    frame_indexes: list[str] = (),
) -> None:
    """Write the folder `overlays`; `probabilities` is [] where nothing was trained. rates: frames
    per second of the videos whose sheet knows better than their file.

    frame_indexes: stores of the batches' frame indexes (results/videos/{batch}.h5); a video that is
    in none of them is numbered on the spot.
    """
    folder = Path(overlays)
    folder.mkdir(parents=True, exist_ok=True)
    videos = read_tables(facts).set_index("video")
    videos["fps"] = [(rates or {}).get(name, fps) for name, fps in videos["fps"].items()]
    crops = read_tables(saliency)
    known = read_tables(clips)
    known = known[known["video"].isin(videos.index[videos["status"] == "ok"])]
    names = [name for name, _ in labels]
    mixed = pd.read_parquet(probabilities[0]) if probabilities else None
    chosen = liveliest_clips(known, crops) if mixed is None else surest_clips(known, mixed)
    if not len(chosen):
        LOGGER.warning("no clip to show")
        return
    store_of = {video: path for path in skeletons for video in list_sequences(path)}
    index_of = {video: path for path in frame_indexes for video in list_frame_indexes(path)}
    crops = crops.set_index("clip")
    shown = get_layout(layout)
    faces = Faces(Anonymise.from_settings(settings), videos, store_of)
    for clip in chosen.itertuples():
        text = _text(clip, names, mixed, settings.get("guesses", 3))
        stem = file_stem(clip.clip)
        if mixed is not None:
            stem = f"{clip.stands_for:02d}_{file_stem(names[clip.stands_for])}"
            if clip.stands_for != clip.predicted:
                stem += "_missed"
        video, crop = videos.loc[clip.video], crops.loc[clip.clip]
        frames, points, box = _scene(clip, video, crop, store_of, shown, index_of, faces)
        pictures = list(
            draw_overlay(
                frames,
                points,
                shown,
                box if crop["person_frames"] and video["path"] else None,
                np.asarray(crop["motion"]),
                text,
                video["fps"],
                settings.get("scale", 2),
            )
        )
        rate = video["fps"] if video["fps"] > 0 else 25.0
        repeats = max(1, -(-round(settings.get("seconds", 3) * rate) // len(pictures)))
        write_video(folder / f"{stem}.mp4", pictures * repeats, rate, crf=21)
        LOGGER.info("%s.mp4: clip %s of video %s", stem, clip.clip, clip.video)
    _streams(
        _telling(chosen, crops),
        videos,
        crops,
        store_of,
        names,
        layout,
        folder,
        settings,
        index_of,
        faces,
    )


class Faces:
    """Takes the faces out of a clip's frames, those of all people of its file."""

    def __init__(self, settings: Anonymise, videos: pd.DataFrame, store_of: dict[str, str]):
        """videos: as in `render`, by id, with path and fps."""
        self._settings, self._videos, self._store_of = settings, videos, store_of

    def hidden(self, frames: Iterable[np.ndarray], clip) -> Iterable[np.ndarray]:
        """The clip's frames, one after the other; as they are with anonymise: none."""
        if self._settings.how == "none":
            return frames
        video = self._videos.loc[clip.video]
        rows = self._videos.index[self._videos["path"] == video["path"]]
        fps = video["fps"] if video["fps"] > 0 else 25.0
        people = [name for name in rows if name in self._store_of]
        heads = read_heads(people, self._store_of, fps, self._settings)
        return anonymised(frames, heads.cut(clip.start, clip.end), self._settings)

    def drawn(self, points: np.ndarray, layout: Layout) -> np.ndarray:
        """What is drawn of a skeleton: no points of the face where faces are hidden."""
        return points if self._settings.how == "none" else without_face_points(points, layout)


def _text(clip, names: list[str], mixed: pd.DataFrame | None, guesses: int) -> ClipText:
    best = []
    if mixed is not None:
        row = mixed[mixed["clip"] == clip.clip]
        values = row[[f"probability_{k}" for k in range(len(names))]].to_numpy()[0]
        ranked = np.argsort(-values, kind="stable")[:guesses]
        best = [(names[label], float(values[label])) for label in ranked]
    facts = [("clip", clip.clip), ("video", clip.video), ("split", clip.split)]
    if isinstance(clip.subject, str) and clip.subject:
        facts.insert(2, ("subject", clip.subject))
    return ClipText(best, facts, names[clip.label] if clip.label >= 0 else "")


def _telling(chosen: pd.DataFrame, crops: pd.DataFrame):
    """The clip for streams.png: a person in it, sure, and moving."""
    motion = np.array([np.max(crops.loc[clip, "motion"], initial=0.0) for clip in chosen["clip"]])
    seen = np.array([crops.loc[clip, "person_frames"] > 0 for clip in chosen["clip"]])
    sure = chosen["confidence"].to_numpy() if "confidence" in chosen else np.ones(len(chosen))
    return list(chosen.itertuples())[int(np.argmax(sure * seen * (motion / (motion.max() or 1))))]


def _streams(
    clip,
    videos: pd.DataFrame,
    crops: pd.DataFrame,
    store_of: dict[str, str],
    names: list[str],
    layout: str,
    folder: Path,
    settings: dict,
    index_of: dict[str, str],
    faces: Faces,
) -> None:
    video, crop = videos.loc[clip.video], crops.loc[clip.clip]
    length = clip.end - clip.start + 1
    count = min(settings.get("columns", 7), length)
    # The middles of equal parts, as the networks' frames at test time.
    numbers = ((np.arange(count) + 0.5) * length / count).astype(int)
    shown = get_layout(layout)
    frames, points, box = _scene(clip, video, crop, store_of, shown, index_of, faces)
    pictures = {n: frame for n, frame in enumerate(frames) if n in set(numbers.tolist())}
    title = f"Clip {clip.clip}"
    if "predicted" in clip._fields:
        title += f": {names[clip.predicted]} ({100 * clip.confidence:.0f} % confident)"
    draw_streams(
        pictures,
        points,
        shown,
        box,
        np.asarray(crop["motion"]),
        folder / "streams.png",
        video["fps"],
        title,
        sigma=settings.get("sigma", 0.6),
        with_rgb=bool(video["path"]),
    )


def _scene(
    clip,
    video: pd.Series,
    crop: pd.Series,
    store_of: dict[str, str],
    layout: Layout,
    index_of: dict[str, str],
    faces: Faces,
) -> tuple[Iterable[np.ndarray], np.ndarray, tuple[float, float, float, float]]:
    """Frames, points and crop of a clip; imported recordings without a video get a canvas."""
    sequence = read_sequence(store_of[clip.video], clip.video, clip.start, clip.end)
    points = sequence.points[choose_persons(sequence.points, sequence.present, 1)]
    box = tuple(float(crop[edge]) for edge in ("x0", "y0", "x1", "y1"))
    if video["path"]:
        numbering = stored_index(index_of.get(clip.video), clip.video)
        chunks = read_frames(video["path"], clip.start, clip.end, index=numbering)
        frames = (frame for _, chunk in chunks for frame in chunk)
        return faces.hidden(frames, clip), faces.drawn(points, layout), box
    points, box = on_canvas(points, box, layout)
    return empty_frames(points.shape[1], SIDE, SIDE), points, box


if __name__ == "__main__":
    with job(snakemake):
        render(
            list(snakemake.input.facts),
            [str(snakemake.input.clips)],
            list(snakemake.input.skeletons),
            list(snakemake.input.saliency),
            list(snakemake.input.probabilities),
            snakemake.output.overlays,
            layout=snakemake.params.layout,
            labels=list(snakemake.params.labels),
            settings=dict(snakemake.params.settings),
            rates=dict(snakemake.params.rates),
            frame_indexes=list(snakemake.input.get("frame_indexes", [])),
        )
