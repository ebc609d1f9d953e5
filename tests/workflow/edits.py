"""Edits of a finished project, and the rules that each runs again: the specification of law 4.

An edit is a function of the project's folder. Where it lays values over the configuration it returns
them. The demo has four batches, three modalities, one later round and the two-branch network.
"""

import shutil
from pathlib import Path

OVERLAYS = {"render_overlays"}
SCORED = {"score_predictions", "plot_scores"}
SHOWN = {"review_segments"}
TOLD = {"summarise_segments", "export_segments", "score_segments", "plot_segments"}
SEGMENTS = {"find_segments", *TOLD, *SHOWN}
FITTED = {"fit_segmenter", *SEGMENTS}
LOOKED = {"predict_windows", *FITTED}
STORED = {"store_videos", *LOOKED}
VOTE = {
    "fit_temperatures", "compare_members", "combine_scores", *SCORED, *OVERLAYS, *FITTED,
}  # fmt: skip
FUSED = {
    "train_fusion", "predict_fusion", "plot_prototypes", "plot_curves", *VOTE,
}  # the demo's fusion network looks at no window  # fmt: skip
PREDICTED = {
    "predict_modality", "select_pseudo_labels", "train_modality", "predict_windows", *FUSED,
}  # fmt: skip
TRAINED = PREDICTED
CROPPED = {"locate_saliency", "decode_rgb", *TRAINED}
CLEANED = {"clean_keypoints", "store_videos", *CROPPED}
POSED = {"extract_keypoints", "score_keypoints", *CLEANED}
INDEXED = {"index_videos", "index_labels", "plot_classes"}
RENDERED = {"render_demo_videos", "probe_videos", *INDEXED, *POSED}


def added(file: str, text: str = "\n\nADDED = 1\n"):
    """Code added at the end of a file."""

    def edit(folder: Path):
        with (folder / file).open("a", encoding="utf-8") as opened:
            opened.write(text)

    return edit


