"""All clips of the sheet: those that can be used, and those whose video cannot be read."""

import pandas as pd


def read_all_clips(clips: list[str], lost: list[str]) -> pd.DataFrame:
    """Both tables of index_labels as one, by clip.

    clips: tables of usable clips (parquet: clip, video, subject, start, end, split, label); lost:
    tables of those in unreadable videos (tsv: clip, video, subject, split, problem), [] for none.
    Returns clip, video, subject ("" = nobody knows), start, end (Int64, missing where lost), split,
    label (-1 where hidden, unlabelled or lost), problem ("" where the clip can be used).
    """
    tables = [pd.read_parquet(path).assign(problem="") for path in clips]
    for path in lost:
        gone = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
        tables.append(gone.assign(start=pd.NA, end=pd.NA, label=-1))
    filled = [table for table in tables if len(table)] or tables[:1]
    columns = ["clip", "video", "subject", "start", "end", "split", "label", "problem"]
    kinds = {"start": "Int64", "end": "Int64", "label": "int64"}
    table = pd.concat([table[columns].astype(kinds) for table in filled], ignore_index=True)
    return table.sort_values("clip", ignore_index=True)
