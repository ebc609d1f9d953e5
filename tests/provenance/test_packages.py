from microgesture.provenance import packages


def test_a_rule_rests_on_what_its_code_imports():
    assert "torch" in packages.numeric_packages("scripts/train_modality.py")
    posed = packages.numeric_packages("scripts/extract_keypoints.py")
    assert {"mmpose", "mmcv-lite", "mmdet", "decord", "av"} <= set(posed)
    assert packages.numeric_packages("scripts/index_truth.py") == []  # labels are no numbers


def test_what_draws_and_stores_does_not_count():
    found = packages.numeric_packages("scripts/plot_curves.py")
    assert not {"matplotlib", "pandas"} & set(found)


def test_versions_are_without_their_builds():
    assert packages.installed_version("torch").count("+") == 0
    assert packages.installed_version("no-such-package") == "none"


def test_code_left_out_takes_its_packages_along():
    everything = packages.code_and_packages("extract_keypoints")
    without = packages.code_and_packages(
        "extract_keypoints",
        without=(
            "microgesture/pose/mediapipe_estimation.py",
            "microgesture/pose/mediapipe_layout.py",
            "microgesture/pose/mediapipe_models.py",
        ),
    )
    assert "mediapipe" in everything["packages"] and "mediapipe" not in without["packages"]
    assert everything["code"] != without["code"]


def test_the_page_has_the_present_table():
    page = (packages.ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert packages.packages_table() in page, "run `python -m microgesture.provenance.packages`"
