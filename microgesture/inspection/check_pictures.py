"""Pictures that are too dark, too bright, flat, frozen, or taken by a camera that moves."""

from collections.abc import Callable, Iterator

from microgesture.inspection.findings import WARNING, Finding, percent
from microgesture.inspection.material import Material
from microgesture.inspection.pictures import Look


def check_pictures(material: Material) -> Iterator[Finding]:
    """Light and contrast of some pictures of every video, and what changes between neighbours."""
    limits = material.limits

    def finding(says: Callable[[str, Look], str], what: str, remedy: str) -> Iterator[Finding]:
        places = [(f"video {v}", says(v, look)) for v, look in material.looks.items()]
        places = tuple(place for place in places if place[1])
        if places:
            yield Finding(WARNING, what, places, remedy)

    yield from finding(
        lambda _, look: f"mean level {look.light:.0f} of 255" if look.light < limits.dark else "",
        "Too dark: skin and background are hardly apart.",
        "More light; or brighten the files (ffmpeg -vf eq=gamma=1.8).",
    )
    yield from finding(
        lambda _, look: f"mean level {look.light:.0f} of 255" if look.light > limits.bright else "",
        "Too bright: what is white holds no detail.",
        "Less exposure.",
    )
    yield from finding(
        lambda _, look: (
            f"levels spread by {look.contrast:.0f} of 255" if look.contrast < limits.flat else ""
        ),
        "Hardly any contrast: the picture is nearly of one colour.",
        "Check lens, light and whether the file shows anything.",
    )
    yield from finding(
        lambda video, look: _frozen(material, video, look),
        "Frames that repeat the frame before though somebody is seen: a frozen picture, or a file "
        "that was brought to a higher frame rate.",
        "Use the original recording; else bring it to its true rate (ffmpeg -vf mpdecimate, or "
        "fps=15).",
    )
    yield from finding(
        lambda _, look: _shaky(look, limits.shaky),
        "The camera moves: every joint seems to move with it.",
        "A tripod; for files ffmpeg's vidstab filters steady a picture.",
    )


def _frozen(material: Material, video: str, look: Look) -> str:
    present = material.traces[video].present if video in material.traces else None
    pairs = look.pairs < (0 if present is None else len(present))
    if not pairs.any():
        return ""
    there = look.same[pairs][present[look.pairs[pairs]]]
    if not len(there) or there.mean() <= material.limits.frozen:
        return ""
    return f"{percent(float(there.mean()))} of {len(there)} frames looked at"


def _shaky(look: Look, limit: float) -> str:
    moved = look.shifts > 0
    if not len(moved) or moved.mean() <= limit:
        return ""
    far = look.shifts[moved].mean()
    return f"{percent(float(moved.mean()))} of {len(moved)} frames looked at, by {percent(far)} of \
the width"
