"""Read a bundle: a folder, or the zip of one, from anywhere; nothing in it is trusted.

    python -m microgesture.bundles.reading BUNDLE [BUNDLE ...]

says whether every byte is as it was, and what is inside.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from microgesture.bundles.archive import unpacked
from microgesture.bundles.contents import (
    FACTS,
    LAYOUT,
    MEMBERS,
    METADATA,
    POSE,
    SCORES,
    SEGMENTER,
    SETTINGS,
    VOTE,
    WEIGHTS,
    members_in,
)
from microgesture.bundles.inside import (
    check_arrays,
    check_pose_config,
    check_weights,
    read_counts,
    read_labels,
    read_member,
    read_plain_yaml,
    read_settings,
    read_vote_members,
)
from microgesture.bundles.manifest import AGAIN, check_files, digest_of, read_manifest
from microgesture.pose.layout_files import identified
from microgesture.provenance.errors import BadInput
from microgesture.provenance.packages import installed_version
from microgesture.tables.problems import nearest

CACHE = "results/state/bundles"  # where zip files are unpacked, seen from the folder of the run


class Member(NamedTuple):
    """The two files of a trained network."""

    checkpoint: Path
    metadata: Path


@dataclass(frozen=True)
class Bundle:
    """A bundle that was read and checked.

    folder: where it lies (unpacked). manifest: bundle.json (name, created, commit, packages, files,
    ...). digest: 64 hexadecimal digits for its content. labels: label (int64 0..K-1), name,
    description, group. settings: sections of the configuration, the pose model's files and the
    layout file as paths that can be opened from here. members: name -> files, those asked for, in
    the vote's order. vote: the vote's table, of all members (microgesture/bundles/voting.py reads
    it). counts: int64 (K,) training clips of every class. segmenter: its folder, None where there
    is none. scores: table of score_predictions, facts: what they stand on; None where the run had
    no test truth.
    """

    folder: Path
    manifest: dict
    digest: str
    labels: pd.DataFrame
    settings: dict
    members: dict[str, Member]
    vote: Path
    counts: np.ndarray
    segmenter: Path | None
    scores: pd.DataFrame | None
    facts: dict | None


def read_bundle(
    path: str | Path,
    members: Sequence[str] | None = None,
    *,
    layout: str | None = None,
    cache: str | Path = CACHE,
    content: bool = True,
) -> Bundle:
    """Read and check the bundle at `path`, a folder or a .zip file.

    members: names of those wanted, None = all. layout: the keypoint layout that it must be made
    for, None = any. cache: a zip file is unpacked once into a folder below it that is named by the
    file's digest. content: False compares the files' sizes alone, for a process that starts after
    another one has checked them whole.

    Raises BadInput with one clear message: no bundle, another format or a newer version, a file
    that is missing, changed, added, a link or damaged, members that it does not have, another
    layout, settings that this version does not know.
    """
    given, path = path, Path(path)
    if not path.exists():
        raise BadInput(
            f"{given}: there is no such folder or file; give the folder (or its .zip) that "
            f"`snakemake bundle` made"
        )
    folder = path if path.is_dir() else unpacked(path, cache)
    manifest = read_manifest(folder)
    check_files(folder, manifest, content)
    settings = read_settings(folder / SETTINGS)
    labels = read_labels(folder)
    opened = _opened(settings, folder, manifest["files"])
    wanted = _wanted(folder, manifest, members, len(labels))
    _check_layout(folder, settings["layout"], layout)
    names = labels["name"].tolist()
    for name in wanted:
        read_member(folder / MEMBERS / name, names, settings["layout"])
    _check_others(folder, manifest)
    files = manifest["files"]
    has_segmenter = any(name.startswith(f"{SEGMENTER}/") for name in files)
    return Bundle(
        folder=folder,
        manifest=manifest,
        digest=digest_of(manifest),
        labels=labels,
        settings=opened,
        members={
            name: Member(folder / MEMBERS / name / WEIGHTS, folder / MEMBERS / name / METADATA)
            for name in wanted
        },
        vote=folder / VOTE,
        counts=read_counts(folder, len(labels)),
        segmenter=folder / SEGMENTER if has_segmenter else None,
        scores=pd.read_csv(folder / SCORES, sep="\t") if SCORES in files else None,
        facts=read_plain_yaml(folder / FACTS) if FACTS in files else None,
    )


def other_packages(bundle: Bundle) -> list[str]:
    """Packages of another version here than where the bundle was made, in words: last digits of
    its numbers may differ."""
    made = bundle.manifest.get("packages")
    here = {name: installed_version(name) for name in made or {} if name != "python"}
    return [f"{name} {made[name]} -> {here[name]}" for name in here if here[name] != made[name]]


def _wanted(folder: Path, manifest: dict, members: Sequence[str] | None, classes: int) -> list[str]:
    """The members to read, in the vote's order. Raises BadInput for one that is not there."""
    there, voting = members_in(manifest["files"]), read_vote_members(folder / VOTE, classes)
    if sorted(voting) != there:
        raise BadInput(
            f"{folder / VOTE}: votes with {', '.join(voting)}, the bundle has "
            f"{', '.join(there) or 'no member'}; {AGAIN}"
        )
    for name in members if members is not None else ():
        if name not in there:
            similar = nearest(name, there)
            hint = f"did you mean {similar!r}? " if similar else ""
            raise BadInput(
                f"{folder}: was asked for the member {name!r}; {hint}the bundle has "
                f"{', '.join(voting)}"
            )
    if members is not None and not len(members):
        raise BadInput(f"{folder}: no member was asked for; the bundle has {', '.join(voting)}")
    return [name for name in voting if members is None or name in members]


