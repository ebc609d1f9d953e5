"""DeepLabCut's h5 files: a table of pandas in HDF5, read without pandas' own reader.

That reader needs PyTables and unpickles whatever the file holds; here the few lists in it go
through the restricted unpickler.
"""

from pathlib import Path

import h5py
import numpy as np

from microgesture.importers.hdf5_of_others import array, member, opened_foreign, texts
from microgesture.importers.restricted_pickle import load_pickle
from microgesture.provenance.errors import BadInput


def read_h5(file: Path) -> tuple[list[tuple[str, ...]], np.ndarray, np.ndarray]:
    """(columns, frame numbers, values) as `deeplabcut.read_csv` gives them; pandas' formats "table"
    and "fixed". Raises BadInput."""
    noun = "DeepLabCut's predictions (h5)"
    with opened_foreign(file, noun) as opened:
        groups = [name for name in opened if isinstance(member(opened, name), h5py.Group)]
        for name in ("df_with_missing", "tracks", *groups):
            group = member(opened, name)
            if not isinstance(group, h5py.Group):
                continue
            if "table" in group:
                return _from_table(file, group)
            if "block0_values" in group:
                return _from_blocks(file, group)
    raise BadInput(
        f"{file}: holds no table of pandas ({', '.join(groups) or 'nothing'} in it); expected "
        f"{noun}, or take the csv that DeepLabCut writes beside it"
    )


def _from_table(file: Path, group: h5py.Group):
    table = array(group, "table")
    attributes = member(group, "table").attrs
    columns, values = [], []
    for block in (name for name in table.dtype.names if name.startswith("values_block_")):
        labels = load_pickle(file, bytes(attributes[f"{block}_kind"]))
        columns += [tuple(map(str, label)) for label in labels]
        values.append(table[block].reshape(len(table), -1))
    return _checked(file, columns, table["index"], np.concatenate(values, axis=1))


def _from_blocks(file: Path, group: h5py.Group):
    columns, values, number = [], [], 0
    while f"block{number}_values" in group:
        items = f"block{number}_items"
        levels = []
        while f"{items}_level{len(levels)}" in group:
            names = texts(array(group, f"{items}_level{len(levels)}"))
            codes = array(group, f"{items}_label{len(levels)}")
            levels.append([names[code] for code in codes])
        columns += list(zip(*levels))
        block = array(group, f"block{number}_values")
        values.append(block if block.shape[1] == len(levels[0] if levels else ()) else block.T)
        number += 1
    if not all(columns):
        raise BadInput(f"{file}: its columns have no names")
    return _checked(file, columns, array(group, "axis1"), np.concatenate(values, axis=1))


def _checked(file: Path, columns, index, values):
    if {len(column) for column in columns} - {3, 4} or len(columns) != values.shape[1]:
        raise BadInput(
            f"{file}: is a table of pandas, but its columns are not (scorer, [individual,] "
            "bodypart, coordinate)"
        )
    index = np.asarray(index)
    if index.dtype.kind not in "iu" or (len(index) and index.min() < 0):
        raise BadInput(
            f"{file}: its rows are no frame numbers; labelled pictures (CollectedData) are no "
            "recording: take the file of analyze_videos"
        )
    if not len(index):
        raise BadInput(f"{file}: holds no frame")
    return columns, index.astype(np.int64), values.astype(np.float64)
