"""Import iMiGUE (Liu et al., CVPR 2021) as the MiGA challenge hands it out.

    python -m microgesture.importers.imigue FOLDER --subjects subjects.tsv --out data/imigue
    python -m microgesture.importers.imigue FOLDER --out data/imigue --arrays \\
        train_data.npy train_label.pkl validate_data.npy validate_label.pkl

FOLDER holds the unpacked archives: imigue_skeleton_{train,validate,test}/<video>/ with
<video>_label.csv and <video>_openpose.xlsx, and imigue_rgb_phase1/{train_data,validation_data} and
imigue_rgb_phase2 with <video>/<video>.mp4. Nothing is copied but the keypoints. With --arrays the
organisers' arrays of 22 joints are imported instead (FOLDER is then not looked at).
"""

import argparse
import csv
import logging
import re
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd

from microgesture.importers.examination import examined, fitted
from microgesture.importers.imigue_arrays import in_pixels, read_array_clips
from microgesture.importers.number_tables import read_numbers, whole_number
from microgesture.importers.sheet_writer import (
    SheetRows,
    choose_validation_subjects,
    write_sheets,
)
from microgesture.provenance.errors import BadInput
from microgesture.stores.sequences import Sequence, write_sequences
from microgesture.videos.probing import probe

LOGGER = logging.getLogger(__name__)

CLASSES = (
    "turtle neck", "bulging face, deep breath", "touching hat", "touching or scratching head",
    "touching or scratching forehead", "covering face", "rubbing eyes",
    "touching or scratching facial parts", "touching ears", "biting nails", "touching jaw",
    "touching or scratching neck", "playing or adjusting hair",
    "buckling button, pulling shirt collar, adjusting tie",
    "touching or covering suprasternal notch", "scratching back", "folding arms",
    "dusting off clothes", "putting arms behind body", "moving torso", "sitting straight up",
    "scratching or touching arms", "rubbing or holding hands", "crossing fingers",
    "minaret gesture", "playing with or manipulating objects", "holding back arms", "head up",
    "pressing lips", "arms akimbo", "shaking shoulders", "illustrative hand gestures",
)  # fmt: skip
NOT_A_GESTURE = 99
# split -> folders of skeletons and of videos, as the archives unpack
FOLDERS = {
    "train": ("imigue_skeleton_train", "imigue_rgb_phase1/train_data"),
    "val": ("imigue_skeleton_validate", "imigue_rgb_phase1/validation_data"),
    "test": ("imigue_skeleton_test", "imigue_rgb_phase2"),
}
_POINTS = 137
_COLUMNS = f"{_POINTS} x (x, y, score) without a header or index"
_WRISTS = {"left": 7, "right": 4}
_HANDS = {"left": slice(95, 116), "right": slice(116, 137)}


def read_clips(path: str | Path, video: str) -> list[dict]:
    """The clips of one label file: rows class_id, start, end without a header.

    Frames are 0-based and inclusive; class_id is 1 to 31, 99 (no gesture), or empty or left out
    (hidden). The clip in row k is called <video>_<k>. Raises BadInput with the line.
    """
    clips = []
    with Path(path).open(newline="", encoding="utf-8-sig") as file:
        reader = csv.reader(file)
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    for number, (line, row) in enumerate(rows):
        place = f"{path}: line {line}"
        try:
            words = [cell.strip() for cell in row]
            words = ["", *words] if len(words) == 2 else words
            label, start, end = (whole_number(word) if word else None for word in words)
        except ValueError:
            raise BadInput(
                f"{place}: is {','.join(row)!r}; expected class_id,start,end as whole numbers "
                "(frames, not seconds: multiply seconds by the frames per second)"
            ) from None
        if label is not None and not 1 <= label <= 31 and label != NOT_A_GESTURE:
            raise BadInput(f"{place}: class {label}; expected 1 to 31, or {NOT_A_GESTURE}")
        if start is None or end is None or start < 0 or end < start:
            raise BadInput(f"{place}: frames {start} to {end}; expected 0 <= start <= end")
        clips.append(
            {
                "clip": f"{video}_{number}",
                "video": video,
                "start": start,
                "end": end,
                "label": "" if label is None else 31 if label == NOT_A_GESTURE else label - 1,
            }
        )
    return clips


