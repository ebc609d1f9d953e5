"""The model card of a bundle: what it is, how good on unseen people, what it must not be used for.

After Mitchell et al., "Model Cards for Model Reporting" (FAT* 2019). Every number comes from the
run's own tables; what is not known is said to be not known.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from microgesture.metrics.groups import groups_of, kind_of_groups
from microgesture.metrics.standing import MODES_IN_WORDS, count_in_words

LEARNED, JUDGED = "train", "val"
SCORES_SHOWN = (
    ("top1", "top-1 accuracy"),
    ("macro_f1", "macro-F1"),
    ("mean_class_accuracy", "mean-class accuracy"),
    ("ece", "calibration error (ECE)"),
)


def trained_on(
    clips: pd.DataFrame, classes: int, videos: pd.DataFrame | None = None, mode: str = ""
) -> dict:
    """What a run was trained on, in plain numbers, no name of a person or video among them.

    clips: of index_labels (video, subject, split, label); classes: K. videos: of probe_videos
    (video, fps, width, height, status), None where nobody has it. mode: of the pseudo-labels,
    "transductive" | "inductive" | "" (there are none).

    Returns counts (K training clips by class), clips and people of training and of validation
    (people in words: videos stand for them where nobody is known), fps and sizes (sorted, each
    once) of the videos with training clips, mode.
    """
    found: dict = {"mode": mode}
    for split, name in ((LEARNED, "training"), (JUDGED, "validation")):
        part = clips[(clips["split"] == split) & (clips["label"] >= 0)]
        groups = groups_of(part["subject"].to_numpy(object), part["video"].to_numpy(object))
        count = len(set(groups))
        found[name] = {"clips": len(part), "people": count_in_words(count, kind_of_groups(groups))}
        if split == LEARNED:
            labels = part["label"].to_numpy(np.int64)
            found["counts"] = np.bincount(labels, minlength=classes).tolist()
            learned = set(part["video"])
    found["fps"], found["sizes"] = [], []
    if videos is not None:
        known = videos[videos["video"].isin(learned) & (videos["status"] == "ok")]
        found["fps"] = sorted({round(float(rate), 3) for rate in known["fps"]})
        sizes = {(int(w), int(h)) for w, h in zip(known["width"], known["height"]) if w and h}
        found["sizes"] = [f"{width} x {height}" for width, height in sorted(sizes)]
    return found


def model_card(
    name: str,
    labels: pd.DataFrame,
    settings: dict,
    members: Sequence[str],
    trained: dict,
    *,
    segmenter: bool,
    scores: pd.DataFrame | None,
    facts: dict | None,
    commit: str,
    packages: dict[str, str],
) -> str:
    """The README.md of a bundle. settings: of the bundle (`kept_settings`); trained: from
    `trained_on`; scores, facts: of score_predictions, None where it was not scored."""
    parts = [
        f"# {name}",
        "A recogniser of micro-gestures, made with microgesture: it names what the upper body, "
        "hands and face of a person in a video do. Everything that it needs beside the program is "
        "in this folder; `bundle.json` has the SHA-256 of every file.",
        "## Use",
        _use(),
        "## What it sees and says",
        _seen(labels, settings, members, segmenter),
        "## What it was trained on",
        _trained(labels, trained),
        "## How good it is on people whom it has not seen",
        _scored(scores, facts, members),
        "## What it must not be used for",
        _limits(trained, settings),
        "## Where it comes from",
        _origin(commit, packages),
    ]
    return "\n\n".join(parts) + "\n"


def _use() -> str:
    return (
        "```sh\n"
        "git clone <microgesture> && cd microgesture && make setup\n"
        "python -m microgesture.bundles.reading THIS_FOLDER   # is every byte as it was?\n"
        ".venv/bin/snakemake --cores 4 --directory runs/new --config "
        "'predict={bundle: THIS_FOLDER, videos: FOLDER_OF_VIDEOS}' -- predict\n"
        "```"
    )


def _seen(labels: pd.DataFrame, settings: dict, members: Sequence[str], segmenter: bool) -> str:
    streams = {key: value["stream"] for key, value in settings["modalities"].items()}
    lines = [
        f"- Classes: {len(labels)} (`labels.tsv`).",
        "- Members of the vote: "
        + ", ".join(f"{key} ({streams.get(key, 'two branches')})" for key in members)
        + "; each is calibrated, and so is their vote (`vote.tsv`).",
        f"- Keypoints: {_pose(settings.get('extract_keypoints', {}))}; layout "
        f"{settings['layout']}.",
        "- "
        + (
            "Whole videos: it says when something happens, and when nothing does (`segmenter/`)."
            if segmenter
            else "Clips that somebody has cut: it has no segmenter for whole videos, and it names "
            "one of its classes whatever happens."
        ),
    ]
    return "\n".join(lines)


def _pose(section: dict) -> str:
    if section.get("estimator", "mmpose") == "mediapipe":
        return "MediaPipe"
    if section.get("model"):
        return f"mmpose's {section['model']} (downloaded once on the first use)"
    return f"the pose model in this bundle ({section.get('checkpoint', 'as configured')})"


def _without_labels(mode: str) -> str:
    return "Learned without labels" if "pre-training" in mode else "Pseudo-labels"


def _trained(labels: pd.DataFrame, trained: dict) -> str:
    training, validation = trained["training"], trained["validation"]
    lines = [
        f"{training['clips']} labelled clips of {training['people']}; chosen and calibrated on "
        f"{validation['clips']} clips of {validation['people']}.",
        f"{_without_labels(trained['mode'])}: {trained['mode']}: {MODES_IN_WORDS[trained['mode']]}."
        if trained["mode"]
        else "Pseudo-labels: none.",
        f"Videos: {_several(trained['sizes'], 'pixels')}, "
        f"{_several([f'{rate:g}' for rate in trained['fps']], 'frames a second')}. Other sizes and "
        "rates work; how well is not known.",
        "| class | group | training clips |\n| --- | --- | --- |\n"
        + "\n".join(
            f"| {_cell(row.name)} | {_cell(row.group)} | {count} |"
            for row, count in zip(labels.itertuples(index=False, name="Row"), trained["counts"])
        ),
    ]
    rare = [n for n, count in zip(labels["name"], trained["counts"]) if count < 10]
    if rare:
        lines.append(f"Fewer than ten examples, so little to rely on: {', '.join(rare)}.")
    return "\n\n".join(lines)


def _several(values: Sequence[str], unit: str) -> str:
    if not values:
        return f"{unit} not written down"
    shown = ", ".join(values[:5]) + (f" and {len(values) - 5} more" if len(values) > 5 else "")
    return f"{shown} {unit}"


def _cell(text: str) -> str:
    return str(text).replace("|", "/").replace("\n", " ")


def _scored(scores: pd.DataFrame | None, facts: dict | None, members: Sequence[str]) -> str:
    if scores is None:
        return (
            "Not scored: there was no test truth. Nobody knows how good it is; score it on "
            "labelled videos of your own people before you rely on it."
        )
    last = scores.drop_duplicates("modality", keep="last").set_index("modality")
    shown = [name for name in ("ensemble", *members) if name in last.index]
    lines = [f"{key}: {value}" for key, value in (facts or {}).items()]
    text = "\n".join(f"- {line}" for line in lines)
    table = [
        "| system | " + " | ".join(words for _, words in SCORES_SHOWN) + " |",
        "| --- |" + " --- |" * len(SCORES_SHOWN),
        *(
            f"| {name} | "
            + " | ".join(_interval(last.loc[name], column) for column, _ in SCORES_SHOWN)
            + " |"
            for name in shown
        ),
    ]
    return "\n\n".join([
        *([text] if text else []),
        "\n".join(table),
        "In brackets: 95 % intervals over people. Other cameras, rooms, cultures and tasks than "
        "those of the test people are not covered by them.",
    ])  # fmt: skip


def _interval(row: pd.Series, column: str) -> str:
    value = row.get(column, np.nan)
    if pd.isna(value):
        return "not known"
    low, high = row.get(f"{column}_low", np.nan), row.get(f"{column}_high", np.nan)
    if pd.isna(low) or pd.isna(high):
        return f"{value:.3f}"
    return f"{value:.3f} ({low:.3f} to {high:.3f})"


def _limits(trained: dict, settings: dict) -> str:
    lines = [
        "No detection of lies, no reading of feelings or intentions: a touched neck says that a "
        "neck was touched.",
        "No decision about a person: not in hiring, policing, borders, courts, insurance, schools.",
        "No diagnosis and no medical or psychological assessment.",
        "Nobody may be recorded and analysed with it who has not agreed to it.",
        "It follows one visible person a video (several: one row each with a region). Hands "
        "or a face that are hidden or cut off are guessed at.",
        "Age, skin, clothing, body, disability and culture of the people whom it learned from are "
        "not written down: that it works equally for all must not be assumed.",
        "Its confidence is calibrated on people like those of validation; elsewhere it may be too "
        "sure of itself.",
    ]
    if not settings.get("mirror_images", True):
        lines.append("Left and right are different classes: a mirrored video gives wrong answers.")
    return "\n".join(f"- {line}" for line in lines)


def _origin(commit: str, packages: dict[str, str]) -> str:
    listed = ", ".join(f"{name} {version}" for name, version in packages.items())
    return "\n".join([
        f"- Code: microgesture, commit {commit or 'not known'}.",
        f"- Packages: {listed}.",
        "- Settings, seeds and digests of the training data: `members/*/model.json`, provenance.",
        "- Licence of the program: Apache-2.0. The weights are bound by what the trained people "
        "agreed to and by the licence of their data: ask who gave you this bundle.",
        "- To cite: CITATION.cff of microgesture, and the papers named there.",
    ])  # fmt: skip
