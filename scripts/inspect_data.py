"""One page that says what is wrong with the data before anything is trained, warnings first.

Looks at the sheets (classes, people, splits, lengths, overlaps, rates), at some pictures of every
video (light, contrast, frozen pictures, a camera that moves) and at the keypoints (nobody there,
several people, jumps, hands not found or out of the picture). Nothing trained is needed. The page
opens by a double click and holds its figures; findings.tsv has the same findings for other
programs. Labels of test clips are counted, and shown with no clip.

Settings: videos_shown (rows and strips of videos, 60), examples (clips with skeleton and crop, 12);
the others are fields of `Limits` (microgesture/inspection/limits.py).
"""

import logging

import pandas as pd
from tqdm import tqdm

from microgesture.ensembles.logits import read_tables
from microgesture.inspection.checks import find_faults
from microgesture.inspection.examples import choose_examples, draw_example_of, flagged_videos
from microgesture.inspection.findings import SEVERITIES
from microgesture.inspection.limits import Limits
from microgesture.inspection.material import Material
from microgesture.inspection.page import write_page
from microgesture.inspection.pictures import look_at
from microgesture.inspection.tables import finding_table
from microgesture.inspection.traces import trace_of
from microgesture.pose.layouts import get_layout
from microgesture.provenance.files import written_whole
from microgesture.provenance.jobs import job
from microgesture.stores.sequences import list_sequences, read_sequence
from microgesture.videos.index_store import list_frame_indexes, stored_index

LOGGER = logging.getLogger("microgesture.inspect_data")


def inspect_data(inputs: dict, outputs: dict, sheet: dict, layout: str, settings: dict) -> None:
    """Write the page and the table of findings.

    inputs: lists of files by name: facts, frame_indexes, keypoints, skeletons and saliency of the
    batches; clips, lost, truth. outputs: page, findings. sheet: names of the classes, rates (video
    -> frames per second where the sheet gives them) and regions (video -> text). layout: of the
    skeletons. settings: as above.
    """
    settings = dict(settings)
    videos_shown, examples = settings.pop("videos_shown"), settings.pop("examples")
    facts = read_tables(inputs["facts"]).set_index("video")
    readable = facts[facts["status"] == "ok"]
    index_of = _stored(inputs["frame_indexes"], list_frame_indexes)
    material = Material(
        clips=_with_truth(read_tables(inputs["clips"]), read_tables(inputs["truth"])),
        videos=readable.assign(given=pd.Series(sheet["rates"], dtype=float)),
        lost=pd.read_csv(inputs["lost"][0], sep="\t", keep_default_na=False),
        unread=facts.loc[facts["status"] != "ok", "problem"].to_dict(),
        names=sheet["names"],
        traces=_traces(inputs["keypoints"]),
        looks=_looks(readable, index_of, sheet["regions"]),
        limits=Limits(**settings),
    )
    findings = find_faults(material)
    for severity in SEVERITIES:
        LOGGER.info("%d %s", sum(f.severity == severity for f in findings), severity)
    flagged = flagged_videos(findings, material.clips)
    crops = read_tables(inputs["saliency"]).set_index("clip")
    energies = {clip: sum(motion) for clip, motion in crops["motion"].items()}
    chosen = choose_examples(material.clips, energies, flagged, examples)
    stores = _stored(inputs["skeletons"], list_sequences)
    pictures = _pictures(chosen, material, crops, stores, index_of, layout)
    with written_whole(outputs["findings"]) as temporary:
        finding_table(findings).to_csv(temporary, sep="\t", index=False)
    with written_whole(outputs["page"]) as temporary:
        text = write_page(material, findings, pictures, flagged, videos_shown)
        temporary.write_text(text, encoding="utf-8")


def _stored(paths: list[str], listed) -> dict[str, str]:
    """video -> the store that holds it."""
    return {video: path for path in paths for video in listed(path)}


def _with_truth(clips: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    known = clips["clip"].map(dict(zip(truth["clip"], truth["label"])))
    return clips.assign(label=known.fillna(clips["label"]).astype("int64"))


def _traces(stores: list[str]) -> dict:
    places = [(video, path) for path in stores for video in list_sequences(path)]
    traces = {}
    for video, path in tqdm(sorted(places), unit="video", desc="keypoints", mininterval=1):
        sequence = read_sequence(path, video)
        traces[video] = trace_of(sequence, get_layout(sequence.layout))
    return traces


def _looks(videos: pd.DataFrame, index_of: dict, regions: dict) -> dict:
    seen = videos[videos["path"] != ""]
    looks = {}
    for row in tqdm(seen.itertuples(), total=len(seen), unit="video", desc="pictures"):
        index = stored_index(index_of.get(row.Index), row.Index)
        looks[row.Index] = look_at(row.path, row.frames, index, regions.get(row.Index, ""))
    return looks


def _pictures(
    chosen: pd.DataFrame,
    material: Material,
    crops: pd.DataFrame,
    stores: dict[str, str],
    index_of: dict[str, str],
    layout: str,
):
    """(picture, caption) of every chosen clip; a test clip is shown without its class."""
    shown = get_layout(layout)
    for clip in chosen.itertuples():
        if clip.video not in stores:
            continue
        sequence = read_sequence(stores[clip.video], clip.video, clip.start, clip.end)
        crop = crops.loc[clip.clip] if clip.clip in crops.index else None
        index = stored_index(index_of.get(clip.video), clip.video)
        path = material.videos.loc[clip.video, "path"]
        told = [clip.clip, f"video {clip.video}"]
        if clip.split != "test" and clip.label >= 0:
            told.insert(0, material.names[clip.label])
        caption = ", ".join([*told, clip.split])
        yield draw_example_of(clip, path, index, sequence, shown, crop), caption


if __name__ == "__main__":
    with job(snakemake):
        names = ("facts", "frame_indexes", "keypoints", "skeletons", "saliency")
        files = {name: list(snakemake.input.get(name, [])) for name in names}
        single = {name: [str(snakemake.input[name])] for name in ("clips", "lost", "truth")}
        inspect_data(
            files | single,
            {"page": snakemake.output.page, "findings": snakemake.output.findings},
            sheet=dict(snakemake.params.sheet),
            layout=snakemake.params.layout,
            settings=dict(snakemake.params.settings),
        )
