"""The circle that people walk: a run finds segments, its review page opens in a browser, a person
corrects them, and the saved tables are the training labels of the next run.

The networks are the drill's tiny ones: what they find is of no use, so the person rejects all of it
and draws what is there. Nothing of the way is replaced by a test's own code.
"""

import zipfile

import pandas as pd
import pytest
import yaml

from microgesture.weights.checkpoints import read_metadata
from tests.review.hands import press, rows, saved, until
from tests.workflow.conftest import Workspace
from tests.workflow.drill import CONFIG, FRAMES, make_project, make_recordings

pytestmark = pytest.mark.slow
SPLITS = {"p1": "train", "p2": "train", "p3": "train", "p4": "val", "p5": "test"}
# What the person draws into every video: first frame, last frame, class. The rest is background.
SPANS = ((2, 11, 0), (18, 27, 1))


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Workspace:
    """A run up to its review page: five people in one batch, all their videos annotated."""
    recordings = tmp_path_factory.mktemp("recordings") / "videos"
    make_recordings(recordings)
    folder = make_project(tmp_path_factory.mktemp("review") / "project", recordings)
    for name in ("videos", "clips"):
        path = folder / "demo" / f"{name}.tsv"
        table = pd.read_csv(path, sep="\t", keep_default_na=False)
        table = table[table["video"].isin(SPLITS)]
        if name == "videos":
            table = table.assign(annotated="yes")
        else:  # two short clips a video, so that its second half is background
            table = table[table["start"].astype(int) < 28]
            table = table.assign(end=table["start"].astype(int) + 9)
        table.to_csv(path, sep="\t", index=False)
    config = yaml.safe_load((folder / "config.yaml").read_text())
    config |= CONFIG | {"batches": 1, "rounds": 0, "predict_windows": {"seconds": [0.8]}}
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    space = Workspace(folder)
    space.snakemake("--", "results/review/b0")
    return space


def draw(page, video: int, spans) -> None:
    """Open a video and add segments with keys alone, their ends set at the play head."""
    page.select_option("#video-select", str(video))
    page.focus("#list")
    for first, last, label in spans:
        go_to(page, first)
        press(page, "n")
        page.keyboard.type(str(label))
        press(page, "Enter")
        page.focus("#list")
        go_to(page, last)
        press(page, "o")


def go_to(page, frame: int) -> None:
    now = int(page.get_attribute("#playhead", "aria-valuenow"))
    press(page, *["ArrowRight" if frame > now else "ArrowLeft"] * abs(frame - now))
    until(page, f"Number(document.getElementById('playhead').ariaValueNow) === {frame}")


def drag_end(page, frame: float, to: float) -> None:
    """Drag the selected segment's end, which lies before `frame`, to before `to`."""
    box = page.locator("#lanes").bounding_box()
    y = box["y"] + 40 + 3 + 15
    page.mouse.move(box["x"] + box["width"] * frame / FRAMES, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * to / FRAMES, y, steps=4)
    page.mouse.up()


def test_a_corrected_page_trains_the_next_run(project, opened, tmp_path):
    page = opened(project.folder / "results/review/b0/page.html")
    page.focus("#list")
    press(page, "Home", *["r"] * len(rows(page)))  # nothing of what the tiny networks found
    page.select_option("#filter-state", "accepted")  # and nothing of it on the time line
    for video in range(len(SPLITS)):
        draw(page, video, SPANS)
    drag_end(page, 28, 30.3)  # the end of the last person's second segment, two frames later
    press(page, "l")
    page.keyboard.type("0")
    press(page, "Enter")  # relabelled, and taken back
    page.focus("#list")
    press(page, "Control+z", "Control+s")
    for number, split in enumerate(SPLITS.values()):
        page.locator("#save-videos select").nth(number).select_option(split)
        page.locator("#save-videos input").nth(number).check()
    zipfile.ZipFile(saved(page, "#save-zip", tmp_path)).extractall(project.folder / "corrected")

    clips = pd.read_csv(project.folder / "corrected/clips.tsv", sep="\t")
    found = clips[["video", "start", "end", "label", "split"]].to_numpy().tolist()
    wanted = [[name, *span, split] for name, split in SPLITS.items() for span in SPANS]
    wanted[-1][2] = 29
    assert sorted(found) == sorted(wanted)

    corrected = {"videos": "corrected/videos.tsv", "clips": "corrected/clips.tsv"}
    (project.folder / "corrected.yaml").write_text(yaml.safe_dump(corrected))
    project.snakemake(
        "--configfile", "config.yaml", "corrected.yaml",
        "--", "results/scores/scores.tsv", "results/segment_scores/scores.tsv",
    )  # fmt: skip
    predictions = pd.read_csv(project.folder / "results/ensemble/predictions.tsv", sep="\t")
    predicted = ["p4_f18_27", "p4_f2_11", "p5_f18_29", "p5_f2_11"]  # validation and test
    assert sorted(predictions["clip"]) == predicted
    for checkpoint in ("joint", "rgb"):
        facts = read_metadata(project.folder / f"results/checkpoints/{checkpoint}/0/model.json")
        assert facts["clips"] == {"labelled": 6, "pseudo_labelled": 0}
