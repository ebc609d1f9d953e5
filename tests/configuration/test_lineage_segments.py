"""What whole videos are made from: an edit of a sheet against the signatures that it changes."""

import copy

import pandas as pd
import pytest

from microgesture.bundles.contents import PRIORS
from microgesture.configuration.lineage import Lineage
from microgesture.configuration.lineage_data import DataLineage
from microgesture.configuration.runs import MAIN, Runs
from microgesture.provenance.errors import BadInput
from tests.configuration.test_runs import CONFIG, check

CONFIG = {
    **copy.deepcopy(CONFIG),
    "rounds": 0,  # pseudo-labels of a later round rest on test clips, too
    "store_videos": {"size": 128},
    "predict_windows": {
        "members": None,
        "fusion": True,
        "seconds": [1.0],
        "stride": 0.25,
        "threads": 1,
    },
    "fit_segmenter": {"decoder": "best"},
    "summarise_segments": {"stretches": 50},
    "export_segments": {"formats": ["elan"]},
    "bundle": {"title": "mine", "single_members": True},
    "predict": {"bundle": None},
    "extract_keypoints": {"estimator": "mediapipe"},
}
VIDEOS = [
    ("t1", "t1.mp4", "ann", "yes", "b0"),
    ("t2", "t2.mp4", "ann", "", "b1"),
    ("v1", "v1.mp4", "bob", "yes", "b1"),
    ("s1", "s1.mp4", "cay", "yes", "b0"),
    ("s2", "s2.mp4", "cay", "", "b1"),
]
CLIPS = [
    ("c1", "t1", "ann", 0, 9, 0, "train"),
    ("c2", "t2", "ann", 10, 19, 1, "train"),
    ("c3", "v1", "bob", 0, 9, 0, "val"),
    ("c4", "s1", "cay", 0, 9, 1, "test"),
    ("c5", "s2", "cay", 20, 29, -1, "unlabelled"),
]
JOBS = [
    ("store_videos", {"part": "b0"}),
    ("store_videos", {"part": "b1"}),
    ("predict_windows", {"member": "joint", "part": "b0"}),
    ("predict_windows", {"member": "rgb", "part": "b0"}),
    ("predict_windows", {"member": "rgb", "part": "b1"}),
    ("predict_windows", {"member": "fusion", "part": "b0"}),
    ("fit_segmenter", {"voters": "all"}),
    ("fit_segmenter", {"voters": "joint"}),
    ("find_segments", {"part": "b0"}),
    ("find_segments", {"part": "b1"}),
    ("summarise_segments", {}),
    ("export_segments", {}),
    ("score_segments", {}),
    ("plot_segments", {}),
    ("bundle", {}),
]
AFTER_SEGMENTS = {"summarise_segments", "export_segments", "score_segments", "plot_segments"}


def videos():
    table = pd.DataFrame(VIDEOS, columns=["video", "path", "subject", "annotated", "batch"])
    return table.assign(
        part=table["batch"], fps=float("nan"), keypoints="", keypoints_2d="", region=""
    )


def clips():
    columns = ["clip", "video", "subject", "start", "end", "label", "split"]
    return pd.DataFrame(CLIPS, columns=columns)


def lineage_of(videos=videos, clips=clips, config=None, identity=str, code=None, bundle=None):
    runs = Runs(config or CONFIG, check)
    code = code or (lambda rule, *models, without=(): {"code": f"{rule} {models}", "packages": {}})
    labels = pd.DataFrame({"name": ["rest", "wave"], "group": ["", "arm"], "description": "d"})
    data = DataLineage(runs, videos(), clips(), identity, code)
    return Lineage(runs, data, labels, identity, code, bundle)


def shown(rule, where):
    return " ".join([rule, *where.values()])


def changed(before=None, **edited):
    """The jobs that have another signature after an edit."""
    before, after = before or lineage_of(), lineage_of(**edited)
    return {
        shown(rule, where)
        for rule, where in JOBS
        if before.signature(rule, MAIN, **where) != after.signature(rule, MAIN, **where)
    }


def with_video(name, **columns):
    """The videos' sheet with one row changed."""

    def edited():
        table = videos()
        for column, value in columns.items():
            table.loc[table["video"] == name, column] = value
        return table

    return edited


def with_clip(name, **columns):
    def edited():
        table = clips()
        for column, value in columns.items():
            table.loc[table["clip"] == name, column] = value
        return table

    return edited


