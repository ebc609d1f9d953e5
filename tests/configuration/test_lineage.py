"""Which jobs two runs share, and what a signature sees, worked out by hand."""

import copy

import pandas as pd
import pytest

from microgesture.configuration.lineage import Lineage
from microgesture.configuration.lineage_data import DataLineage
from microgesture.configuration.runs import MAIN, Runs
from tests.configuration.test_runs import CONFIG, check

VIDEOS = [
    ("v1", "v1.mp4", "ann", "b0"),
    ("v2", "v2.mp4", "bob", "b1"),
    ("v3", "v3.mp4", "cay", "b0"),
]
CLIPS = [
    ("c1", "v1", "ann", 0, 9, 0, "train"),
    ("c2", "v1", "ann", 10, 19, 1, "train"),
    ("c3", "v2", "bob", 0, 9, 0, "val"),
    ("c4", "v3", "cay", 0, 9, 1, "test"),
    ("c5", "v3", "cay", 20, 29, -1, "unlabelled"),
]


def videos():
    table = pd.DataFrame(VIDEOS, columns=["video", "path", "subject", "batch"])
    return table.assign(part=table["batch"], fps=float("nan"), keypoints="", keypoints_2d="")


def clips():
    columns = ["clip", "video", "subject", "start", "end", "label", "split"]
    return pd.DataFrame(CLIPS, columns=columns)


def labels():
    return pd.DataFrame({"name": ["rest", "wave"], "group": ["", "arm"], "description": ""})


def lineage_of(runs, videos=videos, clips=clips, labels=labels, identity=str, code=None):
    code = code or (lambda rule, *models, without=(): {"code": f"{rule} {models}", "packages": {}})
    data = DataLineage(runs, videos(), clips(), identity, code)
    return Lineage(runs, data, labels(), identity, code)


@pytest.fixture
def runs():
    return Runs(CONFIG, check)


@pytest.fixture
def lineage(runs):
    return lineage_of(runs)


def test_the_main_run_is_the_first_seed_of_the_whole_system(lineage, runs):
    full = runs.name("full", 0)
    assert full == "ablation/full/0/"
    for kind in ("saliency", "rgb", "temperatures", "probabilities", "scores"):
        assert lineage.owner(full, kind) == MAIN
    assert lineage.owner(full, "checkpoint", "joint", "1") == MAIN


def test_another_seed_trains_again_on_the_same_crops(lineage, runs):
    full = runs.name("full", 1)
    assert lineage.owner(full, "saliency") == lineage.owner(full, "rgb") == MAIN
    assert lineage.owner(full, "checkpoint", "rgb", "0") == full
    assert runs.config(full)["seed"] == 1


def test_without_fusion_every_network_is_shared_and_the_vote_is_not(lineage, runs):
    name = runs.name("no_fusion", 1)
    for modality in ("joint", "rgb"):
        assert lineage.owner(name, "logits", modality, "1") == runs.name("full", 1)
    assert lineage.owner(name, "temperatures") == name
    assert runs.members(name) == [("joint", "1"), ("rgb", "1")]
    assert runs.members(MAIN)[-1] == ("fusion", "final")


def test_another_loss_trains_everything_again(lineage, runs):
    name = runs.name("no_semantic", 0)
    assert lineage.owner(name, "checkpoint", "joint", "0") == name
    assert lineage.owner(name, "checkpoint", "fusion", "final") == name  # its parents differ
    assert lineage.owner(name, "rgb") == MAIN
    assert runs.modality_settings(name, "joint")["semantic_loss"] == {"form": "none", "weight": 0.5}
    assert runs.modality_settings(name, "joint")["epochs"] == 3


def test_without_a_modality_only_its_pupils_change(lineage, runs):
    name = runs.name("no_joint", 0)
    assert lineage.owner(name, "checkpoint", "rgb", "0") == MAIN
    assert runs.teachers(name, "rgb") == []
    assert lineage.owner(name, "pseudo_labels", "rgb", "1") == name
    assert lineage.owner(name, "checkpoint", "rgb", "1") == name


