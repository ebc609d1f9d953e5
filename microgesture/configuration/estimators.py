"""Which settings of `extract_keypoints` an estimator reads; needed to plan, therefore light."""

from microgesture.configuration.pose_models import find_model

# Files that only one of the estimators runs: an edit of the other's changes no number.
_CODE = {
    "mmpose": ("microgesture/pose/estimation.py", "microgesture/pose/inference.py"),
    "mediapipe": (
        "microgesture/pose/mediapipe_estimation.py",
        "microgesture/pose/mediapipe_layout.py",
        "microgesture/pose/mediapipe_models.py",
    ),
}


def chosen_settings(section: dict) -> dict:
    """The settings that the chosen estimator reads, out of the section `extract_keypoints`.

    Settings of the other one must not rerun anything. With a model of mmpose's index (`model`) its
    config and weights take the place of `config` and `checkpoint`.
    """
    own = {"estimator": section.get("estimator", "mmpose")}
    if own["estimator"] == "mediapipe":
        return own | dict(section.get("mediapipe") or {})
    apart = ("estimator", "mediapipe", "model", "sha256")
    own |= {key: value for key, value in section.items() if key not in apart}
    if section.get("model"):
        model = find_model(section["model"])
        own |= {"config": model.config, "checkpoint": model.checkpoint}
    return own


def code_of_others(section: dict) -> tuple[str, ...]:
    """Files of the code that the estimator chosen in `extract_keypoints` does not run."""
    chosen = section.get("estimator", "mmpose")
    return tuple(file for name, files in _CODE.items() if name != chosen for file in files)
