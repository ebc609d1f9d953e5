"""What was lost on the way: videos that could not be read, and clips without a prediction.

A test set without its bad videos is another test set. So what is lost is written down, and scored
twice: without it, and with it counted wrong (`microgesture.metrics.score_table`).
"""

import pandas as pd

SPLITS = ("train", "val", "test", "unlabelled")
PREDICTED_SPLITS = ("val", "test", "unlabelled")


def quarantine_table(clips: pd.DataFrame, predicted: set[str]) -> pd.DataFrame:
    """One row per video that clips were lost of, in the order of video ids.

    clips: clip, video, split, problem ("" where the video can be read) of all clips of the sheet
    (`read_all_clips`); predicted: ids of the clips that have a prediction. Columns: video, problem,
    and the lost clips of each split: train, val, test, unlabelled. Of a readable video the clips of
    val, test and unlabelled that have no prediction are lost.
    """
    problem = dict(zip(clips["video"], clips["problem"]))
    lost = (clips["problem"] != "") | (
        clips["split"].isin(PREDICTED_SPLITS) & ~clips["clip"].isin(predicted)
    )
    counts = pd.crosstab(clips["video"][lost], clips["split"][lost])
    names = sorted(counts.index)
    counts = counts.reindex(index=names, columns=list(SPLITS), fill_value=0)
    told = [problem[name] or "clips without a prediction" for name in names]
    table = pd.DataFrame({"video": names, "problem": told}, dtype=object)
    return pd.concat([table, counts.reset_index(drop=True).astype("int64")], axis=1)
