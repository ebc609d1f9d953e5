"""Law 4: an edit reruns exactly the rules that it changes. The table is the specification."""

import re

import pytest

AFTER_TRAINING = {
    "predict_modality", "select_pseudo_labels", "train_fusion", "predict_fusion",
    "plot_prototypes", "fit_temperatures", "combine_scores", "score_predictions", "render_overlays",
}  # fmt: skip
AFTER_SKELETONS = AFTER_TRAINING | {"locate_saliency", "decode_rgb", "train_modality"}

# edited file -> rules that run again (with everything downstream of them)
EDITS = {
    "microgesture/demo/schedule.py": {
        "render_demo_videos", "index_videos", "extract_keypoints", "clean_keypoints",
        "score_keypoints", "plot_classes",
    } | AFTER_SKELETONS,
    "microgesture/pose/estimation.py": {
        "extract_keypoints", "clean_keypoints", "score_keypoints"
    } | AFTER_SKELETONS,
    "microgesture/pose/cleaning.py": {"clean_keypoints"} | AFTER_SKELETONS,
    "microgesture/saliency/boxes.py": AFTER_SKELETONS,
    "microgesture/videos/cropping.py": AFTER_TRAINING | {"decode_rgb", "train_modality"},
    "microgesture/losses/semantic.py": AFTER_TRAINING | {"train_modality"},
    "microgesture/models/rgbpose_fusion.py": {
        "train_fusion", "predict_fusion", "plot_prototypes", "fit_temperatures", "combine_scores",
        "score_predictions", "render_overlays",
    },
    "microgesture/pseudo/thresholds.py": AFTER_TRAINING | {"train_modality"},
    "microgesture/ensembles/weights.py": {
        "fit_temperatures", "combine_scores", "score_predictions", "render_overlays"
    },
    "microgesture/metrics/bootstrap.py": {"score_predictions"},
    "microgesture/figures/confusion.py": {"score_predictions"},
    "microgesture/figures/prototypes.py": {"plot_prototypes"},
    "microgesture/models/aagcn.py": set(),  # a network that the config does not name
    "microgesture/weights/inflate.py": AFTER_TRAINING | {"train_modality"},
    "microgesture/importers/imigue.py": set(),  # a command, no rule of this run
}  # fmt: skip


def test_finished_project_has_nothing_to_do(finished):
    assert finished.planned() == {}


def test_comments_and_docstrings_rerun_nothing(finished):
    for path in sorted((finished.folder / "microgesture").rglob("*.py")):
        if path.name != "__init__.py":
            path.write_text("# a comment\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    for path in sorted((finished.folder / "scripts").glob("*.py")):
        path.write_text(path.read_text(encoding="utf-8") + "\n# a comment\n", encoding="utf-8")
    assert finished.planned() == {}


@pytest.mark.parametrize("file", EDITS)
def test_an_edit_reruns_exactly_its_users(finished, file):
    with (finished.folder / file).open("a", encoding="utf-8") as opened:
        opened.write("\n\nADDED = 1\n")
    assert set(finished.planned()) == EDITS[file]


def test_a_network_is_trained_anew_only_where_it_is_used(finished):
    with (finished.folder / "microgesture/models/st_gcn_pp.py").open("a") as opened:
        opened.write("\n\nADDED = 1\n")
    text = finished.snakemake("--dry-run").stdout
    # round 1 of the others learns from it, their round 0 does not
    trained = set(re.findall(r"Training (\w+), round (\d+)", text))
    assert ("joint", "0") in trained
    assert not {("heatmap", "0"), ("rgb", "0")} & trained


def edit_sheet(workspace, file, old, new):
    path = workspace.folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def first_row(workspace, split):
    lines = (workspace.folder / "demo/clips.tsv").read_text(encoding="utf-8").splitlines()
    return next(line for line in lines if line.endswith(f"\t{split}"))


def test_a_changed_label_touches_one_batch_and_no_keypoint(finished):
    row = first_row(finished, "train").split("\t")
    other = "1" if row[4] == "0" else "0"
    edit_sheet(finished, "demo/clips.tsv", "\t".join(row), "\t".join([*row[:4], other, row[5]]))
    planned = finished.planned()
    assert planned["index_videos"] == 1
    assert planned["locate_saliency"] == planned["decode_rgb"] == 1
    assert not {"extract_keypoints", "clean_keypoints"} & set(planned)
    assert "train_modality" in planned


def test_a_changed_span_touches_the_crops_of_one_batch(finished):
    row = first_row(finished, "train").split("\t")
    shorter = "\t".join([*row[:3], str(int(row[3]) - 1), *row[4:]])
    edit_sheet(finished, "demo/clips.tsv", "\t".join(row), shorter)
    planned = finished.planned()
    assert planned["locate_saliency"] == planned["decode_rgb"] == 1
    assert "extract_keypoints" not in planned


def test_another_seed_trains_again_on_the_same_data(finished):
    planned = finished.planned("--config", "seed=1")
    assert "train_modality" in planned
    assert not {"render_demo_videos", "extract_keypoints", "decode_rgb"} & set(planned)


def test_one_more_round_runs_only_that_round_and_what_follows(finished):
    planned = finished.planned("--config", "rounds=2")
    assert planned["train_modality"] == planned["select_pseudo_labels"] == 3


def with_variants(workspace, variants):
    path = workspace.folder / "config.yaml"
    head = path.read_text(encoding="utf-8").split("\nablation:")[0]
    path.write_text(
        f"{head}\nablation: {{seeds: [0], variants: {{{variants}}}}}\n", encoding="utf-8"
    )


def test_the_ablation_shares_what_does_not_change(finished):
    """Jobs of one variant with the seed of the finished run: only what its part touches."""

    def planned(part):
        with_variants(finished, f"part: {part}")
        found = finished.planned("--", "ablation")
        assert found.pop("ablation") == 1
        return found

    vote = {"fit_temperatures": 1, "combine_scores": 1}
    fused = {"train_fusion": 1, "predict_fusion": 1, **vote}
    two_taught = {"select_pseudo_labels": 2, "train_modality": 2, "predict_modality": 2}
    assert planned("{}") == {}  # the whole system itself: everything stands
    assert planned("{fit_temperatures: {weights: equal}}") == vote
    assert planned("{train_fusion: {prototype_loss: {weight: 0.0}}}") == fused
    assert planned("{rounds: 0}") == fused
    # the fusion network's parents are taught by one teacher fewer
    assert planned("{modalities: {joint: null}}") == {**two_taught, **fused}


def test_an_ablation_of_the_keypoints_is_refused(finished):
    with_variants(finished, "other: {layout: coco17}")
    found = finished.snakemake("--dry-run", "--", "ablation", check=False)
    assert found.returncode != 0
    assert "ablation: variants: other: layout is made once" in found.stdout