def read_openpose(
    path: str | Path, width: int, height: int, fps: float, frames: int | None = None
) -> Sequence:
    """<video>_openpose.xlsx, or the same as .csv: 411 columns = 137 x (x, y, score), no header.

    frames: of the video, None = unknown (`read_numbers`). Returns one person in the layout
    openpose137, the hands on the side whose wrist they are nearer to. Raises BadInput; a
    spreadsheet needs openpyxl.
    """
    path = Path(path)
    try:
        if path.suffix == ".csv":
            values = read_numbers(path, 3 * _POINTS, _COLUMNS, frames)
        else:
            table = pd.read_excel(path, header=None, engine="openpyxl")
    except ImportError as error:
        raise BadInput(
            f"{path}: reading a spreadsheet needs openpyxl; install it (uv pip install openpyxl), "
            f"or save the sheet as {path.with_suffix('.csv').name} without a header"
        ) from error
    except (ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
        raise BadInput(f"{path}: cannot be read ({error}); unpack the archive again") from error
    if path.suffix != ".csv":
        try:
            values = table.to_numpy(np.float32)
        except ValueError as error:
            raise BadInput(f"{path}: holds text among the numbers ({error})") from error
        if values.shape[1] != 3 * _POINTS:
            raise BadInput(
                f"{path}: has {values.shape[1]} columns, expected {3 * _POINTS} = {_COLUMNS}"
            )
    points = values.reshape(1, len(values), _POINTS, 3)
    known = np.isfinite(points).all(-1) & (points[..., 2] > 0)
    points = np.where(known[..., None], points, np.float32(0))
    points[..., 2] = points[..., 2].clip(0, 1)
    if hands_are_swapped(points[0]):
        LOGGER.warning("%s: left and right hand are exchanged; put right", path)
        left, right = points[:, :, _HANDS["left"]].copy(), points[:, :, _HANDS["right"]].copy()
        points[:, :, _HANDS["left"]], points[:, :, _HANDS["right"]] = right, left
    return Sequence(points, known.any((0, 2)), "openpose137", width, height, fps)


def hands_are_swapped(points: np.ndarray) -> bool:
    """Whether both hands lie, on average, nearer to the other side's wrist.

    points: (T, 137, 3), missing = score 0. Frames count in which a hand and both wrists are known.
    """

    def distance(hand: str, wrist: str) -> float:
        group, ends = points[:, _HANDS[hand]], points[:, list(_WRISTS.values())]
        both = (group[..., 2] > 0).any(1) & (ends[..., 2] > 0).all(1)
        if not both.any():
            return 0.0
        weight = (group[both][..., 2:] > 0).astype(np.float64)
        middle = (group[both][..., :2] * weight).sum(1) / weight.sum(1)
        return float(np.linalg.norm(middle - points[both, _WRISTS[wrist], :2], axis=-1).mean())

    straight = distance("left", "left") + distance("right", "right")
    crossed = distance("left", "right") + distance("right", "left")
    return crossed < straight


def read_subjects(path: str | Path) -> dict[str, str]:
    """video -> subject from a table (tabs or commas) with the columns video and subject."""
    table = pd.read_csv(path, sep=None, engine="python", dtype=str)
    missing = {"video", "subject"} - set(table.columns)
    if missing:
        raise BadInput(f"{path}: has no column {', '.join(sorted(missing))}")
    return dict(zip(table["video"].str.zfill(4), table["subject"]))


def find_videos(root: Path) -> dict[str, dict]:
    """video -> split, labels, pose, path (None = not there), from the archives' folders.

    A video in the training and the validation folder counts as validation, with a warning. Raises
    BadInput where none of the folders holds a video.
    """
    found: dict[str, dict] = {}
    for split, (skeletons, pictures) in FOLDERS.items():
        names = [f.name for part in (skeletons, pictures) for f in sorted((root / part).glob("*"))]
        for video in dict.fromkeys(name for name in names if re.fullmatch(r"\d{4}", name)):
            folder = root / skeletons / video
            pose = [folder / f"{video}_openpose{ending}" for ending in (".xlsx", ".csv")]
            facts = {
                "split": split,
                "labels": folder / f"{video}_label.csv",
                "pose": next((path for path in pose if path.is_file()), None),
                "path": root / pictures / video / f"{video}.mp4",
            }
            if video in found and found[video]["split"] == "train" and split == "val":
                LOGGER.warning(
                    "video %s stands in the training and the validation folder: it is used for "
                    "validation only",
                    video,
                )
            elif video in found:
                raise BadInput(
                    f"{folder}: video {video} stands in the {found[video]['split']} folder too; "
                    "remove it from one of them, a video belongs to one split"
                )
            found[video] = facts
    if not found:
        raise BadInput(
            f"{root}: holds no iMiGUE video; expected {FOLDERS['train'][0]}/0001/ and the like, as "
            "the archives unpack"
        )
    return found


def split_by_subject(clips: list[dict], subjects: dict[str, str], validation: str) -> None:
    """validation: "official" leaves the splits; "subjects" joins training and validation clips and
    holds out whole subjects of them. In place."""
    if validation == "official":
        return
    pool = [clip for clip in clips if clip["split"] in ("train", "val") and clip["label"] != ""]
    held = choose_validation_subjects(
        {clip["clip"]: subjects[clip["video"]] for clip in pool},
        {clip["clip"]: clip["label"] for clip in pool},
    )
    for clip in pool:
        clip["split"] = "val" if subjects[clip["video"]] in held else "train"
    LOGGER.info("validation: %s", ", ".join(held) or "no subject can be spared")


def import_imigue(
    root: str | Path,
    out: str | Path,
    *,
    subjects: str | Path | None = None,
    validation: str = "official",
    keypoints: bool = True,
    arrays: list[str] | None = None,
) -> dict[str, str]:
    """Write keypoints.h5 (unless `keypoints` is False: the workflow then estimates them) and the
    three sheets to `out`.

    subjects: table video -> subject; without it every video counts as a subject of its own.
    validation: "official" or "subjects" (whole subjects of the training and validation clips).
    arrays: see `read_array_clips`. Returns the sheets' paths. Raises BadInput.
    """
    out = Path(out)
    store = str(out / "keypoints.h5")
    if arrays:
        sequences, clips = read_array_clips(arrays)
        sequences = in_pixels(sequences, arrays[0])
        videos = [{"video": video, "path": "", "fps": 25} for video in sequences]
        write_sequences(store, examined(sequences.items(), arrays[0]))
        origin = {video: video.split("_")[0] for video in sequences}
    else:
        found = find_videos(Path(root))
        videos, clips = [], []
        for video, facts in found.items():
            there = facts["path"].is_file()
            videos.append({"video": video, "path": str(facts["path"]) if there else ""})
            if not facts["labels"].is_file():
                LOGGER.warning("%s: no such file; video %s has no clips", facts["labels"], video)
                continue
            clips += [
                {**clip, "split": facts["split"]} for clip in read_clips(facts["labels"], video)
            ]
        if keypoints:
            write_sequences(store, examined(_sequences(found), root))
        origin = {video: video for video in found}
    given = read_subjects(subjects) if subjects else {}
    if not given:
        LOGGER.warning(
            "no --subjects table (video, subject): every video counts as a person of its own; the "
            "challenge's files do not say who is who, so scores across persons may be flattered"
        )
    unknown = [video for video in origin.values() if given and video not in given]
    if unknown:
        raise BadInput(f"{subjects}: has no subject for video {unknown[0]!r}")
    subject = {video: given.get(name, f"video_{name}") for video, name in origin.items()}
    split_by_subject(clips, subject, validation)
    for row in videos:
        row["subject"] = subject[row["video"]]
        if keypoints or arrays:
            row["keypoints"] = store
    names = [{"label": number, "name": name} for number, name in enumerate(CLASSES)]
    return write_sheets(out, SheetRows(videos, clips, names))


def _sequences(found: dict[str, dict]):
    for video, facts in found.items():
        if facts["pose"] is None:
            raise BadInput(
                f"{facts['labels'].parent}: holds no {video}_openpose.xlsx; unpack the archive, or "
                "import with --no-keypoints and let the workflow estimate them"
            )
        width, height, fps, frames = 0, 0, 25.0, None
        if facts["path"].is_file():
            seen = probe(facts["path"])
            width, height, fps, frames = seen.width, seen.height, seen.fps, seen.frames
        sequence = read_openpose(facts["pose"], width, height, fps, frames)
        if frames is not None:
            sequence = fitted(sequence, frames, f"{facts['pose']} ({facts['path']})")
        yield video, sequence


def main(arguments: list[str] | None = None) -> None:
    """The command line; see the module's docstring."""
    words = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=words)
    add = parser.add_argument
    add("folder", help="where the archives were unpacked")
    add("--out", required=True, help="folder for the keypoints and the three sheets")
    add("--subjects", help="table with the columns video and subject")
    add("--validation", choices=("official", "subjects"), default="official")
    add("--no-keypoints", action="store_true", help="let the workflow estimate keypoints")
    add("--arrays", nargs="+", help="data.npy label.pkl of training [, validation [, test]]")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s: %(message)s")
    try:
        import_imigue(
            given.folder,
            given.out,
            subjects=given.subjects,
            validation=given.validation,
            keypoints=not given.no_keypoints,
            arrays=given.arrays,
        )
    except BadInput as error:
        parser.exit(1, f"error: {error}\n")


if __name__ == "__main__":
    main()
