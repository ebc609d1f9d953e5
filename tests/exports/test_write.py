"""From the tools to sheets and back to the tools: nothing is lost, nothing moves."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from pympi.Elan import Eaf

from microgesture.exports.write import main as export
from microgesture.importers import boris, elan
from tests.exports.eaf_rules import broken_rules
from tests.importers.annotated_files import EAF, NEW_TABULAR
from tests.videos.made_videos import write_video


@pytest.fixture(scope="module")
def variable(tmp_path_factory):
    """long.mkv: 3000 frames at 10 to 70 ms, the first one late; and when each is shown."""
    folder = tmp_path_factory.mktemp("long")
    steps = np.random.default_rng(3).integers(10, 70, 3000)
    times = 900 + np.cumsum(steps)
    write_video(folder / "long.mkv", 3000, 32, 32, gop=100, times=times.tolist())
    return folder, (times - times[0]) / 1000


def annotations_of(path):
    eaf = Eaf(str(path))
    return sorted(
        (tier, start, end, value)
        for tier in eaf.get_tier_names()
        if tier.startswith("gesture")
        for start, end, value, *_ in eaf.get_annotation_data_for_tier(tier)
    )


def made_eaf(folder, length):
    """An .eaf of another library: two persons' worth of random annotations on one tier."""
    generator = np.random.default_rng(8)
    edges = np.sort(generator.choice(int(1000 * length), 400, replace=False))
    eaf = Eaf()
    eaf.remove_tier("default")
    eaf.add_linked_file("file:///x/long.mkv", "./long.mkv", "video/x-matroska")
    eaf.add_linguistic_type("g", timealignable=True)
    eaf.add_tier("gesture@anna", "g", part="anna")
    for number in range(0, 400, 2):
        name = str(generator.choice(["fold", "nod", "lean"]))
        eaf.add_annotation("gesture@anna", int(edges[number]), int(edges[number + 1]), name)
    eaf.to_file(str(folder / "long.eaf"))
    return folder / "long.eaf"


@pytest.mark.parametrize("seconds_kept", [True, False])
def test_eaf_to_sheets_to_eaf(tmp_path, variable, seconds_kept):
    folder, times = variable
    path = made_eaf(tmp_path, times[-1])
    elan.main(
        [str(path), "--videos", str(folder), "--out", str(tmp_path / "s"), "--split", "train=anna"]
    )
    if not seconds_kept:
        (tmp_path / "s/annotations.tsv").unlink()
    export([str(tmp_path / "s"), "--out", str(tmp_path / "x")])
    before, after = annotations_of(path), annotations_of(tmp_path / "x/elan/long.eaf")
    assert broken_rules(tmp_path / "x/elan/long.eaf") == []
    if seconds_kept:
        assert before == after  # every annotation, to the millisecond
    else:
        assert Counter(a[3] for a in before) == Counter(a[3] for a in after)
    elan.main(
        [
            str(tmp_path / "x/elan"),
            "--videos",
            str(folder),
            "--out",
            str(tmp_path / "s2"),
            "--split",
            "train=anna",
        ]
    )
    clips = [pd.read_csv(tmp_path / f"{s}/clips.tsv", sep="\t") for s in ("s", "s2")]
    names = [pd.read_csv(tmp_path / f"{s}/labels.tsv", sep="\t")["name"] for s in ("s", "s2")]
    rows = [
        c.assign(name=c["label"].map(n))[["start", "end", "name"]].values.tolist()
        for c, n in zip(clips, names)
    ]
    assert rows[0] == rows[1] and len(rows[0]) == 200


def test_boris_to_sheets_to_boris(tmp_path, talk):
    path = tmp_path / "new.csv"
    path.write_text(NEW_TABULAR.replace("0.200", "0.217").replace("0.650", "0.699"), newline="")
    boris.main([str(path), "--out", str(tmp_path / "s")])
    export([str(tmp_path / "s"), "--out", str(tmp_path / "x"), "--formats", "boris"])
    columns = [
        "Subject",
        "Behavior",
        "Behavioral category",
        "Modifier #1",
        "Behavior type",
        "Time",
        "Comment",
    ]
    before, after = (
        pd.read_csv(p)[columns].fillna("") for p in (path, tmp_path / "x/boris/talk.csv")
    )
    assert before.equals(after)
    boris.main([str(tmp_path / "x/boris/project.boris"), "--out", str(tmp_path / "s2")])
    assert (tmp_path / "s/clips.tsv").read_text() == (tmp_path / "s2/clips.tsv").read_text()


def test_a_corrected_clip_leaves_with_its_new_frames(tmp_path, talk):
    (tmp_path / "talk.eaf").write_text(EAF, encoding="utf-8")
    elan.main([str(tmp_path / "talk.eaf"), "--out", str(tmp_path / "s"), "--split", "train=*"])
    clips = pd.read_csv(tmp_path / "s/clips.tsv", sep="\t")
    clips.loc[1, ["start", "end", "label"]] = [20, 24, 0]  # it was fold, sure to 75 %
    clips.to_csv(tmp_path / "s/clips.tsv", sep="\t", index=False)
    labels = pd.read_csv(tmp_path / "s/labels.tsv", sep="\t")
    labels[labels["label"] == 0].to_csv(tmp_path / "s/labels.tsv", sep="\t", index=False)
    export([str(tmp_path / "s"), "--out", str(tmp_path / "x")])
    table = pd.read_csv(tmp_path / "x/segments_seconds.csv")
    assert table[["start", "end", "class"]].values.tolist() == [
        [0.2, 0.4, "scratch"],
        [0.8, 1.0, "scratch"],
    ]
    assert table["confidence"].isna().all()  # a person's own label now


def test_predicted_segments(tmp_path, talk):
    (tmp_path / "talk.eaf").write_text(EAF, encoding="utf-8")
    elan.main([str(tmp_path / "talk.eaf"), "--out", str(tmp_path / "s"), "--split", "train=*"])
    rows = {
        "video": ["talk"],
        "start": [3],
        "end": [8],
        "label": [1],
        "confidence": [0.5],
        "second": [2],
    }
    pd.DataFrame(rows).to_csv(tmp_path / "segments.tsv", sep="\t", index=False)
    export(
        [
            str(tmp_path / "s"),
            "--segments",
            str(tmp_path / "segments.tsv"),
            "--out",
            str(tmp_path / "x"),
        ]
    )
    assert annotations_of(tmp_path / "x/elan/talk.eaf") == [("gesture@anna", 120, 360, "fold")]
    assert "fold (50%)" in (tmp_path / "x/webvtt/talk.vtt").read_text()


def test_refusals(tmp_path, talk, capsys):
    (tmp_path / "talk.eaf").write_text(EAF, encoding="utf-8")
    elan.main([str(tmp_path / "talk.eaf"), "--out", str(tmp_path / "s"), "--split", "train=*"])
    segments = tmp_path / "segments.csv"
    for text, message in (
        (
            "video,start,end,label\ntalk,0,40,1\n",
            "frame 40 lies past the end of video 'talk'; its last frame is 39",
        ),
        ("", "is no table"),
        ("video,start,end,label\ntalk,0,4,9\n", "line 2: 9 is no label"),
    ):
        segments.write_text(text)
        with pytest.raises(SystemExit):
            export([str(tmp_path / "s"), "--segments", str(segments), "--out", str(tmp_path / "x")])
        assert message in capsys.readouterr().err
    with pytest.raises(SystemExit):
        export([str(tmp_path / "nowhere"), "--out", str(tmp_path / "x")])
    assert "does not exist" in capsys.readouterr().err
