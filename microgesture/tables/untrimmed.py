"""Which whole videos are segmented, which are learned from, which are scored.

The sheet's column `annotated` says that everything which happens in a video has a clip: only then
is a stretch without a clip background, and a segment without one wrong.
"""

import pandas as pd


def learning_videos(videos: pd.DataFrame, clips: pd.DataFrame) -> dict[str, str]:
    """Video -> train or val: completely annotated, all of its clips in that split, by id."""
    return {
        video: split
        for video, split in _splits_of_annotated(videos, clips).items()
        if split in ("train", "val")
    }


def scored_videos(videos: pd.DataFrame, clips: pd.DataFrame) -> list[str]:
    """The completely annotated videos all of whose clips are test clips, sorted."""
    found = _splits_of_annotated(videos, clips)
    return [video for video, split in found.items() if split == "test"]


def segmented_videos(videos: pd.DataFrame, clips: pd.DataFrame) -> list[str]:
    """Every video that is worth looking at as a whole, sorted: those that are learned from, those
    with a test or unlabelled clip, and those without any clip."""
    learned = set(learning_videos(videos, clips))
    others = set(clips.loc[clips["split"].isin(("test", "unlabelled")), "video"])
    without = set(videos["video"]) - set(clips["video"])
    known = set(videos["video"])
    return sorted((learned | others | without) & known)


def _splits_of_annotated(videos: pd.DataFrame, clips: pd.DataFrame) -> dict[str, str]:
    annotated = set(videos.loc[videos["annotated"] == "yes", "video"])
    own = clips[clips["video"].isin(annotated)]
    splits = own.groupby("video")["split"].agg(lambda found: "/".join(sorted(set(found))))
    return {str(video): str(split) for video, split in sorted(splits.items())}