def test_crops_without_a_seed_belong_to_the_first_seed(lineage, runs):
    first, second = runs.name("whole_frame", 0), runs.name("whole_frame", 1)
    assert lineage.owner(second, "saliency") == lineage.owner(first, "saliency") == first
    assert lineage.owner(second, "rgb") == first
    assert lineage.owner(second, "checkpoint", "joint", "0") == second


def test_one_more_round_shares_the_rounds_before(lineage, runs):
    name = runs.name("more_rounds", 0)
    assert lineage.owner(name, "checkpoint", "joint", "1") == MAIN
    assert lineage.owner(name, "checkpoint", "joint", "2") == name
    assert runs.rounds(name) == ["0", "1", "2"]


def test_variants_that_are_equal_share_their_vote():
    # two names for one thing: the first of them does it
    again = copy.deepcopy(CONFIG)
    again["ablation"]["variants"]["searched"] = {"fit_temperatures": {"weights": "search"}}
    runs = Runs(again, check)
    lineage = lineage_of(runs)
    assert lineage.owner(runs.name("searched", 1), "probabilities") == runs.name("equal", 1)


def more_clips():
    """Twenty labelled training clips of each class, of one person."""
    rows = [(f"t{n:02d}", "v1", "ann", n, n, n % 2, "train") for n in range(40)]
    return pd.DataFrame([*CLIPS[2:], *rows], columns=clips().columns)


def test_fewer_labels_train_again_on_the_same_crops(runs):
    lineage = lineage_of(runs, clips=more_clips)
    few, all_labels = "label_efficiency/full/10/0/", "label_efficiency/full/100/0/"
    # With all labels and the main run's seed it is the main run.
    assert lineage.owner(all_labels, "probabilities") == MAIN
    assert lineage.owner(all_labels, "checkpoint", "joint", "1") == MAIN
    other_seed = "label_efficiency/full/100/1/"
    assert lineage.owner(other_seed, "checkpoint", "joint", "0") == other_seed
    assert lineage.owner(few, "rgb") == MAIN
    assert lineage.owner(few, "checkpoint", "joint", "0") == few
    # A variant with another vote has the same networks.
    searched = "label_efficiency/searched/10/0/"
    assert lineage.owner(searched, "checkpoint", "fusion", "final") == few
    assert lineage.owner(searched, "logits", "rgb", "1") == few
    assert lineage.owner(searched, "temperatures") == searched
    index = [
        lineage.signature("index_labels", fold=fold) for fold in ("", "label_efficiency/10/0/")
    ]
    assert index[0] != index[1]


def test_fewer_labels_stay_in_training(runs):
    found = lineage_of(runs, clips=more_clips).data.clips("label_efficiency/10/1/")
    learned = found[(found["split"] == "train") & (found["label"] >= 0)]
    assert learned["label"].value_counts().to_dict() == {0: 2, 1: 2}
    assert (found["split"] == "train").sum() == 40
    assert found.set_index("clip")["label"][["c3", "c4"]].tolist() == [0, 1]


def test_a_label_of_a_share_changes_the_jobs_of_those_that_keep_it(runs):
    def signatures(label):
        def changed():
            table = more_clips()
            table.loc[table["clip"] == "t01", "label"] = label
            return table

        lineage = lineage_of(runs, clips=changed)
        names = ["label_efficiency/full/10/0/", "label_efficiency/full/10/1/", MAIN]
        kept = [lineage.data.clips(name).set_index("clip")["label"]["t01"] >= 0 for name in names]
        where = {"modality": "joint", "round": "0"}
        return kept, [lineage.signature("train_modality", name, **where) for name in names]

    kept, before = signatures(1)
    _, again = signatures(1)
    assert before == again and kept[-1]
    _, after = signatures(-1)
    assert before[-1] != after[-1]


