"""Frame rates and sizes that differ between videos, or between a video and its sheet."""

from collections import Counter
from collections.abc import Iterator

import pandas as pd

from microgesture.inspection.findings import NOTE, WARNING, Finding, counted
from microgesture.inspection.material import Material

_SLOW = 10.0  # frames per second below which small movements fall between the frames


def check_rates(material: Material) -> Iterator[Finding]:
    """The sheet's rate against the file's, several rates, slow videos, several sizes."""
    videos, apart = material.videos, material.limits.rates
    given = videos[videos["given"].notna() & (videos["fps"] > 0) & (videos["path"] != "")]
    wrong = given[(given["given"] / given["fps"] - 1).abs() > apart]
    if len(wrong):
        what = "The sheet gives another frame rate than the file: all times would be wrong."
        remedy = "Correct or empty the column fps of videos.tsv; keep it where you know that the \
file is wrong."
        places = tuple(
            (f"video {row.Index}", f"sheet {row.given:g}, file {row.fps:g} frames per second")
            for row in wrong.itertuples()
        )
        yield Finding(WARNING, what, places, remedy)
    rates = pd.Series({video: material.rate(video) for video in videos.index}, dtype=float)
    known = rates[rates > 0]
    if len(known) and known.max() > (1 + apart) * known.min():
        what = "Mixed frame rates: the same gesture is seen at several speeds."
        remedy = "Bring the videos to one rate (ffmpeg -i IN -vf fps=25 OUT), above all where one \
split or one class has a rate of its own."
        yield Finding(WARNING, what, _groups(known.map(lambda rate: f"{rate:.4g} Hz")), remedy)
    slow = known[known < _SLOW]
    if len(slow):
        what = f"Fewer than {_SLOW:g} frames per second: small movements fall between the frames."
        places = tuple((f"video {v}", f"{rate:g} frames per second") for v, rate in slow.items())
        yield Finding(NOTE, what, places, "Use the original recordings where they are faster.")
    sized = videos[(videos["width"] > 0) & (videos["path"] != "")]
    sizes = sized["width"].astype(str) + " x " + sized["height"].astype(str)
    if sizes.nunique() > 1:
        what = "Pictures of several sizes."
        yield Finding(NOTE, what, _groups(sizes), "Nothing: crops are brought to one size.")


def _groups(values: pd.Series) -> tuple[tuple[str, str], ...]:
    """(value, how many videos have it and the first of them), the commonest first."""
    counts = Counter(values)
    places = []
    for value, number in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        first = values.index[values == value][0]
        more = f" (first: {first})" if number > 1 else f" ({first})"
        places.append((value, counted(number, "video") + more))
    return tuple(places)
