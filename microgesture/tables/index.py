"""The index of one batch: what its videos are, which clips they hold, and the truth kept apart."""

import logging
from pathlib import Path

import pandas as pd

from microgesture.provenance.errors import BadInput
from microgesture.provenance.files import written_whole
from microgesture.stores.sequences import read_sequence
from microgesture.tables.problems import Problem, raise_for
from microgesture.videos.probing import VideoFacts, probe

LOGGER = logging.getLogger(__name__)


def index_videos(videos: pd.DataFrame, batch: str, on_bad_video: str) -> pd.DataFrame:
    """Open every video and write down its facts.

    videos: video, path, subject, fps (NaN = ask the file), keypoints (store of imported keypoints;
    asked where `path` is empty). Returns video, path, subject, batch,
    fps, frames, width, height, status ("ok" | "quarantined"), problem. With `on_bad_video` =
    "stop", raises BadInput that lists every unreadable video; with "quarantine" such a video stays
    in the table with its problem and zero frames.
    """
    rows, problems = [], []
    for video in videos.itertuples():
        row = {"video": video.video, "path": video.path, "subject": video.subject, "batch": batch}
        try:
            facts = probe(video.path) if video.path else _stored(video.keypoints, video.video)
        except BadInput as error:
            problems.append(str(error))
            row |= {"fps": 0.0, "frames": 0, "width": 0, "height": 0}
            row |= {"status": "quarantined", "problem": str(error)}
        else:
            fps = facts.fps if pd.isna(video.fps) else video.fps
            row |= {"fps": float(fps), "frames": facts.frames, "width": facts.width}
            row |= {"height": facts.height, "status": "ok", "problem": ""}
        rows.append(row)
    if problems and on_bad_video == "stop":
        hint = "mend or remove them, or set index_videos: on_bad_video: quarantine to go on without"
        raise BadInput("\n  ".join([f"{len(problems)} unreadable video(s); {hint}:", *problems]))
    for problem in problems:
        LOGGER.warning("quarantined: %s", problem)
    return pd.DataFrame(rows)


def _stored(store: str, video: str) -> VideoFacts:
    sequence = read_sequence(store, video)
    return VideoFacts(len(sequence.present), sequence.fps, sequence.width, sequence.height)


def index_clips(clips: pd.DataFrame, videos: pd.DataFrame, sheet: str) -> pd.DataFrame:
    """The clips of the videos that can be read, checked against the number of frames.

    clips: as in `Sheets.clips`; videos: from `index_videos`; sheet: the file named in messages.
    Raises BadInput that lists every clip past the end of its video.
    """
    clips = clips.merge(videos[["video", "frames", "status"]], on="video", how="inner")
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
    return clips.drop(columns=["frames", "status"]).sort_values("clip", ignore_index=True)


def hide_test_labels(clips: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Part `clips` into what training may see and the truth.

    Returns (clips with label -1 for every test clip, truth with the columns clip, video, subject,
    label for the test clips whose label is known).
    """
    test = clips["split"] == "test"
    truth = clips.loc[test & (clips["label"] >= 0), ["clip", "video", "subject", "label"]]
    return clips.assign(label=clips["label"].where(~test, -1)), truth.reset_index(drop=True)


def write_index(
    videos: pd.DataFrame,
    clips: pd.DataFrame,
    batch: str,
    on_bad_video: str,
    sheet: str,
    videos_path: str | Path,
    clips_path: str | Path,
    truth_path: str | Path,
) -> None:
    """Index one batch and write its three parquet tables."""
    indexed = index_videos(videos, batch, on_bad_video)
    shown, truth = hide_test_labels(index_clips(clips, indexed, sheet))
    for table, path in ((indexed, videos_path), (shown, clips_path), (truth, truth_path)):
        with written_whole(path) as temporary:
            table.to_parquet(temporary, index=False)