# What one edit changes: the signatures of the edited sheets against those of the sheets.
SOME = [
    ("extract_keypoints", {"part": "b0"}),
    ("extract_keypoints", {"part": "b1"}),
    ("locate_saliency", {"batch": "b0"}),
    ("index_labels", {}),
    ("index_truth", {}),
    ("train_modality", {"modality": "joint", "round": "0"}),
    ("train_modality", {"modality": "joint", "round": "1"}),
    ("predict_modality", {"modality": "joint", "round": "0"}),
    ("fit_temperatures", {}),
    ("combine_scores", {}),
    ("score_predictions", {}),
]


def shown(rule, where):
    return " ".join([rule, *where.values()])


def changed(runs, edit_videos=lambda t: t, edit_clips=lambda t: t, edit_labels=lambda t: t):
    """What of SOME has another signature after an edit of a table."""
    before = lineage_of(runs)
    after = lineage_of(
        runs,
        lambda: edit_videos(videos()),
        lambda: edit_clips(clips()),
        lambda: edit_labels(labels()),
    )
    return {
        shown(rule, where)
        for rule, where in SOME
        if before.signature(rule, **where) != after.signature(rule, **where)
    }


def with_value(row, column, value):
    def edit(table):
        table = table.copy()
        table.loc[row, column] = value
        return table

    return edit


VOTE = {"fit_temperatures", "combine_scores", "score_predictions"}
TAUGHT = {"train_modality joint 1", *VOTE}


def test_a_test_label_reaches_scoring_alone(runs):
    found = changed(runs, edit_clips=with_value(3, "label", 0))
    assert found == {"index_truth", "score_predictions"}


def test_a_train_label_touches_no_pixel(runs):
    found = changed(runs, edit_clips=with_value(0, "label", 1))
    assert found == {
        "index_labels", "train_modality joint 0", "predict_modality joint 0", *TAUGHT
    }  # fmt: skip


def test_a_replaced_video_touches_its_batch_and_who_learns_from_it(runs):
    found = changed(runs, edit_videos=with_value(0, "path", "other.mp4"))
    assert found == {shown(*one) for one in SOME} - {
        "extract_keypoints b1", "index_truth"
    } - {"index_labels"} | {"index_labels"}  # fmt: skip


def test_a_replaced_unlabelled_video_leaves_round_0_alone(runs):
    found = changed(runs, edit_videos=with_value(2, "path", "other.mp4"))
    assert "train_modality joint 0" not in found
    assert {"extract_keypoints b0", "predict_modality joint 0", "train_modality joint 1"} <= found


def test_a_class_renamed_is_a_matter_of_tables(runs):
    found = changed(runs, edit_labels=with_value(0, "name", "still"))
    assert found == {"combine_scores", "score_predictions"}


def test_a_group_of_a_class_too(runs):
    found = changed(runs, edit_labels=with_value(0, "group", "none"))
    assert found == {"combine_scores", "score_predictions"}


def test_a_frame_rate_in_the_sheet_is_for_the_eye(runs, lineage):
    assert changed(runs, edit_videos=with_value(0, "fps", 25.0)) == set()
    other = lineage_of(runs, lambda: with_value(0, "fps", 25.0)(videos()))
    assert other.data.rates() == {"v1": 25.0} and lineage.data.rates() == {}


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        ({"train_modality": {"threads": 4, "loader_workers": 2, "cache_megabytes": 9}}, set()),
        ({"train_modality": {"batches_ahead": 2, "recompute_activations": True}}, set()),
        ({"train_modality": {"test_flip": True}}, {"predict_modality joint 0", *TAUGHT}),
        ({"train_modality": {"pseudo_weight": 0.1}}, TAUGHT),
        ({"predict_modality": {"threads": 3}}, set()),
        (
            {"train_modality": {"epochs": 4}},  # joint says its own epochs, rgb does not
            TAUGHT,
        ),
        ({"seed": 3}, {"train_modality joint 0", "predict_modality joint 0", *TAUGHT}),
        ({"fit_temperatures": {"weights": "search"}}, VOTE),
        ({"select_pseudo_labels": {"mode": "inductive"}}, TAUGHT),
    ],
    ids=lambda given: str(given) if isinstance(given, dict) else "changes",
)
def test_a_setting_changes_what_it_can_change(runs, edit, expected):
    given = copy.deepcopy(CONFIG)
    for section, values in edit.items():
        given[section] = {**given[section], **values} if isinstance(values, dict) else values
    before, after = lineage_of(runs), lineage_of(Runs(given, check))
    found = {
        shown(rule, where)
        for rule, where in SOME
        if before.signature(rule, **where) != after.signature(rule, **where)
    }
    assert found == expected


