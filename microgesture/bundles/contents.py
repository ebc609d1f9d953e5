"""What lies in a bundle: the names of its files, and the version of this arrangement.

A bundle holds tables, settings and numbers. Nothing in it is executed when it is read: weights are
safetensors, arrays are npz without objects, a pose model's config has plain assignments only.
"""

import re

from microgesture.bundles.layout import LAYOUT as LAYOUT
from microgesture.bundles.layout import MANIFEST as MANIFEST

FORMAT = "microgesture bundle"
VERSION = 1  # another arrangement, or another meaning of a file, gets another number
CARD = "README.md"
LABELS = "labels.tsv"
SETTINGS = "settings.yaml"
VOTE = "vote.tsv"
PRIORS = "priors.tsv"
SCORES = "scores.tsv"
FACTS = "facts.yaml"
MEMBERS, POSE, SEGMENTER = "members", "pose", "segmenter"
WEIGHTS, METADATA = "model.safetensors", "model.json"
REQUIRED = (CARD, LABELS, SETTINGS, VOTE, PRIORS)

MEMBER = r"[a-z][a-z0-9_]*"
_NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]*"
_KNOWN = re.compile(
    "|".join([
        *map(re.escape, (*REQUIRED, LAYOUT, SCORES, FACTS)),
        rf"{MEMBERS}/{MEMBER}/({re.escape(WEIGHTS)}|{re.escape(METADATA)})",
        rf"{POSE}/{_NAME}\.(py|json|yaml|yml|safetensors)",
        rf"{SEGMENTER}/{_NAME}\.(npz|json|tsv|safetensors)",
    ])
)  # fmt: skip
# What file managers and Snakemake leave in a folder: nobody reads it, and it may come and go.
_LEFT_BY_OTHERS = re.compile(
    r"(.*/)?(\.snakemake_timestamp|\.DS_Store|\._[^/]*|Thumbs\.db|desktop\.ini)|__MACOSX/.*"
)


def is_known(name: str) -> bool:
    """Whether a file of this name (path below the bundle, with "/") has a meaning in a bundle."""
    return _KNOWN.fullmatch(name) is not None


def is_left_by_others(name: str) -> bool:
    """Whether a file manager or Snakemake left this file there."""
    return _LEFT_BY_OTHERS.fullmatch(name) is not None


def members_in(names) -> list[str]:
    """The members that files of these names belong to, sorted."""
    return sorted({name.split("/")[1] for name in names if name.startswith(f"{MEMBERS}/")})
