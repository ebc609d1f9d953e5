"""Import SMG (Chen et al., IJCV 2023) as its authors hand it out.

    python -m microgesture.importers.smg FOLDER --labels labels.txt --out data/smg
    python -m microgesture.importers.smg FOLDER --skeletons --out data/smg    # the Kinect's joints

FOLDER holds a folder a person: SampleXXXX/ with SampleXXXX_color.mp4, SampleXXXX_finelabels.csv
(id,start,end) and, for --skeletons, SampleXXXX_skeleton.csv. Videos are not copied. The challenge's
protocol: persons 36 to 40 are the test, 31 to 35 the validation.
"""

import argparse
import csv
import logging
import re
from pathlib import Path

import numpy as np
from tqdm import tqdm

from microgesture.importers.examination import examined, fitted
from microgesture.importers.number_tables import read_numbers, whole_number
from microgesture.importers.sheet_writer import (
    FEW,
    SheetRows,
    name_classes,
    seconds_for_frames,
    write_sheets,
)
from microgesture.provenance.errors import BadInput
from microgesture.stores.sequences import Sequence, write_sequences
from microgesture.videos.probing import probe

CLASSES = 17
SPLITS = {"val": range(31, 36), "test": range(36, 41)}  # persons; all others train
LAYOUT = "smg25"
_JOINTS, _VALUES = 25, 11  # of a joint: x, y, z in metres, quaternion, x, y in pixels, two more
_SPACE, _PIXELS = slice(0, 3), slice(7, 9)


def read_fine_labels(path: str | Path, video: str, first_frame: int = 0) -> list[dict]:
    """The clips of one label file: rows id,start,end with ids 1 to 17, last frame inclusive.

    first_frame: the number that the file gives to the video's first frame. The clip in row k is
    called <video>_<k>. A header (a first row without any digit) is passed over. Raises
    BadInput with the line.
    """
    clips = []
    with Path(path).open(newline="", encoding="utf-8-sig") as file:
        reader = csv.reader(file)
        lines = [(reader.line_num, row) for row in reader if any(map(str.strip, row))]
    if lines and not any(re.search(r"\d", cell) for cell in lines[0][1]):
        lines = lines[1:]
    for line, row in lines:
        place = f"{path}: line {line}"
        try:
            label, start, end = map(whole_number, row)
        except ValueError:
            raise BadInput(
                f"{place}: is {','.join(row)!r}; expected id,start,end as whole numbers with"
                " commas between (frames; multiply seconds by the frames per second)"
            ) from None
        if not 1 <= label <= CLASSES:
            raise BadInput(f"{place}: id {label}; expected 1 to {CLASSES}")
        if not first_frame <= start <= end:
            raise BadInput(
                f"{place}: frames {start} to {end}; expected {first_frame} <= start <= end"
            )
        clip = {"clip": f"{video}_{len(clips)}", "video": video}
        frames = {"start": start - first_frame, "end": end - first_frame}
        clips.append({**clip, **frames, "label": label - 1})
    return clips


def read_kinect(
    path: str | Path, width: int, height: int, fps: float, frames: int | None = None
) -> tuple[Sequence, Sequence]:
    """SampleXXXX_skeleton.csv: a row a frame, 25 joints x 11 numbers, no header.

    Returns the person in space (metres) and in pixels, layout smg25. A joint whose numbers are all
    zero (nobody was tracked) or no numbers is missing. frames: of the video, None = unknown
    (`read_numbers`). Raises BadInput.
    """
    expected = f"{_JOINTS} joints x {_VALUES} numbers without a header or index"
    values = read_numbers(path, _JOINTS * _VALUES, expected, frames)
    joints = values.reshape(1, len(values), _JOINTS, _VALUES)
    known = np.isfinite(joints).all(-1, keepdims=True) & joints.any(-1, keepdims=True)
    joints = np.where(known, joints, np.float32(0))
    score = known.astype(np.float32)
    return tuple(
        Sequence(
            np.concatenate([joints[..., part], score], axis=-1),
            known.any((0, 2, 3)),
            LAYOUT,
            *size,
            fps,
        )
        for part, size in ((_SPACE, (0, 0)), (_PIXELS, (width, height)))
    )