def test_a_fold_has_tables_and_networks_of_its_own():
    given = copy.deepcopy(CONFIG)
    given["protocol"] = {"folds": "leave_one_out"}
    runs = Runs(given, check)
    lineage = lineage_of(runs)
    assert runs.folds(clips()) == ["rotation/0/", "rotation/1/", "rotation/2/"]
    splits = [dict(zip("12345", lineage.data.clips(run)["split"])) for run in runs.folds(clips())]
    assert splits[0] == {"1": "test", "2": "test", "3": "val", "4": "train", "5": "unlabelled"}
    for person in ("1", "3", "4"):  # everyone is tested once, and validates once
        assert sorted(split[person] for split in splits) == ["test", "train", "val"]
    for run in runs.folds(clips()):
        assert lineage.signature("train_modality", run, modality="joint", round="0") != (
            lineage.signature("train_modality", MAIN, modality="joint", round="0")
        )
    assert lineage.owner("rotation/1/", "rgb") == MAIN  # crops are shared


def test_videos_filled_in_for_imported_skeletons_train_nothing(runs):
    def imported(table):
        return table.assign(path="", keypoints="store.h5")

    def filled(table):
        return table.assign(keypoints="store.h5")

    before, after = (
        lineage_of(runs, lambda edit=edit: edit(videos())) for edit in (imported, filled)
    )
    joint = {"modality": "joint", "round": "0"}
    for rule, where in (
        ("clean_keypoints", {"batch": "b0"}),
        ("train_modality", joint),
        ("predict_modality", joint),
    ):
        assert before.signature(rule, **where) == after.signature(rule, **where)
    # they are held against their videos all the same
    where = {"batch": "b0"}
    assert before.signature("import_keypoints", **where) != (
        after.signature("import_keypoints", **where)
    )


def test_the_inspection_sees_every_clip_every_label_and_its_own_settings_alone():
    config = copy.deepcopy(CONFIG) | {"inspect_data": {"hands": 0.5}}
    runs = Runs(config, check)
    asked = lineage_of(runs)
    before = {rule: asked.signature(rule, MAIN) for rule in ("inspect_data", "fit_temperatures")}
    config["inspect_data"]["hands"] = 0.4
    again = lineage_of(Runs(config, check))
    assert again.signature("inspect_data", MAIN) != before["inspect_data"]
    assert again.signature("fit_temperatures", MAIN) == before["fit_temperatures"]
    # a test label, which no training sees
    relabelled = lineage_of(runs, clips=lambda: clips().assign(label=[0, 1, 0, 0, -1]))
    assert relabelled.signature("inspect_data", MAIN) != before["inspect_data"]
    assert relabelled.signature("fit_temperatures", MAIN) == before["fit_temperatures"]
    # what a network's code says is no part of it
    codes = [lambda rule, *_, without=(), n=n: {"code": rule + n * ("train" in rule)} for n in "ab"]
    trained, untrained = (lineage_of(runs, code=code) for code in codes)
    parts = [each.parts("inspect_data", MAIN) for each in (trained, untrained)]
    assert parts[0] == parts[1]
