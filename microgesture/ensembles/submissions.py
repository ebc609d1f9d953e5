"""Submission files in the forms that the challenges ask for.

- miga2025 (iMiGUE and SMG, MiGA 2025): `prediction.csv` with the header Id,Target and one row
  `<clip>,<label>` per test clip, zipped as `prediction.zip`.
- miga2023: `Submission.csv` without a header, same two values, zipped as `Submission.zip`.
- ma52 (MA-52, MAC): `prediction.csv` with vid, action_pred_1..5, body_pred_1..5, zipped.

The zip files have a fixed time stamp: the same predictions give the same bytes.
"""

import zipfile
from pathlib import Path

import numpy as np
import pandas as pd

from microgesture.provenance.errors import BadInput
from microgesture.provenance.files import written_whole

FORMS = ("miga2025", "miga2023", "ma52", "none")
# (name of the table, name of the archive)
FILE_NAMES = {
    "miga2025": ("prediction.csv", "prediction.zip"),
    "miga2023": ("Submission.csv", "Submission.zip"),
    "ma52": ("prediction.csv", "prediction.zip"),
}
# MA-52's 52 actions lie in 7 runs, one per body part: first label of each run, and the end.
MA52_RUNS = (0, 5, 11, 24, 32, 38, 48, 52)


def answers_for_all(
    clips: np.ndarray, probabilities: np.ndarray, wanted: list[str], counts: np.ndarray
) -> tuple[np.ndarray, list[str]]:
    """Probabilities (W, K) of all `wanted` clips, and those of them that have no prediction.

    clips (N,) with probabilities (N, K). A challenge counts a clip that is left out as wrong (or
    refuses the file), so a lost clip gets the training classes' frequencies, counts (K,): its
    first guess is the commonest class, which of all guesses without the video is right most often.
    """
    row_of = {clip: row for row, clip in enumerate(clips)}
    frequencies = np.maximum(np.asarray(counts, dtype=np.float64), 1e-9)
    stand_in = frequencies / frequencies.sum()
    answers = [probabilities[row_of[clip]] if clip in row_of else stand_in for clip in wanted]
    shape = (len(wanted), probabilities.shape[1])
    return np.array(answers).reshape(shape), [clip for clip in wanted if clip not in row_of]


def submission_table(form: str, clips: np.ndarray, probabilities: np.ndarray) -> pd.DataFrame:
    """The rows of a submission for the test clips (N,) with probabilities (N, K).

    Forms as in the module's text; "none" gives the table of miga2025, to be read by a person.
    Raises BadInput for an unknown form and for ma52 with other than 52 classes.
    """
    if form not in FORMS:
        raise BadInput(f"submission: {form!r} is unknown; write one of {', '.join(FORMS)}")
    if form == "ma52":
        return _ma52_table(clips, probabilities)
    return pd.DataFrame({"Id": clips, "Target": np.asarray(probabilities).argmax(axis=1)})


def submission_text(form: str, table: pd.DataFrame) -> str:
    """The table as the csv text of its form."""
    return table.to_csv(index=False, header=form != "miga2023", lineterminator="\n")


def write_submission(
    form: str, clips: np.ndarray, probabilities: np.ndarray, path: str | Path
) -> Path | None:
    """Write the table to `path` and, beside it, the archive to hand in; returns the archive's path.

    With the form "none" there is no archive (None).
    """
    path = Path(path)
    text = submission_text(form, submission_table(form, clips, probabilities))
    with written_whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    if form == "none":
        return None
    inner, outer = FILE_NAMES[form]
    archive = path.with_name(outer)
    with written_whole(archive) as temporary, zipfile.ZipFile(temporary, "w") as file:
        member = zipfile.ZipInfo(inner, date_time=(1980, 1, 1, 0, 0, 0))
        member.compress_type = zipfile.ZIP_DEFLATED
        member.external_attr = 0o644 << 16
        file.writestr(member, text)
    return archive


def body_probabilities(probabilities: np.ndarray) -> np.ndarray:
    """(N, 52) probabilities of MA-52's actions -> (N, 7) of its body parts, by adding up."""
    return np.add.reduceat(np.asarray(probabilities), MA52_RUNS[:-1], axis=1)


def _ma52_table(clips: np.ndarray, probabilities: np.ndarray) -> pd.DataFrame:
    probabilities = np.asarray(probabilities)
    if probabilities.shape[1] != MA52_RUNS[-1]:
        raise BadInput(
            f"submission: ma52 needs {MA52_RUNS[-1]} classes, the labels sheet has "
            f"{probabilities.shape[1]}; write submission: none"
        )
    table = {"vid": clips}
    for level, values in (("action", probabilities), ("body", body_probabilities(probabilities))):
        ranked = np.argsort(-values, axis=1, kind="stable")[:, :5]
        for place in range(5):
            table[f"{level}_pred_{place + 1}"] = ranked[:, place]
    return pd.DataFrame(table)
