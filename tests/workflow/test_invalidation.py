"""Law 4: an edit runs again what it can change, never less and never more; in pairs too."""

import re
import shutil

import pytest
import yaml

from tests.workflow.conftest import Workspace, copy_project, finish, with_own_recordings
from tests.workflow.edits import EDITS, FILES, PAIRS, both, cell, configured


def rules_after(workspace, edit, *arguments):
    """The rules that run again after an edit."""
    values = edit(workspace.folder)
    if values:
        path = workspace.folder / "edit.yaml"
        path.write_text(yaml.safe_dump(values), encoding="utf-8")
        arguments = ("--configfile", "config.yaml", "edit.yaml", *arguments)
    return set(workspace.planned(*arguments))


def test_finished_project_has_nothing_to_do(finished):
    assert finished.planned() == {}


def test_there_are_enough_edits():
    assert len(EDITS) + len(FILES) >= 60


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_runs_exactly_what_it_can_change(finished, name):
    edit, expected = EDITS[name]
    assert rules_after(finished, edit) == expected


@pytest.mark.parametrize(("first", "second"), PAIRS, ids=" + ".join)
def test_a_pair_of_edits_runs_what_either_can_change(finished, first, second):
    pair = both(EDITS[first][0], EDITS[second][0])
    assert rules_after(finished, pair) == EDITS[first][1] | EDITS[second][1]


