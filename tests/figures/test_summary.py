import pandas as pd

from microgesture.figures.summary import summarise


def test_the_last_lines_say_what_the_scores_stand_on(tmp_path):
    (tmp_path / "scores").mkdir()
    about = {"clips": 40, "missing": 2, "groups": 5, "group_kind": "video", "mode": "inductive"}
    pd.DataFrame([{"system": "ensemble", "top1": 0.5, "seed": 4, **about}]).to_csv(
        tmp_path / "scores" / "scores.tsv", sep="\t", index=False
    )
    text = summarise(tmp_path)
    expected = "40 test clips of 5 videos (subjects unknown) (inductive, seed 4; 2 clips lost)"
    assert expected in text
    assert "subject" not in text.replace("(subjects unknown)", "")
