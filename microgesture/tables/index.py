"""What is known of the videos and of the clips: several small facts, each for those who read it.

Of all batches the spans of the clips (what pixel stages read), the clips with the labels that may
be seen, and the truth of the test clips apart. The facts of the videos: tables/probed.py.
"""

import logging

import pandas as pd

from microgesture.provenance.errors import BadInput
from microgesture.tables.problems import Problem, raise_for

LOGGER = logging.getLogger(__name__)
SPANS = ["clip", "video", "batch", "start", "end"]


def spans_of_batch(spans: str, batch: str) -> pd.DataFrame:
    """The rows of a batch in the table of spans (`clip_spans`) at the path `spans`."""
    table = pd.read_parquet(spans, filters=[("batch", "==", batch)])
    return table.drop(columns="batch")


def check_readable(videos: pd.DataFrame, on_bad_video: str) -> None:
    """What happens to videos that cannot be read (from `probed.probe_videos`, all batches).

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

    clips: clip, video, start, end; videos: from `probed.probe_videos`; sheet: the file named in
    messages. Returns clip, video, batch, start, end, by clip. Raises BadInput that lists every clip
    past the end of its video.
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