def test_comments_and_docstrings_rerun_nothing(finished):
    for path in sorted((finished.folder / "microgesture").rglob("*.py")):
        if path.name != "__init__.py":
            path.write_text("# a comment\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    for path in sorted((finished.folder / "scripts").glob("*.py")):
        path.write_text(path.read_text(encoding="utf-8") + "\n# a comment\n", encoding="utf-8")
    assert finished.planned() == {}


@pytest.fixture(scope="session")
def finished_recordings(tmp_path_factory):
    """A finished project on videos of the user's own, without pseudo-labels."""
    space = with_own_recordings(copy_project(tmp_path_factory.mktemp("recordings")))
    config = space.folder / "config.yaml"
    config.write_text(config.read_text().replace("rounds: 1", "rounds: 0"), encoding="utf-8")
    return finish(space).folder


@pytest.mark.parametrize("name", FILES)
def test_files_count_by_their_content(finished_recordings, tmp_path, name):
    folder = shutil.copytree(
        finished_recordings, tmp_path / "project", copy_function=shutil.copy2, symlinks=True
    )
    edit, expected = FILES[name]
    assert rules_after(Workspace(folder), edit) == expected


def test_a_pose_setting_and_a_train_label_run_every_batch(finished):
    values = both(EDITS["extract_keypoints"][0], EDITS["clips: label of train"][0])(finished.folder)
    (finished.folder / "edit.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")
    planned = finished.planned("--configfile", "config.yaml", "edit.yaml")
    assert planned["extract_keypoints"] == planned["clean_keypoints"] == 4


def test_a_changed_span_touches_the_crops_of_one_batch(finished):
    EDITS["clips: end"][0](finished.folder)
    planned = finished.planned()
    assert planned["locate_saliency"] == planned["decode_rgb"] == 1


@pytest.fixture(scope="session")
def finished_long_videos(tmp_path_factory):
    """A finished project with a job a video for pose and pixels, on videos of the user's own."""
    space = with_own_recordings(copy_project(tmp_path_factory.mktemp("long")))
    config = space.folder / "config.yaml"
    config.write_text(config.read_text().replace("batches: 4", "batches: 0"), encoding="utf-8")
    return finish(space).folder


# Of long videos: (edit, jobs of the stages of the data that run again).
LONG = {
    "nothing": (lambda folder: None, {}),
    "one region": (
        cell("videos", "region", "0,0,0.9,0.9", video="s01"),
        {"extract_keypoints": 1, "clean_keypoints": 1, "locate_saliency": 1, "decode_rgb": 1},
    ),
    "one replaced": (
        lambda folder: (folder / "videos" / "s01.mp4").write_bytes(b"stands for another") and None,
        {"probe_videos": 1, "extract_keypoints": 1, "clean_keypoints": 1, "locate_saliency": 1,
         "decode_rgb": 1},
    ),
    "one span": (
        cell("clips", "end", "20", split="train"), {"locate_saliency": 1, "decode_rgb": 1}
    ),
    "pictures": (configured(decode_rgb={"size": 80}), {"decode_rgb": 24}),
}  # fmt: skip
OF_DATA = ("probe_videos", "extract_keypoints", "clean_keypoints", "locate_saliency", "decode_rgb")


@pytest.mark.parametrize("name", LONG)
def test_long_videos_have_jobs_of_their_own(finished_long_videos, tmp_path, name):
    folder = shutil.copytree(
        finished_long_videos, tmp_path / "project", copy_function=shutil.copy2, symlinks=True
    )
    edit, expected = LONG[name]
    values = edit(folder)
    space = Workspace(folder)
    (folder / "edit.yaml").write_text(yaml.safe_dump(values or {}), encoding="utf-8")
    planned = space.planned("--configfile", "config.yaml", "edit.yaml")
    assert {rule: planned[rule] for rule in OF_DATA if rule in planned} == expected


def test_later_rounds_alone(finished):
    planned = finished.planned("--config", "rounds=2")
    assert planned["train_modality"] == planned["select_pseudo_labels"] == 3
    EDITS["training: pseudo_weight"][0](finished.folder)
    (finished.folder / "edit.yaml").write_text("train_modality: {pseudo_weight: 0.1}\n")
    planned = finished.planned("--configfile", "config.yaml", "edit.yaml")
    assert planned["train_modality"] == 3


def test_a_network_is_trained_anew_only_where_it_is_used(finished):
    EDITS["models"][0](finished.folder)
    text = finished.snakemake("--dry-run").stdout
    # round 1 of the others learns from it, their round 0 does not
    trained = set(re.findall(r"Training (\w+), round (\d+)", text))
    assert ("joint", "0") in trained
    assert not {("heatmap", "0"), ("rgb", "0")} & trained


def test_an_output_taken_away_is_made_again(finished):
    (finished.folder / "results/scores/classes.svg").unlink()
    assert finished.planned() == {"plot_classes": 1}
    # also beside an edit whose jobs do not concern it
    assert rules_after(finished, EDITS["figures: prototypes"][0]) == {
        "plot_classes",
        "plot_prototypes",
    }


def test_the_plan_says_what_differs(finished):
    text = finished.snakemake("--dry-run", "--config", "seed=1").stdout
    assert "train_modality joint 0 runs again: seed 0 -> 1" in text


def test_todays_ancient_edge_is_found_out(finished):
    """An edge that hides reasons: the pose stage takes its facts as ancient, whatever changed."""
    path = finished.folder / "rules" / "pose.smk"
    text = path.read_text(encoding="utf-8")
    assert 'facts=lambda w: f"results/videos/{batch_of(w.part)}.parquet"' in text
    path.write_text(
        text.replace('unpack(\n                tracked(\n                    "extract_keypoints"',
                     'unpack(\n                as_before(\n                    "extract_keypoints"'),
        encoding="utf-8",
    )  # fmt: skip
    common = finished.folder / "rules" / "common.smk"
    common.write_text(
        common.read_text(encoding="utf-8")
        + """

def as_before(rule, **files):
    def given(wildcards):
        found = {name: value(wildcards) if callable(value) else value for name, value in files.items()}
        stem = f"results/videos/{batch_of(wildcards.part)}"
        old = {"facts": ancient(f"{stem}.parquet"), "frame_indexes": ancient(f"{stem}.h5")}
        return {**found, **old}

    return given
""",
        encoding="utf-8",
    )
    pair = both(EDITS["videos: decoding"][0], EDITS["extract_keypoints"][0])
    assert "extract_keypoints" not in rules_after(finished, pair)  # stale, and nothing says so


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
    assert planned("{train_modality: {threads: 2}}") == {}
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
