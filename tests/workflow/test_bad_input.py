"""What a person gets to see when something is wrong: one message, no stack trace."""

import pytest


def first_error(workspace, *arguments):
    found = workspace.snakemake("--dry-run", *arguments, check=False)
    assert found.returncode != 0
    assert "Traceback" not in found.stdout
    return found.stdout


def test_typo_in_a_config_key(workspace):
    text = first_error(workspace, "--config", "sead=1")
    assert "'sead' is no known key; did you mean 'seed'?" in text


def test_problems_of_the_sheets_come_together(workspace):
    path = workspace.folder / "demo/clips.tsv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[1] = lines[1].replace("\ttrain", "\ttset")
    lines[2] = lines[2].replace("s01\t", "s99\t")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    text = first_error(workspace)
    assert "'tset' is no split" in text
    assert "'s99' is not in the video table" in text


def test_missing_video(workspace):
    path = workspace.folder / "demo/videos.tsv"
    path.write_text(path.read_text().replace("results/demo_videos/s01", "videos/s01"))
    assert "'videos/s01.mp4' is no file" in first_error(workspace)


@pytest.mark.parametrize("content", [b"just some text, not a video\n" * 40, b""])
def test_a_file_that_is_no_video_ends_its_job_with_one_message(workspace, content):
    video = workspace.folder / "videos" / "s01.mp4"
    video.parent.mkdir()
    video.write_bytes(content)
    rows = {
        "videos": ["video\tpath\tsubject", "s01\tvideos/s01.mp4\tann"],
        "clips": ["clip\tvideo\tstart\tend\tlabel\tsplit", "c0\ts01\t0\t9\t0\ttrain"],
        "labels": ["label\tname", "0\trest"],
    }
    for name, lines in rows.items():
        text = "\n".join(lines) + "\n"
        (workspace.folder / "demo" / f"{name}.tsv").write_text(text, encoding="utf-8")
    alone = "config.yaml", "alone.yaml"
    (workspace.folder / "alone.yaml").write_text(
        "rounds: 0\ntrain_fusion: {enabled: false}\n"
        "fit_temperatures: {weights: equal, calibrate: false}\n"
    )
    target = "results/index/spans.parquet"
    found = workspace.snakemake("--configfile", *alone, "--", target, check=False)
    assert found.returncode != 0
    log = (workspace.folder / "logs/index_videos/all.log").read_text()
    assert "videos/s01.mp4" in log and "on_bad_video: quarantine" in log
    assert "Traceback" not in log
