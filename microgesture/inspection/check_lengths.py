"""Clips of which there is too little to see, or too much."""

from collections.abc import Iterator

import numpy as np

from microgesture.inspection.findings import NOTE, SERIOUS, WARNING, Finding, counted
from microgesture.inspection.material import Material


def check_lengths(material: Material) -> Iterator[Finding]:
    """Clips of one frame, of few frames, and of many times the median length (in seconds)."""
    clips, limits = material.clips, material.limits
    frames = (clips["end"] - clips["start"] + 1).to_numpy()
    single = clips["clip"][frames == 1]
    if len(single):
        what = "Clips of a single frame hold no motion."
        remedy = "Correct start and end in clips.tsv; point events need a length (docs/annotations.\
md)."
        places = tuple((f"clip {clip}", "1 frame") for clip in single)
        yield Finding(SERIOUS, what, places, remedy)
    short = (frames > 1) & (frames < limits.short_clip)
    if short.any():
        what = f"Clips of fewer than {limits.short_clip} frames hold hardly any motion."
        places = tuple(
            (f"clip {clip}", counted(int(n), "frame"))
            for clip, n in zip(clips["clip"][short], frames[short])
        )
        yield Finding(
            NOTE, what, places, "Correct start and end in clips.tsv where they are wrong."
        )
    if len(clips) < 3:
        return
    seconds = frames / np.array([material.rate(video) for video in clips["video"]])
    median = float(np.median(seconds))
    long = seconds > limits.long_clip * median
    if long.any():
        what = f"Clips more than {limits.long_clip:g} times as long as the median \
({median:.2g} s): what a network samples of them may miss the gesture."
        remedy = "Check their ends, or cut them; several gestures in a row are several clips."
        places = tuple(
            (f"clip {clip}", f"{length:.1f} s")
            for clip, length in zip(clips["clip"][long], seconds[long])
        )
        yield Finding(WARNING, what, places, remedy)
