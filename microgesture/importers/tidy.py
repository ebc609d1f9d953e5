"""Export keypoints as a tidy table: one row a joint, frame and person.

    python -m microgesture.importers.tidy SHEETS --out keypoints.csv

SHEETS is a folder with the three sheets; the table holds every video's keypoints: video, subject,
frame, time (seconds), person, joint, x, y(, z), score. Missing joints have no row.
"""

import argparse
import logging
from pathlib import Path

import numpy as np
import pandas as pd

from microgesture.pose.layouts import get_layout
from microgesture.provenance.errors import BadInput
from microgesture.provenance.files import written_whole
from microgesture.stores.sequences import Sequence, read_sequence
from microgesture.tables.sheets import read_sheets

LOGGER = logging.getLogger(__name__)


def tidy_rows(video: str, subject: str, sequence: Sequence) -> pd.DataFrame:
    """The rows of one video, ordered by frame, person and joint."""
    points = np.swapaxes(sequence.points, 0, 1)  # (T, M, J, D + 1)
    frame, person, joint = np.nonzero(points[..., -1] > 0)
    names = np.array(get_layout(sequence.layout).joints)
    table = {
        "video": video,
        "subject": subject,
        "frame": frame,
        "time": np.round(frame / sequence.fps, 6),
        "person": person,
        "joint": names[joint],
    }
    values = points[frame, person, joint]
    for axis, name in enumerate("xyz"[: values.shape[1] - 1]):
        table[name] = values[:, axis]
    return pd.DataFrame({**table, "score": values[:, -1]})


def export_tidy(folder: str | Path, path: str | Path, column: str = "keypoints") -> int:
    """Write the table of all videos of a folder of sheets; returns its rows. Raises BadInput."""
    folder = Path(folder)
    sheets = read_sheets(*(str(folder / f"{kind}.tsv") for kind in ("videos", "clips", "labels")))
    if not (sheets.videos[column] != "").all():
        raise BadInput(f"{folder / 'videos.tsv'}: not every video has {column} in a store")
    rows = 0
    with written_whole(path) as temporary:
        for number, video in enumerate(sheets.videos.itertuples()):
            sequence = read_sequence(getattr(video, column), video.video)
            table = tidy_rows(video.video, video.subject, sequence)
            table.to_csv(temporary, mode="a" if number else "w", header=number == 0, index=False)
            rows += len(table)
    return rows


def main(arguments: list[str] | None = None) -> None:
    """The command line; see the module's docstring."""
    words = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=words)
    parser.add_argument("sheets", help="folder with videos.tsv, clips.tsv and labels.tsv")
    parser.add_argument("--out", required=True, help="csv file to write")
    parser.add_argument("--column", choices=("keypoints", "keypoints_2d"), default="keypoints")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s: %(message)s")
    try:
        rows = export_tidy(given.sheets, given.out, given.column)
    except BadInput as error:
        parser.exit(1, f"error: {error}\n")
    LOGGER.info("%d rows -> %s", rows, given.out)


if __name__ == "__main__":
    main()
