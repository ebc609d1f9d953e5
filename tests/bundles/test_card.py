import pandas as pd
import pytest

from microgesture.bundles.card import model_card, trained_on

LABELS = pd.DataFrame(
    {
        "label": [0, 1],
        "name": ["touching | neck", "rubbing hands"],
        "description": ["", ""],
        "group": ["head", "hands"],
    }
)
CLIPS = pd.DataFrame(
    {
        "clip": list("abcdefg"),
        "video": ["v1", "v1", "v2", "v3", "v4", "v5", "v6"],
        "subject": ["anna", "anna", "anna", "ben", "", "cora", "dan"],
        "split": ["train", "train", "train", "train", "train", "val", "test"],
        "label": [0, 0, 1, 0, 0, 1, -1],
    }
)
VIDEOS = pd.DataFrame(
    {
        "video": ["v1", "v2", "v3", "v4", "v5", "v6"],
        "fps": [25.0, 25.0, 0.0, 29.97003, 50.0, 60.0],
        "width": [640, 640, 0, 1280, 320, 99],
        "height": [480, 480, 0, 720, 240, 99],
        "status": ["ok", "ok", "quarantined", "ok", "ok", "ok"],
    }
)
SETTINGS = {"layout": "h68", "modalities": {"joint": {"stream": "bone"}}, "extract_keypoints": {}}
SCORES = pd.DataFrame(
    {
        "modality": ["joint", "joint", "ensemble"],
        "round": ["0", "1", "final"],
        "top1": [0.1, 0.25, 0.5],
        "top1_low": [0.0, 0.2, float("nan")],
        "top1_high": [0.2, 0.3, float("nan")],
        "macro_f1": [0.1, 0.2, float("nan")],
        "ece": [0.3, 0.06, 0.04],
    }
)


def card(**changes):
    given = {
        "segmenter": False,
        "scores": None,
        "facts": None,
        "commit": "",
        "packages": {"torch": "2"},
    }
    trained = changes.pop("trained", trained_on(CLIPS, 2, VIDEOS, "inductive"))
    settings = {**SETTINGS, **changes.pop("settings", {})}
    return model_card(
        "Mine", LABELS, settings, ["joint", "fusion"], trained, **{**given, **changes}
    )


def test_what_it_was_trained_on_in_numbers():
    found = trained_on(CLIPS, 3, VIDEOS, "transductive")
    assert found == {
        "mode": "transductive",
        "counts": [4, 1, 0],
        "training": {"clips": 5, "people": "3 subjects and videos (some subjects unknown)"},
        "validation": {"clips": 1, "people": "1 subject"},
        "fps": [25.0, 29.97],
        "sizes": ["640 x 480", "1280 x 720"],
    }
    assert "anna" not in str(found) and "v1" not in str(found)


def test_without_videos_and_without_validation():
    found = trained_on(CLIPS[CLIPS["split"] == "train"], 2)
    assert found["fps"] == [] and found["sizes"] == [] and found["mode"] == ""
    assert found["validation"] == {"clips": 0, "people": "0 videos (subjects unknown)"}
    text = card(trained=found)
    assert "pixels not written down, frames a second not written down" in text
    assert "Pseudo-labels: none." in text


def test_what_the_card_says():
    text = card()
    assert text.startswith("# Mine\n")
    assert "5 labelled clips of 3 subjects and videos (some subjects unknown)" in text
    assert "| touching / neck | head | 4 |" in text and "| rubbing hands | hands | 1 |" in text
    assert "640 x 480, 1280 x 720 pixels, 25, 29.97 frames a second" in text
    assert "joint (bone), fusion (two branches)" in text
    assert "no segmenter" in text and "`segmenter/`" in card(segmenter=True)
    assert "commit not known" in text and "commit abc" in card(commit="abc")
    assert "Not scored: there was no test truth" in text
    for words in (
        "No detection of lies",
        "No decision about a person",
        "No diagnosis",
        "Age, skin",
    ):
        assert words in text
    assert "Left and right" not in text
    assert "Left and right" in card(settings={"mirror_images": False})


def test_scores_with_their_intervals():
    text = card(scores=SCORES, facts={"Scored": "9 test clips of 2 subjects"})
    assert "- Scored: 9 test clips of 2 subjects" in text
    assert "| joint | 0.250 (0.200 to 0.300) | 0.200 | not known | 0.060 |" in text
    assert "| ensemble | 0.500 | not known | not known | 0.040 |" in text
    assert "Not scored" not in text and "0.100" not in text


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"estimator": "mediapipe"}, "Keypoints: MediaPipe;"),
        ({"model": "rtmw-l"}, "mmpose's rtmw-l (downloaded once"),
        ({"checkpoint": "pose/a.safetensors"}, "in this bundle (pose/a.safetensors)"),
    ],
)
def test_where_keypoints_come_from(section, said):
    assert said in card(settings={"extract_keypoints": section})
