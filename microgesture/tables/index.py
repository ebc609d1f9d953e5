"""What is known of the videos and of the clips: several small facts, each for those who read it.

Probed facts of the videos, a table a batch; then of all batches the spans of the clips (what pixel
stages read), the clips with the labels that may be seen, and the truth of the test clips apart.
"""

import logging

import pandas as pd

from microgesture.provenance.errors import BadInput
from microgesture.stores.sequences import read_sequence
from microgesture.tables.problems import Problem, raise_for
from microgesture.videos.decoding import index_frames
from microgesture.videos.frame_index import FrameIndex
from microgesture.videos.probing import VideoFacts, probe

LOGGER = logging.getLogger(__name__)
SPANS = ["clip", "video", "batch", "start", "end"]


def probe_videos(
    videos: pd.DataFrame, batch: str
) -> tuple[pd.DataFrame, list[tuple[str, FrameIndex]]]:
    """Read every video of a batch once, number its shown frames and write down its facts.

    videos: video, path, keypoints (store of imported keypoints; asked where `path` is empty).
    Returns a table (video, path, batch, fps of the file, frames, width, height, status "ok" |
    "quarantined", problem; a quarantined video has zero frames and its problem) and the frame index
    of every video that can be read.
    """
    rows, indexes = [], []
    for video in videos.itertuples():
        row = {"video": video.video, "path": video.path, "batch": batch}
        try:
            if video.path:
                index = index_frames(video.path)
                facts = probe(video.path, index)
                indexes.append((video.video, index))
            else:
                facts = _stored(video.keypoints, video.video)
        except BadInput as error:
            row |= {"fps": 0.0, "frames": 0, "width": 0, "height": 0}
            row |= {"status": "quarantined", "problem": str(error)}
        else:
            row |= {"fps": float(facts.fps), "frames": facts.frames, "width": facts.width}
            row |= {"height": facts.height, "status": "ok", "problem": ""}
        rows.append(row)
    return pd.DataFrame(rows), indexes


def _stored(store: str, video: str) -> VideoFacts:
    sequence = read_sequence(store, video)
    return VideoFacts(len(sequence.present), sequence.fps, sequence.width, sequence.height)


def spans_of_batch(spans: str, batch: str) -> pd.DataFrame:
    """The rows of a batch in the table of spans (`clip_spans`) at the path `spans`."""
    table = pd.read_parquet(spans, filters=[("batch", "==", batch)])
    return table.drop(columns="batch")


def check_readable(videos: pd.DataFrame, on_bad_video: str) -> None:
    """What happens to videos that cannot be read (from `probe_videos`, all batches).

    "stop": raises BadInput that lists every one; "quarantine": a warning for each.
    """
    problems = videos.loc[videos["status"] != "ok", "problem"].tolist()
    if problems and on_bad_video == "stop":
        hint = "mend or remove them, or set index_videos: on_bad_video: quarantine to go on without"
        raise BadInput("\n  ".join([f"{len(problems)} unreadable video(s); {hint}:", *problems]))
    for problem in problems:
        LOGGER.warning("quarantined: %s", problem)


def clip_spans(clips: pd.DataFrame, videos: pd.DataFrame, sheet: str) -> pd.DataFrame:
    """The spans of the clips whose videos can be read, checked against the number of frames.

    clips: clip, video, start, end; videos: from `probe_videos`; sheet: the file named in messages.
    Returns clip, video, batch, start, end, by clip. Raises BadInput that lists every clip past the
    end of its video.
    """
    clips = clips.merge(videos[["video", "batch", "frames", "status"]], on="video", how="inner")
    clips = clips[clips["status"] == "ok"]
    raise_for(
        (
            Problem(
                sheet,
                None,
                "end",
                row.end,
                f"of clip {row.clip} lies past the end of video {row.video}",
                f"its last frame is {row.frames - 1} (frames count from 0)",
            )
            for row in clips[clips["end"] >= clips["frames"]].itertuples()
        ),
        "the clips",
    )
    return clips[SPANS].sort_values("clip", ignore_index=True)


def hide_test_labels(clips: pd.DataFrame) -> pd.DataFrame:
    """The clips as training may see them: label -1 for every test clip."""
    return clips.assign(label=clips["label"].where(clips["split"] != "test", -1))


def label_clips(
    labels: pd.DataFrame, spans: pd.DataFrame, videos: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Join spans with labels, and tell which clips are lost.

    labels: clip, video, subject ("" = nobody knows), split, label (hidden where it is a test's).
    Returns (clip, video, batch, subject, start, end, split, label of the clips that can be used, by
    clip; clip, video, subject, split, problem of those in videos that cannot be read).
    """
    shown = spans.merge(labels[["clip", "subject", "split", "label"]], on="clip", how="left")
    lost = labels[~labels["clip"].isin(spans["clip"])]
    lost = lost.merge(videos[["video", "problem"]], on="video", how="left")
    columns = ["clip", "video", "batch", "subject", "start", "end", "split", "label"]
    return shown[columns], lost[["clip", "video", "subject", "split", "problem"]]


def truth_of(clips: pd.DataFrame) -> pd.DataFrame:
    """clip, video, subject, label of the test clips whose label is known, readable or not."""
    known = clips[(clips["split"] == "test") & (clips["label"] >= 0)]
    return known[["clip", "video", "subject", "label"]].sort_values("clip", ignore_index=True)