def configured(section, **changes):
    return {**CONFIG, section: {**CONFIG[section], **changes}}


def test_which_videos():
    lineage = lineage_of()
    assert lineage.segmented == ["s1", "s2", "t1", "v1"]  # t2 is not whole, and no test video
    assert lineage.learned_from == {"t1": "train", "v1": "val"}
    assert lineage.scored == ["s1"]
    assert lineage.segmented_of("b1") == ["s2", "v1"]


def test_who_looks_and_who_votes():
    lineage = lineage_of()
    assert lineage.members_of_windows() == [("joint", "0"), ("rgb", "0"), ("fusion", "final")]
    assert lineage.voters("all") == ["joint", "rgb", "fusion"] and lineage.voters("rgb") == ["rgb"]
    assert lineage.segmenters() == ["all", "joint", "rgb", "fusion"]
    without = lineage_of(config=configured("predict_windows", fusion=False))
    assert without.voters("all") == ["joint", "rgb"]
    some = lineage_of(config=configured("predict_windows", members=["joint"]))
    assert some.voters("all") == ["joint"] and some.segmenters() == ["all"]
    assert lineage_of(config=configured("bundle", single_members=False)).segmenters() == ["all"]
    assert lineage_of(with_video("t1", annotated="")).segmenters() == []
    assert [lineage.sees_pictures(name) for name in ("joint", "rgb", "fusion")] == [
        False,
        True,
        True,
    ]


def test_nothing_changed():
    assert changed() == set()


def test_another_test_label_reaches_scores_alone():
    """And the bundle, whose card tells them."""
    found = changed(clips=with_clip("c4", label=0))
    assert found == {"score_segments", "plot_segments", "bundle"}


def test_a_label_of_training_reaches_what_learns():
    found = changed(clips=with_clip("c1", label=1))
    assert not {job for job in found if job.startswith("store_videos")}
    assert {"fit_segmenter all", "fit_segmenter joint", "find_segments b1", "bundle"} <= found


def test_an_unlabelled_clip_moves_no_segment():
    found = changed(clips=with_clip("c5", end=35))
    looking = ("store_videos", "predict_windows", "fit_segmenter", "find_segments")
    assert not {job for job in found if job.split()[0] in looking}


def test_a_replaced_test_video_is_looked_at_again_and_teaches_nobody():
    """A member trains on train and val: their networks stand."""
    found = changed(identity=lambda path: path.replace("s1", "other"))
    windows = {"predict_windows joint b0", "predict_windows rgb b0", "predict_windows fusion b0"}
    assert {"store_videos b0", *windows, "find_segments b0"} <= found
    assert not {"store_videos b1", "predict_windows rgb b1", "find_segments b1"} & found
    assert not {job for job in found if job.startswith("fit_segmenter")}
    assert found >= AFTER_SEGMENTS


@pytest.mark.parametrize("mark", ["", "no"])
def test_a_video_that_is_no_more_whole_is_not_learned_from(mark):
    found = changed(videos=with_video("v1", annotated=mark))
    assert {"fit_segmenter all", "fit_segmenter joint", "find_segments b0"} <= found
    assert "predict_windows joint b0" not in found and "store_videos b0" not in found
    assert "store_videos b1" in found  # it is not segmented any more
    assert lineage_of(with_video("v1", annotated=mark)).segmented == ["s1", "s2", "t1"]


def test_a_test_video_that_is_no_more_whole_is_segmented_and_not_scored():
    found = changed(videos=with_video("s1", annotated=""))
    assert found == {"score_segments", "plot_segments"}


def test_another_rate_in_the_sheet():
    found = changed(videos=with_video("s1", fps=30.0))
    assert {"store_videos b0", "predict_windows joint b0", "find_segments b0"} <= found
    assert not {"store_videos b1", "fit_segmenter all", "bundle"} & found


def test_a_moved_video_changes_the_exports_alone():
    """They link the file; nothing else looks at where it lies."""
    moved = with_video("s1", path="elsewhere/s1.mp4")
    found = changed(videos=moved, identity=lambda path: path.rsplit("/", 1)[-1])
    assert found == {"export_segments"}


