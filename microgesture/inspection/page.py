"""The page that tells a person what is wrong with the data before anything is trained.

Warnings first; then who shows what how often, lengths, videos, confidence over time, examples.
"""

import tempfile
from collections.abc import Iterable
from html import escape
from pathlib import Path

import numpy as np

from microgesture.figures.clip_lengths import draw_clip_lengths
from microgesture.figures.confidence_strips import draw_confidence_strip
from microgesture.figures.distribution import draw_distribution
from microgesture.figures.people_and_classes import draw_people_and_classes
from microgesture.inspection import html
from microgesture.inspection.findings import NOTE, SERIOUS, WARNING, Finding, counted, percent
from microgesture.inspection.material import Material
from microgesture.inspection.tables import class_table, clip_seconds, people_table, video_table

PLACES = 6  # of a finding that stand in the open; the others unfold
_WORDS = {
    SERIOUS: "serious: would make results worthless",
    WARNING: "warnings: results suffer",
    NOTE: "notes",
}
_KEY = (
    ("#d6e6f2", "found, unsure"), ("#0072b2", "found, sure"),
    ("#f3b8a0", "hand not found"), ("#d55e00", "nobody"), ("#e69f00", "the track jumps"),
    ("#22262b", "a clip"),
)  # fmt: skip


def write_page(
    material: Material,
    findings: list[Finding],
    examples: Iterable[tuple[np.ndarray, str]],
    flagged: list[str],
    videos_shown: int,
) -> str:
    """The whole page as one text.

    findings: worst first. examples: (picture, caption). flagged: videos that findings name, the
    worst first. videos_shown: how many videos get a row and a strip, flagged ones first.
    """
    order = [*flagged, *sorted(set(material.traces) - set(flagged))]
    shown = [video for video in order if video in material.traces][:videos_shown]
    return html.page(
        "Data before training",
        [
            "<h1>The data before training</h1>",
            '<p class="muted">What the sheets, the pictures and the keypoints show. Labels of test '
            "clips are counted here and reach no training. What is wrong in the sheets "
            "themselves (unknown videos, a person in two splits, a class without a training clip) "
            "stops the workflow before this page is made.</p>",
            _tiles(material, findings),
            "<h2>What to look at first</h2>",
            *_findings(findings),
            *_counts(material),
            *_videos(material, shown),
            *_strips(material, shown),
            *_sheet(examples),
        ],
    )


def _tiles(material: Material, findings: list[Finding]) -> str:
    clips = material.clips
    seconds = material.videos["frames"] / [
        max(material.rate(v), 1e-9) for v in material.videos.index
    ]
    found = [t.somebody for t in material.traces.values() if len(t.present)]
    hands = [share for t in material.traces.values() if (share := t.with_hand()) == share]
    tiles = [
        (len(material.videos), "videos"),
        (_length(float(seconds.sum())), "of video"),
        (clips.loc[clips["subject"] != "", "subject"].nunique() or "?", "known people"),
        (len(clips), "clips"),
        (len(material.labelled), "with a label"),
        (len(material.names), "classes"),
        (percent(float(np.mean(found))) if found else "-", "frames with a person (mean)"),
        (percent(float(np.mean(hands))) if hands else "-", "of these with a hand (mean)"),
    ]
    tiles += [
        (sum(f.severity == severity for f in findings), words)
        for severity, words in ((SERIOUS, "serious"), (WARNING, "warnings"), (NOTE, "notes"))
    ]
    cells = (f'<div class="tile"><b>{escape(str(v))}</b><span>{w}</span></div>' for v, w in tiles)
    return f'<div class="tiles">{"".join(cells)}</div>'