def _check_layout(folder: Path, own: str, asked: str | None) -> None:
    """BadInput where the bundle is for another keypoint layout than the one asked for."""
    if asked is None:
        return
    named = identified(str(folder / LAYOUT)) if own == LAYOUT else own
    wanted = identified(asked)
    same = named == wanted or ("#" in wanted and named.split("#")[-1] == wanted.split("#")[-1])
    if not same:
        raise BadInput(
            f"{folder}: was made for the layout {own}, and {asked} was asked for; leave out "
            f"layout: (the bundle brings its own), or make a bundle of a run with layout: {asked}"
        )


def _check_others(folder: Path, manifest: dict) -> None:
    """The files that no member owns: pose model and segmenter."""
    for name in manifest["files"]:
        path = folder / name
        if name.startswith(f"{MEMBERS}/"):
            continue
        if path.suffix == ".safetensors":
            check_weights(path)
        elif path.suffix == ".npz":
            check_arrays(path)
        elif name.startswith(f"{POSE}/"):
            check_pose_config(path)


def _opened(settings: dict, folder: Path, files: dict) -> dict:
    """The settings with paths that can be opened. Raises BadInput for one that is not there."""
    settings = dict(settings)
    section = dict(settings.get("extract_keypoints", {}))
    for key in ("config", "checkpoint"):
        inside = section.get(key, "")
        if inside.startswith(f"{POSE}/"):
            if inside not in files:
                raise BadInput(
                    f"{folder / SETTINGS}: extract_keypoints: {key}: {inside} is not in the "
                    f"bundle; {AGAIN}"
                )
            section[key] = str(folder / inside)
    if section:
        settings["extract_keypoints"] = section
    if settings["layout"] == LAYOUT:
        if LAYOUT not in files:
            raise BadInput(f"{folder / SETTINGS}: layout: {LAYOUT} is not in the bundle; {AGAIN}")
        settings["layout"] = str(folder / LAYOUT)
    return settings


def main(arguments: list[str]) -> int:
    """Check bundles and say what they hold; 1 where one of them is not whole."""
    if not arguments:
        print(__doc__)
        return 2
    status = 0
    for path in arguments:
        try:
            bundle = read_bundle(path)
        except BadInput as error:
            print(f"error: {error}", file=sys.stderr)
            status = 1
            continue
        print(f"{path}: whole ({bundle.digest})")
        print(f"  {bundle.manifest.get('name')}, made {bundle.manifest.get('created')}")
        print(f"  {len(bundle.labels)} classes; members: {', '.join(bundle.members)}")
        print(f"  segmenter: {'yes' if bundle.segmenter else 'no'}")
        for words in other_packages(bundle):
            print(f"  other version here: {words}")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