@pytest.mark.parametrize(
    ("section", "key", "value", "first", "never"),
    [
        ("store_videos", "size", 64, "predict_windows rgb b0", "predict_windows joint b0"),
        ("predict_windows", "seconds", [2.0], "predict_windows joint b0", "store_videos b0"),
        ("decode_rgb", "size", 64, "predict_windows rgb b0", "store_videos b0"),
        ("fit_segmenter", "decoder", "viterbi", "fit_segmenter joint", "predict_windows rgb b0"),
        ("summarise_segments", "stretches", 9, "summarise_segments", "find_segments b0"),
        ("export_segments", "formats", ["csv"], "export_segments", "score_segments"),
        ("bundle", "title", "yours", "bundle", "find_segments b0"),
    ],
)
def test_a_setting_reaches_what_it_can_change(section, key, value, first, never):
    found = changed(config=configured(section, **{key: value}))
    assert first in found and never not in found


def test_execution_reaches_nothing():
    assert changed(config=configured("predict_windows", threads=4)) <= {"bundle"}
    assert not changed(config=configured("predict_windows", threads=4)) & AFTER_SEGMENTS


def test_code_reaches_what_runs_it():
    def other(rule):
        return lambda name, *models, without=(): {
            "code": f"{name} {models} {'new' if name == rule else ''}", "packages": {},
        }  # fmt: skip

    def edited(rule):
        return changed(lineage_of(code=other("")), code=other(rule))

    assert edited("plot_segments") == {"plot_segments"}
    assert edited("score_segments") == {"score_segments", "plot_segments"}
    assert edited("find_segments") == {
        "find_segments b0", "find_segments b1", *AFTER_SEGMENTS,
    }  # fmt: skip


class Bundle:
    """What the lineage asks of a bundle."""

    def __init__(self, folder, members=("joint", "rgb")):
        self.folder, self.segmenter, self.vote = folder, folder / "segmenter", folder / "vote.tsv"
        self.members = {
            name: (folder / f"{name}.safetensors", folder / f"{name}.json") for name in members
        }
        self.segmenter.mkdir(exist_ok=True)
        for voters in ("all", *members):
            for ending in ("npz", "json"):
                (self.segmenter / f"{voters}.{ending}").touch()
        rows = [f"{name}\tsoft\t1\t1\t" for name in members] + ["(vote)\tsoft\t1\t\t0"]
        header = "member\tvote\ttemperature\tweight\tprior_correction"
        self.vote.write_text("\n".join([header, *rows]) + "\n")


@pytest.fixture
def bundle(tmp_path):
    return Bundle(tmp_path)


FOUND = {"find_segments b0", "find_segments b1"}


def no_clips():
    return clips().iloc[:0]


def predicting(bundle, identity=str, videos=videos, clips=no_clips):
    config = {**CONFIG, "train_fusion": {"enabled": False}, "rounds": 0}
    return lineage_of(videos, clips, config, identity, bundle=bundle)


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("joint.safetensors", {"predict_windows joint b0", *FOUND}),
        ("rgb.json", {"predict_windows rgb b0", "predict_windows rgb b1", *FOUND}),
        ("segmenter/all.npz", FOUND),
        ("segmenter/rgb.npz", set()),
        ("vote.tsv", set()),
    ],
)
def test_a_file_of_the_bundle_reaches_what_reads_it(bundle, file, expected):
    jobs = [
        (rule, where)
        for rule, where in JOBS
        if rule in ("store_videos", "find_segments")
        or (rule == "predict_windows" and where["member"] != "fusion")
    ]
    path = str(bundle.folder / file)
    before = predicting(bundle)
    after = predicting(bundle, lambda name: "another" if name == path else name)
    found = {
        shown(rule, where)
        for rule, where in jobs
        if before.signature(rule, MAIN, **where) != after.signature(rule, MAIN, **where)
    }
    assert found == expected


def test_the_vote_on_given_segments(bundle):
    def signature(identity=str):
        return predicting(bundle, identity, clips=clips).signature("vote_on_clips", MAIN)

    for name in ("vote.tsv", PRIORS, "joint.json"):
        path = str(bundle.folder / name)
        assert signature(lambda own, path=path: "x" if own == path else own) != signature()
    path = str(bundle.segmenter / "all.json")
    assert signature(lambda own: "x" if own == path else own) == signature()


def test_a_bundle_without_a_segmenter_is_told(bundle):
    bundle.segmenter = None
    with pytest.raises(BadInput, match="holds no segmenter"):
        predicting(bundle).signature("find_segments", MAIN, part="b0")
