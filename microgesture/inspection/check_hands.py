"""Hands: what micro-gestures are made of."""

from collections.abc import Iterator

from microgesture.inspection.findings import NOTE, WARNING, Finding, percent
from microgesture.inspection.material import Material


def check_hands(material: Material) -> Iterator[Finding]:
    """Videos in which hands are seldom found, and why: out of the picture, or not found in it."""
    traces = {v: t for v, t in material.traces.items() if t.present.any()}
    if traces and all(trace.hands is None for trace in traces.values()):
        what = "These keypoints have no hands: gestures of the fingers cannot be told apart."
        remedy = "Estimate whole-body keypoints from the videos where there are any (docs/pose.md)."
        yield Finding(NOTE, what, (), remedy)
        return
    outside = {v: float(t.outside[:, t.present].all(0).mean()) for v, t in traces.items()}
    away = {v: share for v, share in outside.items() if share > material.limits.outside}
    if away:
        what = f"Both wrists out of the picture in more than {percent(material.limits.outside)} of \
the frames with a person."
        remedy = "Move the camera back or down: what the hands do there cannot be recognised."
        places = tuple((f"video {v}", f"in {percent(share)}") for v, share in away.items())
        yield Finding(WARNING, what, places, remedy)
    found = {v: t.with_hand() for v, t in traces.items()}
    seldom = {v: share for v, share in found.items() if share < material.limits.hands}
    if seldom:
        what = (
            f"A hand is found in less than {percent(material.limits.hands)} of the frames with a \
person."
        )
        remedy = "Look at the strips below: hands under a table, too dark, too fast or too small; \
docs/pose.md has the settings of the second look."
        places = tuple((f"video {v}", f"in {percent(share)}") for v, share in seldom.items())
        yield Finding(WARNING, what, places, remedy)
