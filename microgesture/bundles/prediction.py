"""A configuration that applies a bundle to other videos: what was learned stands, nothing else."""

from pathlib import Path

from microgesture.bundles.reading import Bundle, read_bundle
from microgesture.bundles.settings import with_bundle
from microgesture.ensembles.vote import read_vote
from microgesture.provenance.errors import BadInput

ALL = "all"  # the segmenter of all members together


def applied(given: dict, *, content: bool = True) -> tuple[dict, Bundle | None]:
    """(the configuration, the bundle that it names in `predict: bundle`, or None).

    Every section that the bundle brings is the bundle's; what is left of the configuration's own
    is where videos are, how jobs are carried out, and `predict`. `predict: extract_keypoints`
    stands above the bundle's, for keypoints by another estimator than the training had. No round,
    no variant, no fold: nothing is trained. content: see `read_bundle`. Raises BadInput.
    """
    asked = _as_written(given.get("predict") or {})
    if not asked.get("bundle"):
        return given, None
    if not asked.get("videos"):
        raise BadInput(
            "predict: videos: is not given; write a folder of videos or the path of a table of "
            "them (video, path)"
        )
    bundle = read_bundle(asked["bundle"], asked.get("members"), content=content)
    config = with_bundle(given, bundle.settings)
    config["predict"] = asked
    config |= {"rounds": 0, "ablation": {"variants": {}}, "protocol": {"folds": None}}
    config["batches"] = asked.get("batches", 0)
    config["predict_windows"] = {
        **bundle.settings.get("predict_windows", {}),
        "members": list(bundle.members),
    }
    if asked.get("extract_keypoints"):
        config["extract_keypoints"] = asked["extract_keypoints"]
    return config, bundle


def _as_written(asked: dict) -> dict:
    """On the command line every value of a mapping is a text to Snakemake: numbers and null too."""
    words = {"null": None, "": None}
    asked = {k: words.get(v, v) if isinstance(v, str) else v for k, v in asked.items()}
    if str(asked.get("batches", "")).isdigit():
        asked["batches"] = int(asked["batches"])
    return asked


def segmenter_files(bundle: Bundle) -> dict[str, str]:
    """heads and segmenter: the files that make segments of what the bundle's chosen members say.

    Raises BadInput where the bundle has none for just these members.
    """
    if bundle.segmenter is None:
        raise BadInput(
            f"{bundle.folder}: holds no segmenter, so whole videos cannot be segmented; give the "
            f"segments (predict: clips), or make the bundle of a run in which training videos are "
            f"completely annotated (column 'annotated' of the videos sheet)"
        )
    voters = voters_of(bundle)
    files = {
        "heads": bundle.segmenter / f"{voters}.npz",
        "segmenter": bundle.segmenter / f"{voters}.json",
    }
    if not all(Path(path).is_file() for path in files.values()):
        there = sorted({path.stem for path in bundle.segmenter.glob("*.json")} - {ALL})
        raise BadInput(
            f"{bundle.folder}: has a segmenter for all members together"
            f"{' and for each of ' + ', '.join(there) if there else ''}, not for "
            f"{', '.join(bundle.members)}; ask for all (leave predict: members out)"
            f"{' or for one of these' if there else ''}"
        )
    return {name: str(path) for name, path in files.items()}


def voters_of(bundle: Bundle) -> str:
    """Whose segmenter is used: that of all members, or one member's own."""
    chosen = list(bundle.members)
    if len(chosen) == 1 and read_vote(bundle.vote).members != chosen:
        return chosen[0]
    return ALL