def reworded(file: str, old: str, new: str):
    """A text replaced in a file, once."""

    def edit(folder: Path):
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file}: {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return edit


def configured(**values):
    """Values laid over the configuration."""
    return lambda folder: values


def cell(sheet: str, column: str, value: str, **where: str):
    """The first row of a sheet where the columns have these values gets another value."""

    def edit(folder: Path):
        path = folder / "demo" / f"{sheet}.tsv"
        lines = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
        head = lines[0]
        if column not in head:
            lines = [[*head, column], *([*line, ""] for line in lines[1:])]
            head = lines[0]
        for line in lines[1:]:
            if all(line[head.index(name)] == wanted for name, wanted in where.items()):
                line[head.index(column)] = value
                break
        else:
            raise AssertionError(f"{sheet}: no row with {where}")
        text = "\n".join(map("\t".join, lines)) + "\n"
        path.write_text(text, encoding="utf-8")

    return edit


def without_rows(sheet: str, column: str, value: str):
    """The rows of a sheet with this value are taken out."""

    def edit(folder: Path):
        path = folder / "demo" / f"{sheet}.tsv"
        lines = path.read_text(encoding="utf-8").splitlines()
        place = lines[0].split("\t").index(column)
        kept = [line for line in lines[1:] if line.split("\t")[place] != value]
        assert len(kept) < len(lines) - 1
        path.write_text("\n".join([lines[0], *kept]) + "\n", encoding="utf-8")

    return edit


def row(sheet: str, *values: str):
    """A row added to a sheet."""
    return added(f"demo/{sheet}.tsv", "\t".join(values) + "\n")


def both(*edits):
    """Several edits at once; the values that they lay over the configuration are joined."""

    def edit(folder: Path):
        values = {}
        for one in edits:
            for section, value in (one(folder) or {}).items():
                both_named = isinstance(value, dict) and isinstance(values.get(section), dict)
                values[section] = {**values[section], **value} if both_named else value
        return values

    return edit


TRAIN_LABEL = cell("clips", "label", "1", split="train", label="0")
VAL_LABEL = cell("clips", "label", "1", split="val", label="0")
TEST_LABEL = cell("clips", "label", "1", split="test", label="0")
POSE_SETTING = configured(extract_keypoints={"person_threshold": 0.4})
THREADS = configured(
    train_modality={
        **{"threads": 2, "loader_workers": 1, "cache_megabytes": 64},
        **{"batches_ahead": 1, "recompute_activations": True},
    }
)
MESSAGE = reworded("microgesture/datasets/clips.py", "holds no frames", "is without frames")
LABELLED = {"index_labels", "plot_classes"}

# name -> (edit, rules that run again)
EDITS = {
    # Sections of the configuration.
    "seed": (configured(seed=1), TRAINED),
    "layout": (configured(layout="coco17"), CLEANED),
    "rounds": (configured(rounds=2), TRAINED),
    "protocol": (configured(protocol={"folds": 4}), set()),
    "render_demo_videos": (configured(render_demo_videos={"noise": 3.0}), RENDERED),
    "index_videos": (configured(index_videos={"on_bad_video": "quarantine"}), {"index_videos"}),
    "extract_keypoints": (POSE_SETTING, POSED),
    "pose batch size": (configured(extract_keypoints={"batch_size": 8}), POSED),
    "clean_keypoints": (configured(clean_keypoints={"longest_gap": 3}), CLEANED),
    "locate_saliency": (configured(locate_saliency={"padding": 0.3}), CROPPED),
    "decode_rgb": (configured(decode_rgb={"size": 80}), {"decode_rgb", *TRAINED}),
    "training: threads, workers, cache": (THREADS, set()),
    "training: test_flip": (configured(train_modality={"test_flip": False}), PREDICTED),
    "training: dropout": (configured(train_modality={"dropout": 0.3}), TRAINED),
    "training: pseudo_weight": (
        configured(train_modality={"pseudo_weight": 0.1}), TRAINED - {"select_pseudo_labels"}
    ),
    "modalities": (configured(modalities={"joint": {"epochs": 3}}), TRAINED),
    "predict_modality: threads": (configured(predict_modality={"threads": 2}), set()),
    "select_pseudo_labels": (configured(select_pseudo_labels={"threshold": 0.8}), TRAINED),
    "train_fusion": (configured(train_fusion={"learning_rate": 0.01}), FUSED),
    "train_fusion: threads": (configured(train_fusion={"threads": 2}), set()),
    "fusion: test_flip": (
        configured(train_fusion={"test_flip": False}),
        FUSED - {"train_fusion", "plot_prototypes", "plot_curves"},
    ),
    "fit_temperatures": (configured(fit_temperatures={"weights": "equal"}), VOTE),
    "compare_members": (configured(compare_members={"weights": ["equal"]}), {"compare_members"}),
    "combine_scores: submission": (
        configured(combine_scores={"submission": "none"}), {"combine_scores"}
    ),
    "render_overlays": (configured(render_overlays={"seconds": 2}), OVERLAYS),
    "score_keypoints": (configured(score_keypoints={"fraction": 0.3}), {"score_keypoints"}),
    "ablation": (configured(ablation={"seeds": [5]}), set()),
    "store_videos": (configured(store_videos={"size": 112}), STORED),
    "predict_windows": (configured(predict_windows={"stride": 0.5}), LOOKED),
    "predict_windows: members": (configured(predict_windows={"members": ["joint"]}), FITTED),
    "predict_windows: threads": (configured(predict_windows={"threads": 2}), set()),
    "fit_segmenter": (configured(fit_segmenter={"decoder": "viterbi"}), FITTED),
    "summarise_segments": (configured(summarise_segments={"stretches": 9}), TOLD),
    "export_segments": (configured(export_segments={"formats": ["csv"]}), {"export_segments"}),
    "review_segments": (configured(review_segments={"anonymise": "blur"}), SHOWN),
    "render_segments": (configured(render_segments={"anonymise": "blur"}), set()),
    "bundle": (configured(bundle={"title": "another"}), set()),
    # Columns of the sheets.
    "videos: fps": (cell("videos", "fps", "25", video="s01"), {*OVERLAYS, *STORED}),
    "videos: annotated": (cell("videos", "annotated", "no", video="s01"), STORED),
    "videos: batch": (
        # the recording moves to another job; what is trained on it is the same
        cell("videos", "batch", "b0", video="s01"),
        {"probe_videos", "index_videos", "index_labels", "extract_keypoints", "clean_keypoints",
         "locate_saliency", "decode_rgb", "store_videos", "predict_windows", "find_segments",
         "review_segments"},
    ),
    "clips: end": (
        cell("clips", "end", "20", split="train"), {*INDEXED, *CROPPED}
    ),
    "clips: label of train": (TRAIN_LABEL, {*LABELLED, *TRAINED}),
    "clips: label of val": (VAL_LABEL, {*LABELLED, *TRAINED}),
    "clips: label of test": (
        TEST_LABEL, {"index_truth", *SCORED, "score_segments", "plot_segments"}
    ),
    "labels: name": (
        cell("labels", "name", "another name", label="0"),
        {"plot_classes", "plot_prototypes", "combine_scores", *SCORED, *OVERLAYS, *TOLD, *SHOWN},
    ),
    "labels: description": (
        cell("labels", "description", "Another text.", label="0"),
        {"export_segments", "review_segments"},
    ),
    "labels: group": (
        cell("labels", "group", "another", label="0"),
        {"plot_classes", "plot_prototypes", "combine_scores", *SCORED, *OVERLAYS, *TOLD, *SHOWN},
    ),
    "a video taken out": (
        both(without_rows("clips", "video", "s01"), without_rows("videos", "video", "s01")),
        {"probe_videos", *INDEXED, *POSED} - {"score_keypoints"},  # those of test people
    ),
    # Rooms of the library.
    "tables": (added("microgesture/tables/index.py"), {
        *INDEXED, "index_truth", *CROPPED
    }),
    "videos: decoding": (added("microgesture/videos/decoding.py"), {
        "probe_videos", *INDEXED, *POSED
    }),
    "pose: estimation": (added("microgesture/pose/estimation.py"), POSED),
    "pose: cleaning": (added("microgesture/pose/cleaning.py"), CLEANED),
    "saliency": (added("microgesture/saliency/boxes.py"), {*CROPPED, "store_videos"}),
    "segments: fitting": (added("microgesture/segments/fitting.py"), FITTED),
    "segments: pictures": (added("microgesture/segments/video_pictures.py"), STORED),
    "exports": (added("microgesture/exports/elan.py"), {"export_segments"}),
    "heatmaps": (added("microgesture/heatmaps/gaussian.py"), {*TRAINED, *OVERLAYS}),
    "datasets": (added("microgesture/datasets/samples.py"), TRAINED),
    "models": (added("microgesture/models/st_gcn_pp.py"), TRAINED),
    "models: not used": (added("microgesture/models/aagcn.py"), set()),
    "losses": (added("microgesture/losses/semantic.py"), TRAINED),
    "training: schedule": (added("microgesture/training/schedule.py"), TRAINED),
    "weights of others": (added("microgesture/weights/fitting.py"), set()),
    "pseudo": (added("microgesture/pseudo/thresholds.py"), TRAINED),
    "ensembles": (added("microgesture/ensembles/weights.py"), VOTE),
    "metrics": (added("microgesture/metrics/score_table.py"), SCORED),
    "figures: curves": (added("microgesture/figures/curves.py"), {"plot_curves"}),
    "figures: prototypes": (added("microgesture/figures/prototypes.py"), {"plot_prototypes"}),
    "importers": (added("microgesture/importers/imigue.py"), set()),
    "demo": (added("microgesture/demo/schedule.py"), RENDERED),
    "a message": (MESSAGE, set()),
    "a comment": (added("microgesture/training/loop.py", "\n# a comment\n"), set()),
    "a script's comment": (added("scripts/train_modality.py", "\n# a comment\n"), set()),
}  # fmt: skip

# Pairs: what the one runs hides nothing of the other.
PAIRS = [
    ("extract_keypoints", "clips: label of train"),
    ("extract_keypoints", "index_videos"),
    ("index_videos", "clean_keypoints"),
    ("clips: label of test", "combine_scores: submission"),
    ("clips: label of test", "figures: curves"),
    ("clips: end", "figures: prototypes"),
    ("videos: batch", "train_fusion"),
    ("fit_temperatures", "score_keypoints"),
    ("videos: fps", "labels: description"),
    ("metrics", "training: threads, workers, cache"),
    ("a message", "figures: curves"),
    ("tables", "pose: cleaning"),
    ("render_overlays", "select_pseudo_labels"),
]


def moved_folder(folder: Path):
    """The users' videos lie in another folder."""
    (folder / "videos").rename(folder / "recordings")
    path = folder / "demo" / "videos.tsv"
    path.write_text(path.read_text().replace("\tvideos/", "\trecordings/"), encoding="utf-8")


def touched_video(folder: Path):
    (folder / "videos" / "s01.mp4").touch()


def replaced_video(folder: Path):
    shutil.copy(folder / "videos" / "s02.mp4", folder / "videos" / "s01.mp4")


def new_unlabelled_video(folder: Path):
    (folder / "videos" / "n01.mp4").write_bytes(b"stands for a new video")
    row("videos", "n01", "videos/n01.mp4", "new")(folder)
    row("clips", "n01_0", "n01", "0", "9", "", "unlabelled")(folder)


# Of users' own videos, with rounds: 0.
FILES = {
    "touched": (touched_video, set()),
    # pages and exports name the files where they lie
    "moved": (moved_folder, {"probe_videos", "export_segments", "review_segments"}),
    "replaced": (replaced_video, {"probe_videos", "index_videos", "index_labels", "plot_classes",
        *POSED} - {"score_keypoints", "select_pseudo_labels"}),
    "added": (new_unlabelled_video, {
        "probe_videos", "index_videos", "index_labels", "plot_classes", "extract_keypoints",
        "clean_keypoints", "locate_saliency", "decode_rgb", "predict_modality", "predict_fusion",
        "combine_scores", *SCORED, *OVERLAYS, "store_videos", "predict_windows", *SEGMENTS,
    }),
}  # fmt: skip


def unlabelled_now(folder: Path):
    """A clip of train loses its label, and so its split."""
    cell("clips", "label", "", clip="s01_01")(folder)
    cell("clips", "split", "unlabelled", clip="s01_01")(folder)


# Of users' own videos, with rounds: 0, where joint is pre-trained on labelled clips and heatmap on
# all: name -> (edit, modalities that are pre-trained again, modalities that are trained again).
EVERY = {"joint", "heatmap", "rgb"}
PRETRAINING = {
    "added": (new_unlabelled_video, {"heatmap"}, {"heatmap"}),
    "replaced": (replaced_video, {"joint", "heatmap"}, EVERY),
    "clips: label of train": (TRAIN_LABEL, set(), EVERY),
    "clips: label of test": (TEST_LABEL, set(), set()),
    "clips: no label any more": (unlabelled_now, {"joint"}, EVERY),
    "pretrain: mask_ratio": (
        configured(modalities={"joint": {"pretrain": {"mask_ratio": 0.5}}}), {"joint"}, {"joint"}
    ),
    "pretrain: clips of the same people": (
        configured(modalities={"joint": {"pretrain": {"clips": "unlabelled"}}}), set(), set()
    ),
    "epochs of the training": (configured(modalities={"joint": {"epochs": 3}}), set(), {"joint"}),
    "seed": (configured(seed=1), {"joint", "heatmap"}, EVERY),
    "pseudo-labels: inductive": (
        configured(select_pseudo_labels={"mode": "inductive"}), {"heatmap"}, {"heatmap"}
    ),
    "code: targets": (
        added("microgesture/pretraining/targets.py"), {"joint", "heatmap"}, {"joint", "heatmap"}
    ),
    "code: which clips": (
        added("microgesture/pretraining/clips.py"), {"joint", "heatmap"}, {"joint", "heatmap"}
    ),
    "models": (added("microgesture/models/st_gcn_pp.py"), {"joint"}, {"joint"}),
    "threads": (THREADS, set(), set()),
}  # fmt: skip