def _length(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _findings(findings: list[Finding]) -> Iterable[str]:
    if not any(f.severity != NOTE for f in findings):
        said = "Nothing serious and no warning."
        yield f'<div class="finding good"><span class="what">{said}</span></div>'
    for finding in findings:
        places = [f"<li><b>{escape(a)}</b>: {escape(b)}</li>" for a, b in finding.places]
        listed = f"<ul>{''.join(places[:PLACES])}</ul>" if places else ""
        if len(places) > PLACES:
            rest = f"<ul>{''.join(places[PLACES:])}</ul>"
            more = f"{len(places) - PLACES} more"
            listed += f"<details><summary>{more}</summary>{rest}</details>"
        yield (
            f'<div class="finding {finding.severity}"><span class="badge">{finding.severity}</span>'
            f'<span class="what">{escape(finding.what)}</span>{listed}'
            f'<div class="remedy">{escape(finding.remedy)}</div></div>'
        )


def _counts(material: Material) -> Iterable[str]:
    clips = material.clips
    yield "<h2>Classes, people, splits</h2>"
    splits = clips["split"].value_counts()
    said = ", ".join(
        counted(int(splits[s]), f"{s} clip")
        for s in ("train", "val", "test", "unlabelled")
        if s in splits
    )
    yield f"<p>{said}.</p>"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "figure.svg"
        if len(material.labelled):
            draw_distribution(clips, material.names, path)
            yield html.figure(html.drawing(path), "Clips per class and split")
            table = class_table(material)
            rows = table.assign(
                seconds=["-" if s != s else f"{s:.2f}" for s in table["seconds"]]
            ).to_numpy()
            few, bad = material.limits.few_clips, []
            if table["train"].sum():
                bad = [(row, 1) for row in range(len(table)) if table["train"][row] < few]
            yield html.table([*table.columns[:-1], "median seconds"], rows.tolist(), bad)
            known = material.labelled[material.labelled["subject"] != ""]
            if len(known):
                draw_people_and_classes(known, material.names, path)
                yield html.figure(html.drawing(path), "Clips per person and class")
        people = people_table(material)
        listed = html.table(list(people.columns), people.to_numpy().tolist())
        title = f"The {counted(len(people), 'person', 'people')} by name"
        yield f"<details><summary>{title}</summary>{listed}</details>"
        if len(clips):
            draw_clip_lengths(
                clip_seconds(material, clips), clips["split"], path, material.limits.long_clip
            )
            yield html.figure(html.drawing(path), "Lengths of the clips in seconds")


def _videos(material: Material, shown: list[str]) -> Iterable[str]:
    table = video_table(material)
    table = table[table["video"].isin(shown)].reset_index(drop=True)
    yield "<h2>Videos</h2>"
    if len(table) < len(material.videos):
        said = "those with something to look at first"
        yield f"<p>{len(table)} of {len(material.videos)}, {said}.</p>"
    limits = material.limits
    bad = [(r, 6) for r in table.index if 1 - table["somebody"][r] > limits.absent]
    bad += [(r, 7) for r in table.index if table["hands"][r] < limits.hands]
    bad += [(r, 8) for r in table.index if table["people"][r] > 1]
    bad += [(r, 9) for r in table.index if table["jumps"][r] > 0]
    bad += [(r, 10) for r in table.index if table["light"][r] < limits.dark]
    rows = [
        [
            row.video, row.subject, row.size, f"{row.rate:.4g}", f"{row.seconds:.1f}", row.clips,
            _share(row.somebody), _share(row.hands), row.people or "-", row.jumps,
            "-" if row.light != row.light else f"{row.light:.0f}",
        ]
        for row in table.itertuples()
    ]  # fmt: skip
    columns = ["video", "subject", "pixels", "frames/s", "seconds", "clips", "with a person",
               "with a hand", "people", "jumps", "light"]  # fmt: skip
    yield html.table(columns, rows, bad)


def _share(value: float) -> str:
    return "-" if value != value else percent(value)


def _strips(material: Material, shown: list[str]) -> Iterable[str]:
    yield "<h2>How sure the keypoints are, over time</h2>"
    key = "".join(f'<i style="background:{c}"></i>{words}' for c, words in _KEY)
    yield f'<p class="key">Rows: body, left hand, right hand, clips.{key}</p>'
    spans = {v: list(zip(t["start"], t["end"])) for v, t in material.clips.groupby("video")}
    for video in shown:
        trace = material.traces[video]
        if not len(trace.present):
            continue
        strip = draw_confidence_strip(
            trace.present, trace.body, trace.hands, spans.get(video, []), trace.jumps
        )
        hands = trace.with_hand()
        said = f"person {_share(trace.somebody)}" + (
            "" if hands != hands else f", hand {percent(hands)}"
        )
        seconds = len(trace.present) / max(material.rate(video), 1e-9)
        ticks = "".join(f"<span>{seconds * k / 4:.1f} s</span>" for k in range(5))
        yield (
            f'<div class="strip"><div class="name">{escape(video)}<span>{said}</span></div>'
            f'<img src="{html.picture(strip, lossless=True)}" style="height:{strip.shape[0]}px" '
            f'alt="confidence of {escape(video)} over time"><div class="time">{ticks}</div></div>'
        )


def _sheet(examples: Iterable[tuple[np.ndarray, str]]) -> Iterable[str]:
    figures = [
        f'<figure><img src="{html.picture(image)}" alt="{escape(caption)}">'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
        for image, caption in examples
    ]
    if figures:
        yield "<h2>Examples</h2>"
        yield (
            "<p>The frame that moves most. Cool colours are the person's left, warm ones the "
            "right; faint bones are unsure; yellow is the crop that the networks see.</p>"
        )
        yield f'<div class="sheet">{"".join(figures)}</div>'
