"""A bundle applied to other videos: a plan without a training, and a new video alone is new."""

import shutil

import pytest
import yaml

from tests.bundles.damage import seal
from tests.bundles.small_bundle import write_small_bundle
from tests.workflow.conftest import Workspace, copy_project, finish

TRAINING = {
    "train_modality", "select_pseudo_labels", "train_fusion", "fit_temperatures", "fit_segmenter",
    "predict_fusion", "combine_scores", "score_predictions", "score_segments", "train_demo_pose",
    "render_demo_videos", "index_truth", "ablation", "rotation",
}  # fmt: skip
A_VIDEO = {
    "probe_videos": 1, "extract_keypoints": 1, "clean_keypoints": 1, "store_videos": 1,
    "find_segments": 1, "predict_windows": 2, "review_segments": 1,
}  # fmt: skip
TABLES = {"summarise_segments": 1, "export_segments": 1}
SEGMENTS = "clip\tvideo\tstart\tend\na1\tann\t0\t9\nb1\tbob\t5\t30\n"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return write_small_bundle(tmp_path_factory.mktemp("bundle"))


def add_video(space: Workspace, name: str) -> None:
    """A file as far as a plan looks at it."""
    (space.folder / "videos").mkdir(exist_ok=True)
    (space.folder / "videos" / f"{name}.mp4").write_bytes(f"video {name}".encode())


def ask(space: Workspace, **section) -> Workspace:
    """Write `predict` into the folder's configuration."""
    config = yaml.safe_load((space.folder / "config.yaml").read_text(encoding="utf-8"))
    config["predict"] = {"bundle": "mine", "videos": "videos", **section}
    (space.folder / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    return space


def bring(space: Workspace, bundle) -> Workspace:
    """A project with the bundle and two videos."""
    shutil.copytree(bundle, space.folder / "mine")
    for name in ("ann", "bob"):
        add_video(space, name)
    return ask(space)


@pytest.fixture
def given(workspace, bundle):
    return bring(workspace, bundle)


@pytest.fixture(scope="module")
def predicted_project(bundle, tmp_path_factory):
    """A project in which the prediction of two videos stands."""
    return finish(bring(copy_project(tmp_path_factory.mktemp("predicted")), bundle)).folder


@pytest.fixture
def predicted(predicted_project, tmp_path):
    shutil.copytree(predicted_project, tmp_path / "project", copy_function=shutil.copy2)
    return Workspace(tmp_path / "project")


def planned(space: Workspace) -> dict[str, int]:
    jobs = space.planned("--", "predict")
    jobs.pop("predict", None)
    assert not set(jobs) & TRAINING
    return jobs


def times(count: int) -> dict[str, int]:
    return {rule: count * jobs for rule, jobs in A_VIDEO.items()}


def test_whole_videos_are_predicted_without_a_training(given):
    assert planned(given) == times(2) | TABLES


def test_given_segments_are_named_without_a_training(given):
    (given.folder / "given.tsv").write_text(SEGMENTS)
    jobs = planned(ask(given, clips="given.tsv", batches=1))
    assert jobs["predict_modality"] == 2  # the members, on stored clips
    assert jobs["vote_on_clips"] == jobs["locate_saliency"] == jobs["decode_rgb"] == 1
    assert not {"store_videos", "predict_windows", "find_segments"} & set(jobs)


def test_a_video_without_a_segment_is_left_alone(given):
    (given.folder / "given.tsv").write_text(SEGMENTS.rsplit("b1", 1)[0])
    jobs = planned(ask(given, clips="given.tsv"))
    assert jobs["extract_keypoints"] == jobs["decode_rgb"] == 1


def test_one_member_alone(given):
    without_pictures = {**times(2), "predict_windows": 2} | TABLES
    assert planned(ask(given, members=["rgb"])) == without_pictures
    del without_pictures["store_videos"]
    assert planned(ask(given, members=["joint"])) == without_pictures


def test_a_new_video_adds_its_own_jobs_and_the_tables(predicted):
    assert planned(predicted) == {}
    add_video(predicted, "cay")
    assert planned(predicted) == times(1) | TABLES


def test_another_segmenter_decodes_again_and_looks_at_nothing_again(predicted):
    path = predicted.folder / "mine" / "segmenter" / "all.json"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"threshold": 0.7', '"threshold": 0.8'), encoding="utf-8")
    assert "segmenter/all.json: was changed" in said(predicted)
    seal(predicted.folder / "mine")  # as another run would have made it
    assert planned(predicted) == {"find_segments": 2, "review_segments": 2} | TABLES


def said(space: Workspace) -> str:
    """What a plan that cannot be made says, on one line."""
    found = space.snakemake("--dry-run", "--", "predict", check=False)
    assert found.returncode and "Traceback" not in found.stdout
    return " ".join(found.stdout.split())


def test_members_without_a_segmenter_of_their_own(given, tmp_path_factory):
    shutil.rmtree(given.folder / "mine")
    other = write_small_bundle(tmp_path_factory.mktemp("other"), ("all",))
    shutil.copytree(other, given.folder / "mine")
    assert (
        "mine: has a segmenter for all members together, not for joint; ask for all (leave "
        "predict: members out)" in said(ask(given, members=["joint"]))
    )


def test_a_bundle_without_a_segmenter_still_names_given_segments(given, tmp_path_factory):
    shutil.rmtree(given.folder / "mine")
    other = write_small_bundle(tmp_path_factory.mktemp("other"), ())
    shutil.copytree(other, given.folder / "mine")
    text = said(given)
    assert "mine: holds no segmenter" in text and "predict: clips" in text
    (given.folder / "given.tsv").write_text(SEGMENTS)
    assert planned(ask(given, clips="given.tsv"))["vote_on_clips"] == 1


def test_without_a_bundle_it_is_said_what_to_write(workspace):
    found = workspace.snakemake("--dry-run", "--", "predict", check=False)
    text = " ".join(found.stdout.split())
    assert found.returncode and "predict: needs a bundle and videos" in text
    assert "--config 'predict={bundle" in text


def test_a_bundle_without_videos(given):
    text = said(ask(given, videos=None))
    assert "predict: videos: is not given; write a folder of videos" in text