def import_smg(
    root: str | Path,
    out: str | Path,
    *,
    labels: str | Path | None = None,
    first_frame: int = 0,
    skeletons: bool = False,
) -> dict[str, str]:
    """Write the three sheets to `out`, and with `skeletons` keypoints.h5 and keypoints_2d.h5.

    labels: the classes' names (`read_label_names`); without it they are called by their numbers.
    first_frame: see `read_fine_labels`. Returns the sheets' paths. Raises BadInput.
    """
    out = Path(out)
    folders = sorted(f for f in Path(root).glob("Sample*") if re.fullmatch(r"Sample\d{4}", f.name))
    if not folders:
        raise BadInput(f"{root}: holds no SMG recording; expected Sample0001/ and the like")
    names = name_classes(labels, CLASSES, "class {}")
    stores = {"keypoints": out / "keypoints.h5", "keypoints_2d": out / "keypoints_2d.h5"}
    rows, bodies = SheetRows([], [], names), []
    for folder in tqdm(folders, desc="SMG", unit="video"):
        name = folder.name
        path, fine = folder / f"{name}_color.mp4", folder / f"{name}_finelabels.csv"
        if not fine.is_file():
            raise BadInput(f"{fine}: no such file; unpack the archive again")
        facts = probe(path)
        video = {"video": name, "path": str(path), "subject": name}
        if skeletons:
            kinect = folder / f"{name}_skeleton.csv"
            both = read_kinect(kinect, facts.width, facts.height, facts.fps, facts.frames)
            place = f"{kinect} ({path.name})"
            bodies.append((name, tuple(fitted(body, facts.frames, place) for body in both)))
            video |= {column: str(store) for column, store in stores.items()}
        rows.videos.append(video)
        split = next((s for s, people in SPLITS.items() if int(name[-4:]) in people), "train")
        clips = read_fine_labels(fine, name, first_frame)
        late = next((clip for clip in clips if clip["end"] >= facts.frames), None)
        if late:
            raise BadInput(
                f"{fine}: clip {late['clip']} ends in frame {late['end'] + first_frame}, the video "
                f"has {facts.frames} frames; if the file counts from 1, add --first-frame 1"
            )
        if seconds_for_frames(clips, facts.frames, facts.fps):
            raise BadInput(
                f"{fine}: its {len(clips)} clips last {FEW} frames or fewer and all end within the "
                f"first {facts.frames / facts.fps:.0f} of {facts.frames}: these are seconds, "
                f"multiply them by {facts.fps:g}"
            )
        rows.clips.extend({**clip, "split": split} for clip in clips)
    for number, store in enumerate(stores.values() if skeletons else ()):
        write_sequences(store, examined(((name, both[number]) for name, both in bodies), root))
    return write_sheets(out, rows)


def main(arguments: list[str] | None = None) -> None:
    """The command line; see the module's docstring."""
    words = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=words)
    add = parser.add_argument
    add("folder", help="where the recordings were unpacked")
    add("--out", required=True, help="folder for the three sheets")
    add("--labels", help="names of the classes: one a line, or a table with label and name")
    add("--first-frame", type=int, default=0, help="the label files' number of the first frame (0)")
    add("--skeletons", action="store_true", help="import the Kinect's joints (layout smg25)")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s: %(message)s")
    try:
        import_smg(
            given.folder,
            given.out,
            labels=given.labels,
            first_frame=given.first_frame,
            skeletons=given.skeletons,
        )
    except BadInput as error:
        parser.exit(1, f"error: {error}\n")


if __name__ == "__main__":
    main()
