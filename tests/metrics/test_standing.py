import numpy as np
import pandas as pd
import yte

from microgesture.metrics.standing import (
    apart_in_words,
    count_in_words,
    facts,
    protocol_of,
    standing,
)


def row(**changes):
    values = {"clips": 154, "missing": 22, "groups": 8, "group_kind": "subject"}
    return pd.Series({**values, "mode": "transductive", "seed": 3, "remark": ""} | changes)


def test_groups_in_words():
    assert count_in_words(8, "subject") == "8 subjects"
    assert count_in_words(1, "subject") == "1 subject"
    assert count_in_words(12, "video") == "12 videos (subjects unknown)"
    assert "some subjects unknown" in count_in_words(3, "subject and video")


def test_no_subject_in_both_is_said_only_where_it_is_known():
    splits = np.array(["train", "val", "test", "unlabelled"])
    known = ["subject a", "subject b", "subject c", "video x"]  # nobody asks about the last
    assert apart_in_words(known, splits) == "No subject stands in both training and test."
    for groups in (["video a", "subject b", "subject c"], ["video a", "video b", "video c"]):
        text = apart_in_words(groups, splits[:3])
        assert "No subject" not in text
        assert "whether a subject does is not known" in text
    shared = apart_in_words(["subject a", "subject b", "subject a"], splits[:3])
    assert shared.startswith("1 subject(s) stand on both sides")


def test_standing():
    assert standing(row()) == ("154 test clips of 8 subjects (transductive, seed 3; 22 clips lost)")
    found = standing(row(missing=0, group_kind="video", mode="inductive"))
    assert found == "154 test clips of 8 videos (subjects unknown) (inductive, seed 3)"


def test_without_pseudo_labels_a_run_is_inductive():
    assert protocol_of("transductive", 0) == "inductive"
    assert protocol_of("transductive", 2) == "transductive"


def test_pretraining_on_scored_people_is_transductive_whatever_the_rounds():
    assert protocol_of("inductive", 0, True) == "transductive (pre-training)"
    assert protocol_of("inductive", 2, True) == "transductive (pre-training)"
    assert protocol_of("transductive", 1, True) == "transductive (pre-training, pseudo-labels)"
    assert protocol_of("transductive", 0, False) == "inductive"
    for mode in ("transductive (pre-training)", "transductive (pre-training, pseudo-labels)"):
        found = facts(row(mode=mode), "", 0)["Protocol"]
        assert found.startswith(f"{mode}: networks were pre-trained on clips of scored people")
        assert f"({mode}, seed 3" in standing(row(mode=mode))


def test_facts_are_metadata_that_snakemake_takes():
    found = facts(row(remark="a remark"), "No subject stands in both.", 1)
    assert found["Lost"].startswith("22 scored clips, of 1 videos")
    assert found["Remark"] == "a remark"
    assert "Remark" not in facts(row(), "", 0)
    text = "\n".join(f"{key}: {value!r}" for key, value in found.items())
    assert yte.process_yaml(text) == found
