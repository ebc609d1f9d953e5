"""Which settings of `extract_keypoints` an estimator reads; needed to plan, therefore light."""

from microgesture.configuration.pose_models import IndexedModel, find_detector, find_model

# Files that only one of the estimators runs: an edit of the other's changes no number.
_CODE = {
    "mmpose": (
        "microgesture/pose/estimation.py",
        "microgesture/pose/inference.py",
        "microgesture/pose/detection.py",
        "microgesture/pose/openmmlab.py",
    ),
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
    apart = ("estimator", "mediapipe", "model", "sha256", "detector")
    own |= {key: value for key, value in section.items() if key not in apart}
    if section.get("model"):
        model = find_model(section["model"])
        own |= {"config": model.config, "checkpoint": model.checkpoint}
    if detector := chosen_detector(section):
        own["detector"] = detector
    return own


def chosen_detector(section: dict) -> dict:
    """config, checkpoint and threshold of the person detector; {} = none is asked for."""
    own = dict(section.get("detector") or {})
    if own.get("model"):
        model = find_detector(own["model"])
        own |= {"config": model.config, "checkpoint": model.checkpoint}
    if not (own.get("config") and own.get("checkpoint")):
        return {}
    return {name: own[name] for name in ("config", "checkpoint", "threshold") if name in own}


def fetched_models(section: dict) -> dict[str, tuple[IndexedModel, str | None]]:
    """File name of weights -> (model of an index, SHA-256 if the configuration gives one), for the
    models that `extract_keypoints` names."""
    if section.get("estimator", "mmpose") != "mmpose":
        return {}
    detector = section.get("detector") or {}
    models = []
    if section.get("model"):
        models.append((find_model(section["model"]), section.get("sha256")))
    if detector.get("model"):
        models.append((find_detector(detector["model"]), detector.get("sha256")))
    return {model.url.rsplit("/", 1)[-1]: (model, digits) for model, digits in models}


def code_of_others(section: dict) -> tuple[str, ...]:
    """Files of the code that the estimator chosen in `extract_keypoints` does not run."""
    chosen = section.get("estimator", "mmpose")
    return tuple(file for name, files in _CODE.items() if name != chosen for file in files)
