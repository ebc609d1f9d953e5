"""Tables for people: tab-separated, four decimals."""

from pathlib import Path

import pandas as pd

from microgesture.provenance.files import written_whole


def write_table(table: pd.DataFrame, path: str | Path) -> None:
    """Write `table` to `path`, whole or not at all."""
    with written_whole(path) as temporary:
        table.to_csv(temporary, sep="\t", index=False, float_format="%.4f")
