import pandas as pd
import pytest

from microgesture.bundles.reading import read_bundle
from microgesture.provenance.errors import BadInput
from tests.bundles.made_run import ROWS, shared_run, write_segmenter


def test_a_bundle_of_a_run_with_everything(tmp_path):
    run = shared_run()
    video = {"batch": "b0", "path": "", "frames": 99, "status": "ok", "problem": ""}
    videos = [
        {**video, "video": name, "fps": 25.0, "width": 160, "height": 140} for name in "abcdef"
    ]
    pd.DataFrame(videos[:3]).to_parquet(tmp_path / "v0.parquet")
    pd.DataFrame(videos[3:]).to_parquet(tmp_path / "v1.parquet")
    (tmp_path / "facts.yaml").write_text("Seed: 0\n")
    columns = "modality\ttop1\ttop1_low\ttop1_high\n"
    (tmp_path / "scores.tsv").write_text(f"{columns}ensemble\t0.5\t0.25\t0.75\n")
    folder = run.bundle(
        tmp_path / "mine",
        segmenter=write_segmenter(tmp_path),
        scores=str(tmp_path / "scores.tsv"),
        facts=str(tmp_path / "facts.yaml"),
    )
    bundle = read_bundle(folder)
    assert bundle.scores["top1"].tolist() == [0.5] and bundle.facts == {"Seed": 0}
    assert bundle.counts.tolist() == [9, 6, 6] and bundle.segmenter is not None
    assert bundle.labels.values.tolist() == ROWS
    text = (folder / "README.md").read_text()
    assert "21 labelled clips of 3 subjects" in text and "0.500 (0.250 to 0.750)" in text
    assert "chosen and calibrated on 7 clips of 1 subject." in text
    assert "Pseudo-labels: transductive" in text


def test_no_rounds_no_pseudo_labels(tmp_path):
    run = shared_run()
    folder = run.bundle(tmp_path / "mine", settings={**run.config, "rounds": 0})
    assert "Pseudo-labels: none." in (folder / "README.md").read_text()


def test_a_run_with_other_members(tmp_path):
    run = shared_run()
    text = (run.folder / "t.tsv").read_text().replace("bone", "rgb")
    (tmp_path / "t.tsv").write_text(text)
    with pytest.raises(BadInput, match="run fit_temperatures again"):
        type(run)(**{**vars(run), "temperatures": str(tmp_path / "t.tsv")}).bundle(
            tmp_path / "mine"
        )
    assert not (tmp_path / "mine").exists()
