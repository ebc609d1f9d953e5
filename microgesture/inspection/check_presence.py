"""Videos and clips in which nobody is found, in which somebody is small or unsure, or not alone."""

from collections.abc import Iterator

from microgesture.inspection.findings import SERIOUS, WARNING, Finding, counted, percent
from microgesture.inspection.material import Material
from microgesture.inspection.traces import Trace


def check_presence(material: Material) -> Iterator[Finding]:
    """Frames without a person, by video and by clip."""
    traces, limits = material.traces, material.limits
    empty = [video for video, trace in traces.items() if not trace.present.any()]
    if empty:
        what = "Videos in which nobody is found."
        remedy = "Look at them: light, size of the person, and the estimator (docs/pose.md); take \
videos without a person out of the sheet."
        places = tuple((f"video {video}", "nobody in any frame") for video in empty)
        yield Finding(SERIOUS, what, places, remedy)
    seldom = {v: t for v, t in traces.items() if v not in empty and 1 - t.somebody > limits.absent}
    if seldom:
        what = f"Videos in which nobody is found in more than {percent(limits.absent)} of the \
frames."
        remedy = "Look where the strips below are empty: does the person leave, or are they missed?"
        places = tuple(
            (f"video {video}", f"nobody in {percent(1 - trace.somebody)} of the frames")
            for video, trace in seldom.items()
        )
        yield Finding(WARNING, what, places, remedy)
    bare = {
        clip.clip: (clip.split, f"video {clip.video}, frames {clip.start} to {clip.end}")
        for clip in material.clips.itertuples()
        if clip.video not in empty
        and clip.video in traces
        and not traces[clip.video].present[clip.start : clip.end + 1].any()
    }
    for severity, whose, used in (
        (SERIOUS, "Clips of train, val or test", True),
        (WARNING, "Unlabelled clips", False),
    ):
        places = tuple(
            (f"clip {clip}", where)
            for clip, (split, where) in bare.items()
            if (split != "unlabelled") == used
        )
        if places:
            what = f"{whose} in which nobody is found: networks see an empty skeleton."
            remedy = "Check start and end; take the clip out where the person is hidden."
            yield Finding(severity, what, places, remedy)


def check_size(material: Material) -> Iterator[Finding]:
    """People and hands of too few pixels."""
    limits = material.limits
    small = _below(material, "person_size", limits.small_person)
    if small:
        what = (
            f"People smaller than {percent(limits.small_person)} of the picture's height: little \
is left of their hands."
        )
        remedy = "Move the camera closer, or give videos.tsv a region around the person."
        places = tuple((v, f"{percent(size)} of the height") for v, size in small)
        yield Finding(WARNING, what, places, remedy)
    hands = _below(material, "hand_size", limits.small_hand)
    if hands:
        what = f"Hands smaller than {limits.small_hand:g} pixels: fingers cannot be seen."
        remedy = "Use the recording in its original size, or a camera that is closer."
        yield Finding(WARNING, what, tuple((v, f"{size:.0f} pixels") for v, size in hands), remedy)


def check_sureness(material: Material) -> Iterator[Finding]:
    """Keypoints that the estimator itself doubts."""
    limit = material.limits.uncertain
    doubted = []
    for video, trace in material.traces.items():
        if trace.present.any():
            mean = float(trace.body[trace.present].mean())
            if mean < limit:
                doubted.append((f"video {video}", f"mean score {mean:.2f}"))
    if doubted:
        what = f"Bodies with a mean score below {limit:g}: the keypoints are guesses."
        remedy = "Look at the examples; try another estimator (docs/pose.md)."
        yield Finding(WARNING, what, tuple(doubted), remedy)


def check_company(material: Material) -> Iterator[Finding]:
    """Several people in the picture."""
    shared = {video: trace for video, trace in material.traces.items() if trace.people > 1}
    if shared:
        what = "More than one person is seen: one of them is followed, perhaps not yours."
        remedy = "Look at the examples; the column region of videos.tsv names the part of the \
picture where the subject is."
        places = tuple((f"video {v}", f"up to {t.people} people") for v, t in shared.items())
        yield Finding(WARNING, what, places, remedy)


def check_tracks(material: Material) -> Iterator[Finding]:
    """A track that is suddenly elsewhere, and points that never move."""
    jumping = {video: trace for video, trace in material.traces.items() if len(trace.jumps)}
    if jumping:
        what = "The track jumps: from there on it may be somebody else."
        remedy = "Look at these frames; give the video a region, or two rows with a subject each."
        places = tuple((f"video {v}", _frames(trace)) for v, trace in jumping.items())
        yield Finding(WARNING, what, places, remedy)
    still = [(v, t) for v, t in material.traces.items() if t.still > 0.5]
    if still:
        what = "Keypoints that do not move from frame to frame, as no living person's do."
        remedy = "Check the estimator or the file they were imported from."
        places = tuple(
            (f"video {v}", f"the same points in {percent(t.still)} of the frames") for v, t in still
        )
        yield Finding(SERIOUS, what, places, remedy)


def _frames(trace: Trace, shown: int = 5) -> str:
    jumps = trace.jumps.tolist()
    listed = ", ".join(map(str, jumps[:shown]))
    more = f" and {len(jumps) - shown} more" if len(jumps) > shown else ""
    return f"{counted(len(jumps), 'time')}: frame {listed}{more}"


def _below(material: Material, quantity: str, limit: float) -> list[tuple[str, float]]:
    found = ((video, getattr(trace, quantity)) for video, trace in material.traces.items())
    return [(f"video {video}", value) for video, value in found if value < limit]
